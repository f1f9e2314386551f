"""Remedies go with their firm's case: the clock, the units, the dates; and the firm's own row."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from cases.actions import endings, opening, pauses, people, register, remedies
from cases.errors import Refused
from cases.models import Case, ProgrammeFirm, Suspension, WorkItem
from organisations.models import Region
from tests.cases.families import LEAD, WORKER, dues, group_of, plus, remedy, root
from tests.world import START, World, at

__all__ = ["root"]


def test_a_suspended_firm_rests_with_all_its_remedies(world: World, root: Case) -> None:
    lead, before, own = world.actor(LEAD), dues(root), world.item(root).due_on
    until = plus(START, 6)
    pauses.suspend(root.pk, by=lead, at=at(START, 11), until=until, reason="检修")
    items = WorkItem.objects.filter(finished=None)
    assert set(items.values_list("is_suspended", "next_check_at")) == {(True, None)}
    assert Suspension.objects.filter(resumed_on=None, until_on=until).count() == 5
    # the firm's case leads: a remedy is neither resumed nor renewed by itself
    child, noon = remedy(root).pk, at(START, 12)
    with pytest.raises(Refused) as refusal:
        pauses.resume(child, by=lead, at=noon)
    assert refusal.value.code == "parent_suspended"
    with pytest.raises(Refused) as refusal:
        pauses.suspend(child, by=lead, at=noon, until=until, reason="检修")
    assert refusal.value.code == "parent_suspended"
    pauses.resume(root.pk, by=lead, at=at(plus(START, 4)))
    assert dues(root) == {pk: plus(due, 4) for pk, due in before.items()}
    assert own is not None
    assert world.item(root).due_on == plus(own, 4)
    assert not Suspension.objects.filter(resumed_on=None).exists()


def test_a_remedy_that_rested_before_rests_on_with_its_firm(world: World, root: Case) -> None:
    lead, own = world.actor(LEAD), remedy(root)
    before = dues(root)[own.pk]
    pauses.suspend(own.pk, by=lead, at=at(START), until=plus(START, 3), reason="人员外派")
    pauses.suspend(root.pk, by=lead, at=at(START), until=plus(START, 8), reason="检修")
    assert pauses.resume_due(at=at(plus(START, 3))) == 0
    assert world.item(own).is_suspended
    assert pauses.resume_due(at=at(plus(START, 8))) == 5
    # eight days in all, not eleven
    assert dues(root)[own.pk] == plus(before, 8)


def test_the_firm_is_never_due_before_a_remedy(world: World, root: Case) -> None:
    lead, latest = world.actor(LEAD), max(dues(root).values())
    assert world.item(root).due_on == latest
    longest = next(pk for pk, due in dues(root).items() if due == latest)
    version, deadline = root.version, world.item(root).deadline_version
    pauses.suspend(longest, by=lead, at=at(START), until=plus(START, 5), reason="检修")
    pauses.resume(longest, by=lead, at=at(plus(START, 5)))
    item = world.item(root)
    assert item.due_on == dues(root)[longest] == plus(latest, 5)
    assert item.deadline_version == deadline + 1
    event = root.events.get(verb="redate")
    assert (event.data["old_due"], event.data["new_due"]) == (
        latest.isoformat(),
        item.due_on.isoformat(),
    )
    assert Case.objects.get(pk=root.pk).version == version + 1


def test_a_shorter_remedy_moves_alone(world: World, root: Case) -> None:
    lead, own, before = world.actor(LEAD), remedy(root), world.item(root).due_on
    pauses.suspend(own.pk, by=lead, at=at(START), until=plus(START, 5), reason="检修")
    pauses.resume_due(at=at(plus(START, 5)))
    assert world.item(root).due_on == before
    assert not root.events.filter(verb="redate").exists()


def test_the_sweep_resumes_what_is_due_once_and_counts_no_late_days(
    world: World, root: Case
) -> None:
    before, lead = dues(root), world.actor(LEAD)
    pauses.suspend(root.pk, by=lead, at=at(START), until=plus(START, 4), reason="检修")
    late = plus(START, 9)  # five days without a sweep
    assert pauses.resume_due(at=at(late)) == 5
    assert pauses.resume_due(at=at(late)) == 0
    assert dues(root) == {pk: plus(due, 4) for pk, due in before.items()}


def test_a_row_of_a_case_that_ended_is_ended_too(world: World, root: Case) -> None:
    lead = world.actor(LEAD)
    pauses.suspend(root.pk, by=lead, at=at(START), until=plus(START, 4), reason="检修")
    endings.withdraw(root.pk, by=world.office, at=at(START, 15), reason="误建")
    assert not Suspension.objects.filter(resumed_on=None).exists()
    assert not WorkItem.objects.filter(is_suspended=True).exists()
    # a row left over by whatever accident does not stay for ever
    Suspension.objects.filter(case=root).update(resumed_on=None)
    assert pauses.resume_due(at=at(plus(START, 4))) == 0
    assert not Suspension.objects.filter(resumed_on=None).exists()


def test_days_of_a_late_sweep_are_not_the_countys(world: World, root: Case) -> None:
    lead = world.actor(LEAD)
    pauses.suspend(root.pk, by=lead, at=at(START), until=plus(START, 5), reason="检修")
    pauses.resume_due(at=at(plus(START, 12)))
    # five of ten days are used, whatever the sweep did
    on = plus(START, 12)
    pauses.suspend(root.pk, by=lead, at=at(on), until=plus(on, 5), reason="检修")
    with pytest.raises(Refused) as refusal:
        pauses.suspend(root.pk, by=lead, at=at(on), until=plus(on, 6), reason="检修")
    assert refusal.value.code == "suspension_office"


# --- the units ------------------------------------------------------------------------------------
@dataclass
class Outcome:
    """What a register import hands on."""

    left: list[tuple[int, str]] = field(default_factory=list)
    returned_ids: list[int] = field(default_factory=list)
    moved: list[tuple[int, int, int]] = field(default_factory=list)
    stopped_ids: list[int] = field(default_factory=list)


def test_the_register_moves_a_firm_with_its_remedies(world: World, root: Case) -> None:
    group = group_of(world, "嵩县")
    assert root.enterprise_id is not None
    region = Region.objects.create(
        key="甲乡", name="甲乡", level=Region.Level.TOWNSHIP, parent=world.counties["涧西区"]
    )
    Case.objects.update(township=region)
    ProgrammeFirm.objects.update(township=region)
    covered = world.firm("洛阳示例覆盖有限公司", spending=True)
    world.open()
    moves = [
        (firm, world.counties["涧西区"].pk, world.counties["嵩县"].pk)
        for firm in (root.enterprise_id, covered.pk)
    ]
    done = register.after_register(
        Outcome(moved=moves), city=world.city, as_of=START, by=world.office, at=at(START, 15)
    )
    assert (done.delisted, done.reopened, done.moved) == (0, 0, 5)
    force = world.units["嵩县工作专班"]
    for case in Case.objects.all():
        assert (case.county.name, case.township, case.liaison_unit) == ("嵩县", None, group)
        assert world.item(case).unit == force
    for row in ProgrammeFirm.objects.all():
        assert (row.county_id, row.township, row.responsible_unit) == (
            force.region_id,
            None,
            force,
        )
        assert row.liaison_unit == group
    # the same list again moves nothing
    again = register.after_register(
        Outcome(moved=moves), city=world.city, as_of=START, by=world.office, at=at(START, 16)
    )
    assert again.moved == 0


def test_the_register_answers_a_countys_objection(world: World) -> None:
    firm = world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.case()
    people.decline(case.pk, by=world.actor(WORKER), at=at(START), reason="已迁嵩县")
    moved = [(firm.pk, world.counties["涧西区"].pk, world.counties["嵩县"].pk)]
    register.after_register(
        Outcome(moved=moved), city=world.city, as_of=START, by=world.office, at=at(START, 15)
    )
    item = world.item(case)
    assert (item.is_declined, item.unit) == (False, world.units["嵩县工作专班"])
    assert item.next_check_at is not None


# --- a remedy by hand -----------------------------------------------------------------------------
def test_a_remedy_is_added_where_a_paper_lacks(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.case()
    worker = world.actor(WORKER)
    with pytest.raises(Refused) as refusal:
        remedies.spawn(case.pk, criterion="staff", by=worker, at=at(START))
    assert refusal.value.code == "not_surveyed"
    case = world.survey(case, "B", staff="regular")
    # found in order: it needs a paper, and no remedy of its own
    assert "staff" in case.lacking
    assert not Case.objects.filter(parent=case, criterion="staff").exists()
    made = remedies.spawn(case.pk, criterion="staff", by=worker, at=at(START, 11), reason="补人")
    assert (made.criterion, made.stage, made.lacking) == ("staff", "open", ["staff"])
    with pytest.raises(Refused) as refusal:
        remedies.spawn(case.pk, criterion="staff", by=worker, at=at(START, 12))
    assert refusal.value.code == "remedy_open"
    world.prove(case, "staff")
    with pytest.raises(Refused) as refusal:
        remedies.spawn(case.pk, criterion="staff", by=worker, at=at(START, 12))
    assert refusal.value.code == "met"
    with pytest.raises(Refused) as refusal:
        remedies.spawn(made.pk, criterion="staff", by=worker, at=at(START, 12))
    assert refusal.value.code in ("not_root", "finished")


def test_a_withdrawn_remedy_starts_anew(world: World, root: Case) -> None:
    own = remedy(root)
    endings.withdraw(own.pk, by=world.office, at=at(START, 11), reason="重复")
    later = START + timedelta(days=1)
    made = remedies.spawn(root.pk, criterion="staff", by=world.actor(WORKER), at=at(later))
    assert made.pk == own.pk
    assert world.item(own).started_on == later
    assert opening.open_cases(world.programme, by=world.office, at=at(later)).opened == 0
