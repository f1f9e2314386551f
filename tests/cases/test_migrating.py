"""Open cases under another version: by a stage map, trees whole, statements fixed in number."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import engine, wording
from cases.actions import endings, filling, migrating, remedies, stages
from cases.actions.migrating import Migration
from cases.errors import Refused
from cases.models import Case, CaseEvent, PendingEvent, RungFired, WorkItem
from cases.sheet import load
from cases.sweeps import sweep
from cases.views.case_parts import stepper
from enterprises.models import Enterprise
from tests.world import START, SYSTEM, World, at, closing_form, matching_form
from workflows.issuing import issue_pack
from workflows.models import ProgrammeVersion
from workflows.packs import shipped_text

TEXT = shipped_text("luoyang-2022")
LATER = date(2022, 3, 8)


def changed(*pairs: tuple[str, str], text: str = TEXT) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


# 对接 is called 洽谈 and has another key; the survey has 12 days
RENAMED = changed(
    ("to: matching,", "to: talks,"),
    (
        "- key: matching # 001-23\n        title: 对接 | Matching",
        "- key: talks\n        title: 洽谈 | Talks",
    ),
    (
        "{within: 15 working_days} # inferred\n        form",
        "{within: 12 working_days}\n        form",
    ),
)


def issue(text: str) -> ProgrammeVersion:
    return issue_pack(text, by=SYSTEM, at=at(LATER))


def migrate(world: World, **options: Any) -> Migration:
    asked: dict[str, Any] = {"from_number": 1, "to_number": 2, "by": world.office, "at": at(LATER)}
    return migrating.migrate(world.programme, **(asked | options))


def firms(world: World, count: int) -> list[Enterprise]:
    found = [world.firm(f"洛阳示例{n}厂") for n in range(count)]
    world.open()
    return found


def newest(case: Case, verb: str = "migrate") -> CaseEvent:
    return CaseEvent.objects.filter(case=case, verb=verb).order_by("-id")[0]


def test_running_cases_keep_their_version_and_new_ones_take_the_new(world: World) -> None:
    """A case opened under v1 goes through v1's stages to its end after v2 was issued."""
    firm = world.firm("洛阳甲厂")
    world.open()
    version = issue(RENAMED)
    case = world.survey(world.case(firm), regular := "B", institution="regular", staff="regular")
    assert (case.pack_version.number, case.stage, case.grade) == (1, "matching", regular)
    assert world.item(case).due_on == date(2022, 3, 29)
    worker = world.actor("涧西区/county_worker")
    stages.advance(case.pk, by=worker, at=at(START, 14), form=matching_form())
    for criterion in ("institution", "staff", "spending", "cooperation"):
        world.prove(case, criterion)
    stages.apply_for_closure(case.pk, by=worker, at=at(LATER), form=closing_form(START))
    stages.advance(case.pk, by=world.actor("涧西区/county_lead"), at=at(LATER, 10))
    done = stages.close(case.pk, by=world.office, at=at(LATER, 11))
    assert (done.stage, done.pack_version.number) == ("closed", 1)
    assert {c.pack_version_id for c in Case.objects.filter(parent=case)} == {done.pack_version_id}
    later = world.firm("洛阳乙厂")
    world.open(LATER)
    fresh = world.case(later)
    assert fresh.pack_version == version
    assert world.survey(fresh, on=LATER).stage == "talks"


def test_a_stage_without_a_counterpart_is_refused_and_nothing_moves(world: World) -> None:
    one, two = firms(world, 2)
    world.survey(world.case(one))
    issue(RENAMED)
    found = migrate(world)
    assert [(kept.case.enterprise, kept.code) for kept in found.kept] == [(one, "no_map")]
    assert "对接" in found.kept[0].words
    assert not found.is_done
    assert set(Case.objects.values_list("pack_version__number", flat=True)) == {1}
    # the other one moves when somebody says so
    found = migrate(world, leave=True)
    assert (found.is_done, found.moved, len(found.kept)) == (True, 1, 1)
    assert world.case(two).pack_version.number == 2
    assert world.case(one).pack_version.number == 1


def test_what_a_case_has_behind_it_stands_on_its_page_under_the_new_names(world: World) -> None:
    [firm] = firms(world, 1)
    case = world.survey(world.case(firm))
    worker = world.actor("涧西区/county_worker")
    stages.advance(case.pk, by=worker, at=at(START, 12), form=matching_form())
    issue(RENAMED)
    assert migrate(world, stages={"matching": "talks"}).moved == 1
    steps = {step["name"]: step["state"] for step in stepper(load(world.case(firm), LATER))}
    assert steps["对接"] == "done"


