"""Every kind of case of every city has its page and its form, for whoever must do it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from cases.actions import asking, plan_measures, recurring
from cases.agenda import POLICIES, area_of
from cases.models import Case, WorkItem
from enterprises.models import Clerk
from organisations.models import Tenure
from organisations.scope import actor_of
from tests.stories.town import Town, town
from tests.world import SYSTEM, at, person

STARTS = {
    "jincheng-2020": date(2020, 7, 1),
    "sanmenxia-2022": date(2022, 4, 1),
    "henan-2023": date(2023, 8, 1),
    "puyang-2019": date(2019, 4, 1),
}


def openers(city: Town) -> dict[str, str]:
    """Who opens cases by hand, by the word of the pack."""
    office = city.pack.units.office.short_name
    county = city.pack.units.county_unit.of(city.pack.counties[0].name).short_name
    department = city.pack.units.departments[0].short_name
    return {
        "office": f"{office}/office",
        "county": f"{county}/county_worker",
        "department": f"{department}/department_officer",
    }


def ask_as_the_firm(city: Town, firm: int) -> None:
    clerk = person(f"clerk-{firm}", "企业联络员")
    Clerk.objects.create(enterprise_id=firm, user=clerk, from_on=city.start)
    day = city.calendar.add(city.start, 22)
    asking.ask(
        firm, text="辅助账用哪种样式？", by=actor_of(clerk, day, frozenset([firm])), at=at(day, 10)
    )


def fill(city: Town) -> None:
    """A case of every kind that begins by plan, calendar, register or hand."""
    city.open_cases()
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(city.start))
    recurring.open_due(at(city.calendar.add(city.start, 22)))
    firm = Case.objects.filter(is_main=True).values_list("enterprise_id", flat=True)[0]
    who = openers(city)
    for procedure in city.pack.procedures.values():
        opening = procedure.opening("hand")
        if opening is None:
            continue
        if opening.by == ("firm",):
            ask_as_the_firm(city, firm)
            continue
        by = next(who[word] for word in opening.by if word in who)
        about = {"enterprise_id": firm} if procedure.about == "firm" else {}
        city.open(procedure.key, by, **about)


@pytest.mark.parametrize("key", STARTS)
def test_each_kind_has_its_page(
    key: str,
    db: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    city = town(key, STARTS[key])
    today = city.calendar.add(city.start, 23)
    monkeypatch.setattr("organisations.clock.now", lambda: at(today, 16))
    monkeypatch.setattr("organisations.clock.today", lambda: today)
    counties = [county.name for county in city.pack.counties[:2]]
    city.list_firms(tmp_path, [{"county": name} for name in counties], city.start)
    fill(city)
    seen: set[tuple[str, str]] = set()
    for item in WorkItem.objects.filter(finished=None).select_related("process", "post"):
        case = item.process
        if (case.procedure, case.stage) in seen:
            continue
        seen.add((case.procedure, case.stage))
        client = Client()
        user = Tenure.objects.get(post=item.post).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        addresses = [reverse("case", args=[case.pk])]
        if city.pack.form_for(city.pack.procedure(case.procedure).stage(case.stage)):
            addresses.append(reverse("case_form", args=[case.pk]))
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, (case.procedure, case.stage, address)
            assert case.title in answer.content.decode()
    begun = {
        procedure.key
        for procedure in city.pack.procedures.values()
        if any(opening.from_ in ("plan", "calendar", "hand") for opening in procedure.opens)
    }
    assert begun <= {procedure for procedure, _stage in seen}
    look_at_the_lists(city, django_assert_max_num_queries)


def look_at_the_lists(city: Town, at_most: Any) -> None:
    """目标, 政策找人, 提案: pages of their own where the plan has them, empty ones that say so."""
    office = f"{city.pack.units.office.short_name}/office"
    county = f"{city.pack.units.county_unit.of(city.pack.counties[0].name).short_name}"
    for who in (office, f"{county}/county_worker"):
        client = Client()
        backend = "django.contrib.auth.backends.ModelBackend"
        client.force_login(city.users[who], backend=backend)
        client.get("/measures/")
        pages = {}
        for name in ("measures", "policies", "proposals", "goals"):
            with at_most(12):
                pages[name] = client.get(reverse(name)).content.decode()
        for policy in city.pack.policies:
            assert escape(policy.title.zh) in pages["policies"]
        assert ("/policies/" in pages["measures"]) is any(
            area_of(city.pack, one) == POLICIES for one in city.pack.procedures.values()
        )
        has_proposals = "proposal" in city.pack.procedures
        assert ("/proposals/" in pages["measures"]) is has_proposals
        assert ("方案没有提案" in pages["proposals"]) is not has_proposals
        for goal in city.pack.goals:
            assert escape(goal.title.zh) in pages["goals"]
    # a province's office speaks of its cities, and of no county (000-02)
    shown = client.get("/progress/").content.decode()
    assert ("县区" in shown) is not bool(city.pack.wording)
    assert ("省辖市" in shown) is bool(city.pack.wording)
    if has_proposals:
        client.force_login(city.users[office], backend=backend)
        assert "会办单位" in client.get("/matters/open/proposal/").content.decode()
