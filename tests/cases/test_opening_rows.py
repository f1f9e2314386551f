"""建档交办 pours rows of a few shapes; what it leaves is what plain ORM would, firm by firm."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from cases import births, engine
from cases.actions import opening, stock
from cases.actions.placing import PLACE
from cases.desks import Desks
from cases.engine import Step
from cases.models import Case, CaseEvent, Counter, PendingEvent, ProgrammeFirm, WorkItem
from cases.pouring import pour_rows, shape_of, take_keys
from cases.rulebook import BY_HAND, procedure_of
from cases.statements import take_numbers
from cases.steps import open_step
from enterprises.facts import newest_facts
from enterprises.models import Enterprise, Membership, Pairing
from organisations.days import day_of
from organisations.models import Region, Unit
from tests.world import START, World, at

STATE = "国有独资公司"
# keys of the database and its clock; everything else is compared
SKIP = {"id", "recorded_at", "process_id", "case_id", "item_id", "event_id"}
MODELS = (ProgrammeFirm, Case, WorkItem, CaseEvent)


def a_city_of_every_kind(world: World) -> None:
    """Firms that differ in whatever opening looks at."""
    for number, name in enumerate(("涧西区", "嵩县", "新安县") * 4):
        kinds: dict[str, Any] = {"industry": ("3411", "3021", "4411")[number % 3]}
        if number % 4 == 3:
            kinds["ownership"] = STATE
        firm = world.firm(f"洛阳示例{number}有限公司", name, **kinds)
        if number == 5:
            Enterprise.objects.filter(pk=firm.pk).update(condition=Enterprise.Condition.STOPPED)
    for number, has_all in enumerate((True, True, False)):
        world.firm(f"有研发{number}有限公司", spending=has_all)
    world.firm("未填报有限公司", facts=False)
    county = world.counties["嵩县"]
    town = Region.objects.create(
        key="洛阳市/嵩县/示例镇", name="示例镇", level=Region.Level.TOWNSHIP, parent=county
    )
    Membership.objects.filter(county=county).update(township=town)
    served = world.firm("代管有限公司", "嵩县")
    Pairing.objects.create(
        city=world.city,
        enterprise=served,
        kind=Pairing.Kind.COUNTY,
        county=world.counties["涧西区"],
        from_on=date(2022, 1, 1),
        at=at(START),
    )
    left = world.firm("退库有限公司")
    Membership.objects.filter(enterprise=left).update(left_on=date(2022, 2, 1))


def open_plainly(world: World, wave: str, most: int | None) -> None:
    """The whole of it in plain ORM, each firm by itself: slow, readable, the reference."""
    programme, moment = world.programme, at(START)
    version, on = programme.current, day_of(moment)
    pack, city = version.pack, world.city
    units = Unit.objects.filter(region__path__contains=f"/{city.pk}/")
    members = Membership.objects.on(on).filter(city=city)
    facts = newest_facts(city, as_of=on)
    left = iter(range(99 if most is None else most))
    for member in members.order_by("county__position", "enterprise__name", "id"):
        firm, fact = member.enterprise, facts.get(member.enterprise_id)
        told = {name: bool(getattr(fact, name, False)) for name in stock.FACTS}
        covered = fact is not None and pack.is_covered(told)
        row = ProgrammeFirm.objects.filter(programme=programme, enterprise=firm).first()
        has_case = Case.objects.filter(programme=programme, enterprise=firm, is_main=True).exists()
        if row is None or not (has_case or row.rule == BY_HAND):
            served = Pairing.objects.filter(enterprise=firm, kind=Pairing.Kind.COUNTY).first()
            county_id = (served and served.county_id) or member.county_id
            chosen = pack.assign(ownership=member.ownership, industry=member.industry_code)
            row = ProgrammeFirm(
                pk=row.pk if row else None,
                programme=programme,
                enterprise=firm,
                county_id=county_id,
                township_id=member.township_id if county_id == member.county_id else None,
                responsible_unit=units.get(region=county_id, kind=Unit.Kind.TASK_FORCE),
                competent_unit=units.get(region=city, short_name=chosen.unit),
                rule=chosen.rule_key,
            )
        group = units.filter(kind=Unit.Kind.LIAISON_GROUP, paired_counties=row.county_id).first()
        row.liaison_unit, row.covered = group, covered
        guide = units.filter(region=city, short_name=pack.units.guide_unit).first()
        row.guide_unit = guide if covered else None
        row.save()
        if covered or has_case or next(left, None) is None:
            continue
        stopped = firm.condition == Enterprise.Condition.STOPPED
        case = births.new_case(
            programme=programme,
            pack_version=version,
            procedure=pack.root.key,
            enterprise=firm,
            is_main=True,
            stage=pack.root.initial,
            wave=wave,
            opened_on=on,
            created=moment,
            serial=take_numbers(programme.pk, "case", 1),
            proposal="suspend" if stopped else "",
            proposal_reason=_("The register says that production has stopped.") if stopped else "",
            **{name: getattr(row, name) for name in PLACE},
        )
        item = open_step(case, case.stage, on=on, desks=Desks.for_cases([case]))
        due = item.due_on.isoformat() if item.due_on else None
        data = {"unit": item.unit_id, "due_on": due, "wave": wave, "batch": ""}
        step = Step(case, None, verb="open", next_item=item, data=data)
        event = engine.first_event(step, by=world.office, at=moment)
        case.save()
        item.process = event.case = case
        item.save()
        event.item = item
        event.save()
        PendingEvent.objects.create(event=event)


def left_behind() -> dict[str, Any]:
    """Every column of every row, in the order of the firms."""
    found: dict[str, Any] = {}
    for model in MODELS:
        link = {WorkItem: "process__enterprise", CaseEvent: "case__enterprise"}.get(model)
        rows = list(model._default_manager.order_by(link or "enterprise", "id").values())
        for row in rows:
            for name in SKIP:
                row.pop(name, None)
            if row.get("data"):
                assert len(row["data"].pop("batch")) in (0, 32)
        found[model.__name__] = rows
    items = CaseEvent.objects.order_by("case__enterprise").values_list(
        "case__enterprise", "item__process__enterprise", "pending__event__case__enterprise"
    )
    found["links"] = list(items)
    found["counter"] = list(Counter.objects.values("name", "value"))
    return found


def both_waves(world: World, *, plainly: bool) -> dict[str, Any]:
    """A first wave, what happens to a register meanwhile, and the rest; rolled back."""
    wave, point = "number=7", transaction.savepoint()
    for one in (wave, ""):
        if plainly:
            open_plainly(world, one, most=7 if one else None)
        else:
            opening.open_cases(world.programme, by=world.office, at=at(START), wave=one)
        if one:
            found = left_behind()
            rows = ProgrammeFirm.objects.filter(programme=world.programme).order_by("-enterprise")
            chosen = rows.exclude(enterprise__in=Case.objects.values("enterprise"))[0]
            ProgrammeFirm.objects.filter(pk=chosen.pk).update(
                rule=BY_HAND, competent_unit=world.units["市财政局"]
            )
            world.fact(Enterprise.objects.get(name="未填报有限公司"), has_spending=True)
            Membership.objects.update(industry_code="3021")
    found = {"first": found, "rest": left_behind()}
    transaction.savepoint_rollback(point)
    return found


def test_opening_leaves_what_plain_orm_would(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "PART", 5)  # several parts, none of them whole
    a_city_of_every_kind(world)
    plain, poured = (both_waves(world, plainly=way) for way in (True, False))
    for when in ("first", "rest"):
        for what, rows in plain[when].items():
            assert poured[when][what] == rows, (when, what)
    cases = plain["rest"]["Case"]
    assert {case["proposal"] for case in cases} == {"", "suspend"}
    assert len({case["rule"] for case in cases}) > 3
    assert {bool(case["township_id"]) for case in cases} == {True, False}
    assert {bool(case["liaison_unit_id"]) for case in cases} == {True, False}
    assert {row["covered"] for row in plain["rest"]["ProgrammeFirm"]} == {True, False}


def test_words_come_through_as_they_are(world: World) -> None:
    firms = [world.firm(f"示例{number}有限公司") for number in range(2)]
    world.open(wave="class=A")  # none of them
    rows = ProgrammeFirm.objects.all()
    owed = rows[0]
    rows.delete()
    words = "\\N\t甲\n乙\r\\.\\\\'\"𠮷%s"
    owed.rule = words
    shape = shape_of(owed, ("enterprise_id",))
    pour_rows(ProgrammeFirm, ("enterprise_id",), [((firm.pk,), shape) for firm in firms])
    assert [(row.rule, row.township) for row in rows] == [(words, None)] * 2


def test_nobody_else_is_given_the_keys_of_a_block(world: World) -> None:
    world.firm("示例一有限公司")
    cases, items = take_keys(3, Case, WorkItem)
    assert len({*cases}) == len({*items}) == 3
    world.open()
    if connection.vendor == "postgresql":  # elsewhere whoever writes is alone until he commits
        assert world.case().pk not in cases
        assert world.item(world.case()).pk not in items


def test_a_case_is_poured_at_its_first_stage_only(world: World) -> None:
    world.firm("示例一有限公司")
    world.open()
    case = world.case()
    item = world.item(case)
    case.planned = (procedure_of(case), "acknowledge", "survey")
    case.move_to("survey")
    with pytest.raises(ValueError, match="first stage"):
        births.mould(case, item, by=world.office, at=at(START), data={})


@pytest.mark.postgres
def test_what_the_database_refuses_is_told_as_ever(world: World) -> None:
    """A case of nobody: refused while the rows are poured, and nothing of them stays."""
    world.firm("示例一有限公司")
    world.open()
    case = world.case()
    mould = births.Mould(case, world.item(case), (shape_of(case, births.OF_CASE), "", ""))
    with pytest.raises(IntegrityError), transaction.atomic():
        births.pour(world.programme.pk, [(case.firm_id, mould)])
    assert Case.objects.count() == 1
