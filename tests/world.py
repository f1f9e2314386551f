"""A small city for tests: units, posts and people of every role, a few firms on the register."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import connection, models
from django.utils import timezone

from cases.actions import evidence, opening, stages
from cases.actions.evidence import Paper
from cases.models import Case, Evidence, WorkItem
from enterprises.models import Clerk, Enterprise, Membership, MonthlyFact
from organisations import trail
from organisations.models import Post, Region, Tenure, Unit, User
from organisations.roles import Role
from organisations.scope import Actor, actor_of
from tests import bad_files
from tests.kept import kept
from workflows.city import set_up_units
from workflows.issuing import issue_pack, seed_calendar
from workflows.models import Programme, load_calendar
from workflows.packs import shipped_text

START = date(2022, 3, 1)  # a Tuesday
SYSTEM = Actor.system()
CODES = "91410300MA3X{:05d}K"

# posts of each kind of unit: (name, role, receives work)
POSTS: dict[str, tuple[tuple[str, str, bool], ...]] = {
    Unit.Kind.OFFICE: (("经办人", Role.OFFICE, True), ("负责人", Role.OFFICE, False)),
    Unit.Kind.TASK_FORCE: (
        ("经办人", Role.COUNTY_WORKER, True),
        ("审核人", Role.COUNTY_LEAD, False),
    ),
    Unit.Kind.DEPARTMENT: (
        ("联络员", Role.DEPARTMENT_OFFICER, True),
        ("负责人", Role.DEPARTMENT_LEAD, False),
    ),
    Unit.Kind.LIAISON_GROUP: (("成员", Role.LIAISON_MEMBER, True),),
    Unit.Kind.SUPERVISION: (("督查员", Role.SUPERVISOR, True),),
    Unit.Kind.LEADERSHIP: (("分管领导", Role.LEADER, True),),
    Unit.Kind.TOWNSHIP: (("联络员", Role.TOWNSHIP_WORKER, True),),
}


def at(day: date, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


@dataclass
class World:
    """Everything that a test needs to act; people by "county/role" keys."""

    programme: Programme
    city: Region
    counties: dict[str, Region]
    units: dict[str, Unit]
    people: dict[str, User] = field(default_factory=dict)

    def actor(self, key: str, on: date = START) -> Actor:
        """The actor for a person such as 涧西区/county_worker, office/1, office/2, leader."""
        user = self.people[key]
        firms = frozenset(Clerk.objects.filter(user=user).values_list("enterprise_id", flat=True))
        return actor_of(user, on, firms)

    @cached_property
    def office(self) -> Actor:
        return self.actor("office/1")

    def firm(
        self,
        name: str,
        county: str = "涧西区",
        *,
        industry: str = "3411",
        ownership: str = "私营有限责任公司",
        spending: bool = False,
        joined_on: date = date(2022, 1, 1),
        facts: bool = True,
    ) -> Enterprise:
        """A firm on the register, with facts of January unless ``facts`` is false."""
        firm = Enterprise.objects.create(
            name=name, folded_name=name, credit_code=CODES.format(Enterprise.objects.count())
        )
        Membership.objects.create(
            city=self.city,
            enterprise=firm,
            county=self.counties[county],
            industry_code=industry,
            ownership=ownership,
            joined_on=joined_on,
        )
        if facts:
            self.fact(firm, has_spending=spending)
        return firm

    def gone(self, case: Case, on: date = START) -> int:
        """The bureau's list no longer names the case's firm; the case's key, as a verb takes it."""
        Membership.objects.filter(enterprise=case.enterprise_id).update(left_on=on)
        return case.pk

    def back(self, case: Case) -> int:
        """The list names the case's firm again; the case's key, as a verb takes it."""
        Membership.objects.filter(enterprise=case.enterprise_id).update(left_on=None)
        return case.pk

    def fact(self, firm: Enterprise, month: date = date(2022, 1, 1), **values: bool) -> MonthlyFact:
        base = {
            "registered": True,
            "filed": True,
            "has_institution": False,
            "has_staff": False,
            "has_spending": False,
            "has_cooperation": False,
        }
        return MonthlyFact.objects.create(
            city=self.city,
            enterprise=firm,
            about_month=month,
            known_on=load_calendar().last_working_day(month),
            **(base | values),
        )

    def in_province(self, case: Case, *haves: str) -> None:
        """The newest facts of the firm say that these haves are there."""
        newest = MonthlyFact.objects.filter(enterprise=case.enterprise).order_by("-about_month")[0]
        for have in haves:
            setattr(newest, f"has_{have}", True)
        newest.save()

    def open(self, on: date = START, wave: str = "") -> opening.Opened:
        return opening.open_cases(self.programme, by=self.office, at=at(on), wave=wave)

    def case(self, firm: Enterprise | None = None) -> Case:
        roots = Case.objects.main()
        case: Case = roots.get(enterprise=firm) if firm else roots.get()
        return case

    def item(self, case: Case) -> WorkItem:
        item: WorkItem = WorkItem.objects.get(process=case, finished=None)
        return item

    def clerk(self, firm: Enterprise) -> Actor:
        user = person(f"clerk{firm.pk}", f"企业{firm.pk}")
        Clerk.objects.get_or_create(user=user, enterprise=firm, defaults={"from_on": START})
        self.people[f"clerk/{firm.pk}"] = user
        return self.actor(f"clerk/{firm.pk}")

    # shortcuts through the life of a case, by the real verbs

    def survey(self, case: Case, grade: str = "B", on: date = START, **states: str) -> Case:
        """Sign for and survey; ``states`` override 有且规范 (regular) per have."""
        worker = self.actor("涧西区/county_worker", on)
        stages.acknowledge(case.pk, by=worker, at=at(on))
        return stages.advance(
            case.pk, by=worker, at=at(on, 10), form=survey_form(grade, on, **states)
        )

    def prove(self, case: Case, criterion: str, on: date = START) -> Evidence:
        """A paper handed in by the worker and accepted by the lead."""
        worker = self.actor("涧西区/county_worker", on)
        lead = self.actor("涧西区/county_lead", on)
        [row] = evidence.submit(
            case.pk, criterion=criterion, papers=[paper()], by=worker, at=at(on, 11)
        )
        return evidence.accept(row.pk, by=lead, at=at(on, 12))


