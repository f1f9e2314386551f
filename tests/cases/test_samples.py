"""样表 on the pages of officials: offered for the papers of an item, as to the firm itself."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cases import samples
from cases.models import Evidence
from tests.cases.lists import sign_in
from tests.cases.standing import LEAD, rectifying
from tests.world import World
from workflows.packs import SHIPPED, parse_pack, shipped_text


@pytest.mark.parametrize("key", sorted(file.stem for file in SHIPPED.glob("*.yaml")))
def test_every_criterion_has_a_sample(key: str) -> None:
    for plan in parse_pack(shipped_text(key), key).evidence:
        assert samples.for_papers([one.key for one in plan.papers]), (key, plan.criterion)


def test_it_is_offered_where_papers_are_handed_in(world: World) -> None:
    case = rectifying(world)
    lead = sign_in(world, LEAD)
    html = lead.get(reverse("evidence_add", args=[case.pk])).content.decode()
    assert reverse("firm_sample", args=[case.enterprise_id, "roster", "docx"]) in html
    assert not Evidence.objects.exists()
