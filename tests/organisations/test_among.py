"""Among says what ``__in`` says, with one value for a list of any length."""

import pytest

from organisations.among import Among, among_those
from organisations.models import Region


@pytest.mark.django_db
def test_among_is_in() -> None:
    made = [
        Region.objects.create(key=f"示例{n}", name=f"示例{n}", level=Region.Level.CITY)
        for n in range(4)
    ]
    for keys in ([], [made[1].pk], [made[3].pk, made[0].pk, 10**12]):
        rows = Region.objects.filter(Among("id", keys)).order_by("id")
        assert list(rows) == list(Region.objects.filter(id__in=keys).order_by("id"))
    below = Region.objects.create(
        key="示例县", name="示例县", level=Region.Level.COUNTY, parent=made[2]
    )
    assert list(Region.objects.filter(Among("parent", range(10_000)), pk=below.pk)) == [below]
    chosen = Region.objects.filter(name__in=["示例1", "示例2", "示例县"]).values("pk")
    for some in (chosen.order_by("-pk")[:2], chosen, chosen.none()):
        same = Region.objects.filter(pk__in=some)
        assert set(Region.objects.filter(among_those("pk", some))) == set(same)