def test_a_tree_goes_on_with_its_clock_under_the_map(world: World) -> None:
    [firm] = firms(world, 1)
    case = world.survey(world.case(firm))
    remedies.spawn(
        case.pk, criterion="cooperation", by=world.actor("涧西区/county_lead"), at=at(START, 15)
    )
    before = world.item(case)
    issue(RENAMED)
    found = migrate(world, stages={"matching": "talks"})
    assert (found.moved, found.children, found.redated, found.kept) == (1, 4, 0, [])
    case.refresh_from_db()
    assert (case.stage, case.pack_version.number) == ("talks", 2)
    item = world.item(case)
    assert (item.pk, item.stage) == (before.pk, "talks")
    kept = ("due_on", "started_on", "deadline_version", "post_id", "unit_id", "phrase", "budget")
    assert [getattr(item, name) for name in kept] == [getattr(before, name) for name in kept]
    assert item.next_check_at == before.next_check_at
    everyone = Case.objects.all()
    assert set(everyone.values_list("pack_version__number", flat=True)) == {2}
    events = CaseEvent.objects.filter(verb="migrate")
    assert events.count() == PendingEvent.objects.filter(event__verb="migrate").count() == 5
    # the case goes on by the new version's moves
    worker = world.actor("涧西区/county_worker", LATER)
    done = stages.advance(case.pk, by=worker, at=at(LATER, 10), form=matching_form(LATER))
    assert done.stage == "rectification"


def test_history_is_told_in_the_words_of_its_time(world: World) -> None:
    [firm] = firms(world, 1)
    case = world.survey(world.case(firm))
    issue(RENAMED)
    migrate(world, stages={"matching": "talks"})
    assert wording.words_of(newest(case)) == "方案由第1版迁移至第2版，环节“对接”改为“洽谈”"
    assert wording.words_of(newest(case, "advance")) == "完成摸底，转入对接"


def test_dates_are_computed_by_the_new_limits_on_demand(world: World) -> None:
    one, two = firms(world, 2)
    stages.acknowledge(world.case(one).pk, by=world.actor("涧西区/county_worker"), at=at(START))
    assert world.item(world.case(one)).due_on == date(2022, 3, 23)
    issue(RENAMED)
    found = migrate(world, recompute=True, stages={"matching": "talks"})
    assert (found.moved, found.redated) == (2, 1)
    item = world.item(world.case(one))
    assert (item.due_on, item.budget, item.deadline_version) == (date(2022, 3, 18), 13, 2)
    assert item.phrase == "within: 12 working_days, not_before: 2022-03-18"
    data = newest(world.case(one)).data
    assert (data["old_due"], data["new_due"]) == ("2022-03-23", "2022-03-18")
    assert "时限为3月18日" in wording.words_of(newest(world.case(one)))
    assert "new_due" not in newest(world.case(two)).data


def test_a_dry_run_leaves_no_trace(world: World) -> None:
    firms(world, 1)
    issue(RENAMED)
    found = migrate(world, dry_run=True, recompute=True)
    assert (found.moved, found.is_done) == (1, False)
    assert found.stages == {("assistance", "assigned", "assigned"): 1}
    assert set(Case.objects.values_list("pack_version__number", flat=True)) == {1}
    assert not CaseEvent.objects.filter(verb="migrate").exists()


WITHOUT_STAFF = changed(
    ("  - {key: staff, label: 研发人员 | R&D staff, fact: has_staff}\n", ""),
    ("closes_when: {all: [institution, staff, ", "closes_when: {all: [institution, "),
)


def without_staff() -> str:
    """The have, its evidence and its limits taken out."""
    start = WITHOUT_STAFF.index("  - criterion: staff")
    end = WITHOUT_STAFF.index("  - criterion: spending")
    lines = (WITHOUT_STAFF[:start] + WITHOUT_STAFF[end:]).splitlines(keepends=True)
    return "".join(line for line in lines if "{have: staff," not in line)


def test_a_criterion_that_papers_prove_may_not_disappear(world: World) -> None:
    one, two = firms(world, 2)
    world.survey(world.case(one))  # has a remedy for the staff
    issue(without_staff())
    found = migrate(world, leave=True)
    assert [(kept.case.enterprise, kept.code) for kept in found.kept] == [(one, "no_criterion")]
    assert "研发人员" in found.kept[0].words
    assert world.case(two).pack_version.number == 2


