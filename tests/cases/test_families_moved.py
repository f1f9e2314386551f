"""A firm with its remedies under another handler, county or department."""

import pytest

from cases.actions import people, stages
from cases.errors import Refused
from cases.models import Case, CaseEvent, ProgrammeFirm, WorkItem
from cases.rulebook import BY_HAND
from cases.steps import moment_of
from organisations.models import Post, Region, Unit
from organisations.roles import Role
from tests.cases.families import HAVES, LEAD, WORKER, dues, group_of, plus, remedy, root
from tests.world import START, World, at, closing_form

__all__ = ["root"]


def test_another_county_takes_over_everything(world: World, root: Case) -> None:
    group, force = group_of(world, "嵩县"), world.units["嵩县工作专班"]
    due = {**dues(root), root.pk: world.item(root).due_on}
    people.reassign(
        root.pk, by=world.office, at=at(START, 15), reason="已搬迁", unit=force, knowing=True
    )
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
    people.reassign(
        root.pk, by=world.office, at=at(START, 15), reason="建材企业", unit=unit, knowing=True
    )
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
    people.reassign(root.pk, by=lead, at=at(START, 15), reason="就近", unit=unit, knowing=True)
    case = world.case()
    assert (case.township, case.responsible_unit) == (region, world.units["涧西区工作专班"])
    assert world.item(case).unit == unit
    assert ProgrammeFirm.objects.get().township == region
    back = world.units["涧西区工作专班"]
    people.reassign(root.pk, by=lead, at=at(START, 16), reason="收回", unit=back, knowing=True)
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
        people.reassign(
            root.pk, by=world.office, at=at(START, 15), reason="试", unit=unit, knowing=True
        )
    assert refusal.value.code == "wrong_unit"


def test_a_review_goes_to_the_new_countys_reviewer(world: World, root: Case) -> None:
    for have in HAVES:
        world.prove(root, have)
    worker = world.actor(WORKER)
    stages.apply_for_closure(root.pk, by=worker, at=at(START, 13), form=closing_form())
    force = world.units["嵩县工作专班"]
    people.reassign(
        root.pk, by=world.office, at=at(START, 15), reason="划转", unit=force, knowing=True
    )
    assert world.item(root).post.role == Role.COUNTY_LEAD
    stages.advance(root.pk, by=world.actor("嵩县/county_lead"), at=at(START, 16))
    # confirmation lies with the city; the county changes all the same
    back = world.units["涧西区工作专班"]
    people.reassign(
        root.pk, by=world.office, at=at(START, 17), reason="划回", unit=back, knowing=True
    )
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
                knowing=True,
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
    people.reassign(root.pk, by=world.office, at=at(late), reason="划转", unit=force, knowing=True)
    worker = world.actor("嵩县/county_worker")
    people.decline(root.pk, by=worker, at=at(plus(late, 2)), reason="不在本县")
    assert world.item(root).is_declined
    # an answer by the office: the ladder looks again on the next working day, whatever passed
    back, answered = world.units["涧西区工作专班"], plus(late, 30)
    people.reassign(
        root.pk, by=world.office, at=at(answered), reason="退回原县", unit=back, knowing=True
    )
    assert world.item(root).next_check_at == moment_of(plus(answered, 1))
