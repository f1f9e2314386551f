"""Remedies go with their firm's case: the clock, the units, the dates; and the firm's own row."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from cases.actions import endings, opening, pauses, people, register, remedies, stages
from cases.errors import Refused
from cases.models import Case, CaseEvent, ProgrammeFirm, Suspension, WorkItem
from cases.rulebook import BY_HAND
from cases.steps import moment_of
from organisations.models import Post, Region, Unit
from organisations.roles import Role
from tests.world import START, World, at, closing_form, matching_form
from workflows.models import load_calendar

HAVES = ("institution", "staff", "spending", "cooperation")
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


@pytest.fixture
def root(world: World) -> Case:
    """A firm's case in rectification, its four remedies open."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.survey(world.case(), "B")
    return stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())


def remedy(root: Case, criterion: str = "staff") -> Case:
    found: Case = Case.objects.get(parent=root, criterion=criterion)
    return found


def dues(root: Case) -> dict[int, date]:
    items = WorkItem.objects.filter(process__parent=root, finished=None)
    return {item.process_id: item.due_on for item in items if item.due_on}


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


# --- the clock ------------------------------------------------------------------------------------
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
def group_of(world: World, county: str) -> Unit:
    group = Unit.objects.create(
        region=world.city, name=f"包联{county}组", kind=Unit.Kind.LIAISON_GROUP
    )
    group.paired_counties.add(world.counties[county])
    Post.objects.create(unit=group, name="组员", role=Role.LIAISON_MEMBER, receives_work=True)
    return group


def test_another_county_takes_over_everything(world: World, root: Case) -> None:
    group, force = group_of(world, "嵩县"), world.units["嵩县工作专班"]
    due = {**dues(root), root.pk: world.item(root).due_on}
    people.reassign(root.pk, by=world.office, at=at(START, 15), reason="已搬迁", unit=force)
    for case in Case.objects.all():
        assert (case.county.name, case.township, case.liaison_unit) == ("嵩县", None, group)
        item = world.item(case)
        assert (item.unit, item.post.role) == (force, Role.COUNTY_WORKER)
        assert item.due_on == due[case.pk]
    row = ProgrammeFirm.objects.get()
    assert (row.county.name, row.responsible_unit, row.liaison_unit) == ("嵩县", force, group)
    # the department and the rule that chose it stay
    assert (row.competent_unit, row.rule) == (world.units["市工信局"], root.rule)
    assert not Case.objects.visible_to(world.actor(WORKER)).exists()
    assert Case.objects.visible_to(world.actor("嵩县/county_worker")).count() == 5


def test_another_department_is_a_choice_by_hand(world: World, root: Case) -> None:
    unit = world.units["市住建局"]
    item = world.item(root)
    people.reassign(root.pk, by=world.office, at=at(START, 15), reason="建材企业", unit=unit)
    assert set(Case.objects.values_list("competent_unit", "rule")) == {(unit.pk, BY_HAND)}
    row = ProgrammeFirm.objects.get()
    assert (row.competent_unit, row.rule) == (unit, BY_HAND)
    assert world.item(root).post_id == item.post_id  # the county owes the step all the same
    event = root.events.get(verb="reassign")
    assert (event.data["from_unit"], event.data["to_unit"]) == (
        world.units["市工信局"].pk,
        unit.pk,
    )
    # opening again keeps what a person chose
    world.open(plus(START, 1))
    row.refresh_from_db()
    assert (row.competent_unit, row.rule) == (unit, BY_HAND)


def test_a_handler_hands_over_what_was_his(world: World, root: Case) -> None:
    force = world.units["涧西区工作专班"]
    second = Post.objects.create(unit=force, name="第二经办人", role=Role.COUNTY_WORKER)
    third = Post.objects.create(unit=force, name="第三经办人", role=Role.COUNTY_WORKER)
    lead = world.actor(LEAD)
    people.reassign(remedy(root).pk, by=lead, at=at(START, 14), reason="分工", post=third)
    people.reassign(root.pk, by=lead, at=at(START, 15), reason="轮岗", post=second)
    posts = {case.criterion: world.item(case).post for case in Case.objects.all()}
    assert posts == dict.fromkeys(("", *HAVES), second) | {"staff": third}
    assert set(root.events.filter(verb="reassign").values_list("data__follows", flat=True)) == {
        None
    }


def test_work_goes_down_to_a_township_and_back(world: World, root: Case) -> None:
    region = Region.objects.create(
        key="甲乡", name="甲乡", level=Region.Level.TOWNSHIP, parent=world.counties["涧西区"]
    )
    unit = Unit.objects.create(region=region, name="甲乡", kind=Unit.Kind.TOWNSHIP)
    Post.objects.create(unit=unit, name="联络员", role=Role.TOWNSHIP_WORKER, receives_work=True)
    lead = world.actor(LEAD)
    people.reassign(root.pk, by=lead, at=at(START, 15), reason="就近", unit=unit)
    case = world.case()
    assert (case.township, case.responsible_unit) == (region, world.units["涧西区工作专班"])
    assert world.item(case).unit == unit
    assert ProgrammeFirm.objects.get().township == region
    back = world.units["涧西区工作专班"]
    people.reassign(root.pk, by=lead, at=at(START, 16), reason="收回", unit=back)
    assert world.item(case).unit == back


