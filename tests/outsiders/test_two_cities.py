"""A firm on the registers of two cities: neither city reads what the other does about it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cases.actions import asking, people
from cases.meanwhile import Basis, Changed, check
from cases.models import Case, Visit
from enterprises.models import Enterprise
from organisations.models import Region
from tests.outsiders.cast import CLERK, FAR_LEAD, FAR_OFFICE, FIRM, LEAD, WORKER
from tests.outsiders.doors import DOORS
from tests.outsiders.place import Place
from tests.outsiders.test_addresses import URLS, _args, doors
from tests.outsiders.test_another_firm import said
from tests.world import START, at

SECRET = "只对洛阳说的话"


@pytest.fixture
def firm(place: Place) -> Enterprise:
    """Of both; everything that was said about it in the first says so in one word."""
    found = Enterprise.objects.get(name=FIRM)
    far = Region.objects.get(name="晋城市")
    own = found.memberships.get()
    own.pk, own.city, own.county, own.township = None, far, Region.objects.get(parent=far), None
    own.save()
    clerk, question = place.world.actor(CLERK), place.names["question"]
    asking.answer(question, text=SECRET, by=place.world.actor(WORKER), at=at(START, 16))
    asking.ask(found.pk, text=SECRET, by=clerk, at=at(START, 16))
    # why a firm is not satisfied at all is read by nobody but the office
    asking.rate(found.pk, satisfied="partly", text=SECRET, by=clerk, at=at(START, 16))
    Visit.objects.update(found=SECRET)
    Case.objects.filter(enterprise=found).exclude(title="").update(title=SECRET)
    return found


@pytest.mark.parametrize("who", [FAR_OFFICE, FAR_LEAD])
def test_no_page_of_the_firm_tells_the_other_city(place: Place, firm: Enterprise, who: str) -> None:
    """Its own people read it; the other city opens the same pages and finds none of it."""
    own = place.enter(LEAD).get(reverse("firm_talk", args=[firm.pk]))
    assert own.content.decode().count(SECRET) >= 3
    client, wrong, opened = place.enter(who), [], 0
    for name in sorted(set(URLS) & DOORS.keys()):
        for door in doors(name):
            if "firm" not in door.args:
                continue
            address = reverse(name, args=_args(name, door, place.names))
            answer = client.get(address)
            opened += answer.status_code == 200
            if SECRET.encode() in said(answer):
                wrong.append(address)
    assert not wrong
    assert opened >= 3


def test_a_visit_of_the_other_city_hears_nothing(place: Place, firm: Enterprise) -> None:
    """Whoever sends a form is told what changed meanwhile, in his own city."""
    ids = list(Case.objects.filter(enterprise=firm).values_list("pk", flat=True))
    people.decline(place.case.pk, by=place.world.actor(WORKER), at=at(START, 16), reason=SECRET)
    with pytest.raises(Changed) as told:
        check(firm, Basis(0, 0), ids, START, place.world.actor(LEAD))
    assert len(told.value.changes) > 1
    check(firm, Basis(0, 0), ids, START, place.world.actor(FAR_LEAD))