def test_a_form_that_is_half_filled_and_changes_is_finished_first(world: World) -> None:
    one, two = firms(world, 2)
    for firm in (one, two):
        case = world.case(firm)
        worker = world.actor("涧西区/county_worker")
        stages.acknowledge(case.pk, by=worker, at=at(START))
    filling.save_draft(
        world.case(one).pk, form="survey", data={"visitors": "周示例"}, by=worker, at=at(START, 10)
    )
    issue(changed(("label: 企业参加人 | Met at the firm", "label: 企业参加人员 | Met at the firm")))
    found = migrate(world, leave=True)
    assert [(kept.case.enterprise, kept.code) for kept in found.kept] == [(one, "half_filled")]
    assert world.case(two).pack_version.number == 2
    # a draft of a form that stays as it is moves along
    issue(changed(("city_target: 50", "city_target: 51")))
    assert migrate(world, to_number=3).moved == 1
    assert world.case(one).forms.get().is_draft


def test_another_owner_takes_the_step(world: World) -> None:
    [firm] = firms(world, 1)
    case = world.survey(world.case(firm))
    stage = "phase: matching\n        owner: "
    issue(changed((f"{stage}county #", f"{stage}department #")))
    migrate(world)
    item = world.item(case)
    assert item.unit == world.units["市工信局"]


def test_new_criteria_tell_anew_what_is_missing(world: World) -> None:
    [firm] = firms(world, 1)
    case = world.survey(world.case(firm))
    world.prove(case, "institution")
    old = "closes_when: {all: [institution, staff, spending, cooperation]}"
    issue(changed((old, "closes_when: {any: [institution, staff]}")))
    migrate(world)
    case.refresh_from_db()
    assert (case.lacking, case.lacking_count) == ([], 0)


def test_a_rung_that_spoke_does_not_speak_again(world: World) -> None:
    [firm] = firms(world, 1)
    case = world.survey(world.case(firm))
    late = date(2022, 4, 8)
    sweep(at(late))
    spoken = RungFired.objects.count()
    assert spoken
    issue(RENAMED)
    migrate(world, stages={"matching": "talks"}, at=at(late, 10))
    sweep(at(late, 11))
    assert RungFired.objects.count() == spoken
    assert world.item(case).next_check_at is not None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"to_number": 9}, "no_version"),
        ({"to_number": 1}, "same_version"),
        ({"stages": {"matching": "nowhere"}}, "bad_map"),
        ({"stages": {"nowhere": "talks"}}, "bad_map"),
        ({"stages": {"remedy.matching": "talks"}}, "bad_map"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, options: Any, code: str) -> None:
    issue(RENAMED)
    with pytest.raises(Refused) as caught:
        migrate(world, **options)
    assert caught.value.code == code


@pytest.mark.parametrize("who", ["涧西区/county_lead", "leader", "市住建局/department_lead"])
def test_only_the_office_migrates(world: World, who: str) -> None:
    issue(RENAMED)
    with pytest.raises(Refused) as caught:
        migrate(world, by=world.actor(who))
    assert caught.value.code == "not_yours"


def test_a_fixed_number_of_statements(world: World) -> None:
    """Two trees or twelve: as many statements."""
    seen = []
    issue(RENAMED)
    for wave, count in enumerate((2, 12)):
        for n in range(count):
            firm = world.firm(f"洛阳{wave}-{n}厂")
        world.open()
        version = ProgrammeVersion.objects.get(number=1)
        Case.objects.filter(pack_version__number=2).update(pack_version=version)
        world.survey(world.case(firm), on=START)
        with CaptureQueriesContext(connection) as statements:
            found = migrate(world, stages={"matching": "talks"})
        assert found.is_done
        seen.append(len(statements))
        back = migrate(world, from_number=2, to_number=1, stages={"talks": "matching"})
        assert back.moved == found.moved
        Case.objects.all().update(pack_version=version)
    assert seen[0] == seen[1] <= 20
    assert WorkItem.objects.filter(finished=None, stage="talks").count() == 0


def test_a_case_that_ended_meanwhile_stays_where_it_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was open when the list was made, and withdrawn before its lock was ours."""
    one, two = firms(world, 2)
    issue(RENAMED)
    lock = engine.lock_trees

    def late(*args: Any, **options: Any) -> Any:
        monkeypatch.undo()
        endings.withdraw(world.case(one).pk, by=SYSTEM, at=at(LATER), reason="重复建档")
        return lock(*args, **options)

    monkeypatch.setattr(engine, "lock_trees", late)
    assert migrate(world).moved == 1
    assert world.case(one).pack_version.number == 1
    assert world.case(two).pack_version.number == 2