@pytest.mark.parametrize("target", ["市政府督查室", "市领导", "市专班办", "别市工作专班", "别县乡"])
def test_nobody_gets_what_he_cannot_do(world: World, root: Case, target: str) -> None:
    if target not in world.units:
        city = Region.objects.create(key="别市", name="别市", level=Region.Level.CITY)
        region = Region.objects.create(
            key="别县", name="别县", level=Region.Level.COUNTY, parent=city
        )
        kind = Unit.Kind.TASK_FORCE
        if target == "别县乡":
            county, kind = world.counties["嵩县"], Unit.Kind.TOWNSHIP
            region = Region.objects.create(
                key="乙乡", name="乙乡", level=Region.Level.TOWNSHIP, parent=county
            )
        unit = Unit.objects.create(region=region, name=target, kind=kind)
        Post.objects.create(unit=unit, name="经办人", role=Role.COUNTY_WORKER)
    else:
        unit = world.units[target]
    with pytest.raises(Refused) as refusal:
        people.reassign(root.pk, by=world.office, at=at(START, 15), reason="试", unit=unit)
    assert refusal.value.code == "wrong_unit"


def test_a_review_goes_to_the_new_countys_reviewer(world: World, root: Case) -> None:
    for have in HAVES:
        world.prove(root, have)
    worker = world.actor(WORKER)
    stages.apply_for_closure(root.pk, by=worker, at=at(START, 13), form=closing_form())
    force = world.units["嵩县工作专班"]
    people.reassign(root.pk, by=world.office, at=at(START, 15), reason="划转", unit=force)
    assert world.item(root).post.role == Role.COUNTY_LEAD
    stages.advance(root.pk, by=world.actor("嵩县/county_lead"), at=at(START, 16))
    # confirmation lies with the city; the county changes all the same
    back = world.units["涧西区工作专班"]
    people.reassign(root.pk, by=world.office, at=at(START, 17), reason="划回", unit=back)
    assert world.item(root).unit == world.units["市专班办"]
    assert world.case().county.name == "涧西区"


def test_a_remedy_goes_nowhere_without_its_firm(world: World, root: Case) -> None:
    for name in ("嵩县工作专班", "市住建局"):
        with pytest.raises(Refused) as refusal:
            people.reassign(
                remedy(root).pk,
                by=world.office,
                at=at(START, 15),
                reason="试",
                unit=world.units[name],
            )
        assert refusal.value.code == "reassign_child"


def test_a_bulk_reassignment_of_families_and_its_undo(world: World, root: Case) -> None:
    group_of(world, "嵩县")
    before = list(Case.objects.order_by("pk").values(*PLACES))
    items = list(WorkItem.objects.order_by("pk").values("unit", "post", "due_on"))
    firm = ProgrammeFirm.objects.values().get()
    ids = list(Case.objects.values_list("pk", flat=True))
    force = world.units["嵩县工作专班"]
    done = people.reassign_many(ids, by=world.office, at=at(START, 15), reason="划转", unit=force)
    assert (len(done.done), done.refused) == (5, {})
    assert Case.objects.filter(county__name="嵩县").count() == 5
    assert CaseEvent.objects.filter(verb="reassign").count() == 5
    back = people.undo_reassign(done.batch, by=world.office, at=at(START, 15))
    assert (len(back.done), back.refused) == (1, {})
    assert list(Case.objects.order_by("pk").values(*PLACES)) == before
    assert list(WorkItem.objects.order_by("pk").values("unit", "post", "due_on")) == items
    assert ProgrammeFirm.objects.values().get() == firm


PLACES = ("county", "township", "responsible_unit", "competent_unit", "liaison_unit", "rule")


def test_an_undo_gives_a_contested_case_back_to_the_office(world: World, root: Case) -> None:
    world.firm("洛阳示例电机有限公司")
    world.open()
    case = Case.objects.get(enterprise__name="洛阳示例电机有限公司")
    people.decline(case.pk, by=world.actor(WORKER), at=at(START), reason="不属本区")
    force = world.units["嵩县工作专班"]
    done = people.reassign_many(
        [case.pk], by=world.office, at=at(START, 10), reason="属实", unit=force
    )
    people.undo_reassign(done.batch, by=world.office, at=at(START, 10))
    item = world.item(case)
    assert (item.is_declined, item.unit, item.next_check_at) == (
        True,
        world.units["市专班办"],
        None,
    )


def test_whoever_gets_a_case_late_may_still_decline(world: World, root: Case) -> None:
    late = plus(START, 8)
    force = world.units["嵩县工作专班"]
    people.reassign(root.pk, by=world.office, at=at(late), reason="划转", unit=force)
    worker = world.actor("嵩县/county_worker")
    people.decline(root.pk, by=worker, at=at(plus(late, 2)), reason="不在本县")
    assert world.item(root).is_declined
    # an answer by the office: the ladder looks again on the next working day, whatever passed
    back, answered = world.units["涧西区工作专班"], plus(late, 30)
    people.reassign(root.pk, by=world.office, at=at(answered), reason="退回原县", unit=back)
    assert world.item(root).next_check_at == moment_of(plus(answered, 1))


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