def paper(name: str = "名册.pdf") -> Paper:
    content = bad_files.pdf(f"/Lang ({name.encode().hex()})")
    return Paper(ContentFile(content, name), name, "application/pdf", len(content), uuid4().hex * 2)


def survey_form(grade: str, on: date = START, **states: str) -> dict[str, object]:
    """A complete survey; haves are missing unless ``states`` say ``regular``."""
    haves = ("institution", "staff", "spending", "cooperation")
    return {
        "production": "normal",
        "contacts": [{"role": "finance", "name": "李示例", "phone": "000-12345679"}],
        "visited_on": on.isoformat(),
        "visit_kind": "on_site",
        "visitors": "周示例、孟示例",
        "haves": {key: {"state": states.get(key, "none"), "note": ""} for key in haves},
        "filed_before": "no",
        "reasons": ["policy"],
        "grade": grade,
        "grade_reason": "设备停产检修" if grade == "D" else "",
        "plan": [
            {"have": "institution", "measure": "发文成立研发部", "unit": "技术部"},
            {"have": "staff", "measure": "建研发人员名册", "unit": "人事部"},
            {"have": "spending", "measure": "建辅助账", "unit": "财务部"},
            {"have": "cooperation", "measure": "与高校签订合同", "unit": "技术部"},
        ],
    }


def matching_form(on: date = START) -> dict[str, object]:
    return {
        "contacts": [
            {
                "kind": "university",
                "need": "关键技术",
                "partner": "示例学院",
                "met_on": on.isoformat(),
                "way": "on_site",
                "result": "intention",
            }
        ]
    }


def closing_form(on: date = START) -> dict[str, object]:
    return {
        "reached_on": on.isoformat(),
        "provincial_check": "agrees",
        "checked_on": on.isoformat(),
        "checked_by": "周示例",
        "first_time": "yes",
        "truthful": "true",
    }


def person(username: str, name: str) -> User:
    user, _made = User.objects.get_or_create(username=username, defaults={"name": name})
    return user


@kept
def remove(*found: models.QuerySet[Any]) -> None:
    """As if these posts or units had never been: the database lets none go (``trail.KEPT``)."""
    trail.lift(connection)  # the end of the test puts it back
    for rows in found:
        rows.delete()


def build(
    pack: str = "luoyang-2022", counties: tuple[str, ...] = ("涧西区", "嵩县"), text: str = ""
) -> World:
    """The city of a shipped pack (or of ``text``) with posts and people in its units and two of
    its counties."""
    seed_calendar()
    opened = at(date(2022, 1, 1))
    version = issue_pack(text or shipped_text(pack), by=SYSTEM, at=opened)
    units = set_up_units(version.pack, by=SYSTEM, at=opened)
    programme = version.programme
    regions = {r.name: r for r in Region.objects.filter(parent=programme.city)}
    world = World(programme, programme.city, regions, units)
    for unit in units.values():
        if unit.kind == Unit.Kind.DEPARTMENT and unit.region_id != programme.city_id:
            continue  # 县区科技局: nobody is named there yet
        _staff(
            world,
            unit,
            with_people=unit.region_id == programme.city_id or unit.region.name in counties,
        )
    group = Unit.objects.create(
        region=programme.city, name="包联第一组", kind=Unit.Kind.LIAISON_GROUP
    )
    group.paired_counties.add(regions[counties[0]])
    _staff(world, group, with_people=True)
    return world


def _staff(world: World, unit: Unit, *, with_people: bool) -> None:
    for place, (name, role, receives) in enumerate(POSTS[unit.kind]):
        post, _made = Post.objects.get_or_create(
            unit=unit,
            name=name,
            defaults={"role": role, "receives_work": receives, "position": place},
        )
        if not with_people:
            continue
        key = _key(unit, role, place)
        user = person(f"u{unit.pk}-{place}", f"{unit.short_name or unit.name}{name}"[:40])
        Tenure.objects.create(post=post, user=user, from_on=date(2022, 1, 1))
        world.people[key] = user


def _key(unit: Unit, role: str, place: int) -> str:
    if unit.kind == Unit.Kind.TASK_FORCE:
        return f"{unit.region.name}/{role}"
    if unit.kind == Unit.Kind.OFFICE:
        return f"office/{place + 1}"
    if unit.kind == Unit.Kind.DEPARTMENT:
        return f"{unit.short_name}/{role}"
    return str(role)
