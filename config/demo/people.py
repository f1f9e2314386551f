"""The demo's city: pack issued today, units, townships, a person on every post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from django.db import transaction
from django.utils import timezone

from config.demo import names
from enterprises.models import Clerk, Enterprise
from organisations.actions import posts, regions, users
from organisations.days import day_of
from organisations.models import Post, Region, Unit, User
from organisations.roles import Role
from organisations.scope import Actor
from organisations.setup import set_up_city
from workflows.city import city_spec
from workflows.issuing import issue_pack, seed_calendar
from workflows.models import Programme, ProgrammeVersion
from workflows.pack_source import dated
from workflows.packs import parse_pack, shipped_text

SEED = 20260901
KEY = "demo"
SYSTEM = Actor.system()
HOME = "青岭县"  # the county of the demo's county people
SLOW = ("云岭县", "汀阳区")
STAR = "岚溪县"

# sign-in buttons in their order: (account, unit's kind or short name, county, role)
BUTTONS: tuple[tuple[str, str, str, Role], ...] = (
    ("demo-county", Unit.Kind.TASK_FORCE, HOME, Role.COUNTY_WORKER),
    ("demo-reviewer", Unit.Kind.TASK_FORCE, HOME, Role.COUNTY_LEAD),
    ("demo-department", "市工信局", "", Role.DEPARTMENT_LEAD),
    ("demo-liaison", Unit.Kind.LIAISON_GROUP, HOME, Role.LIAISON_MEMBER),
    ("demo-office", Unit.Kind.OFFICE, "", Role.OFFICE),
    ("demo-office-lead", Unit.Kind.OFFICE, "", Role.OFFICE),
    ("demo-supervisor", Unit.Kind.SUPERVISION, "", Role.SUPERVISOR),
    ("demo-leader", Unit.Kind.LEADERSHIP, "", Role.LEADER),
    ("demo-slow-county", Unit.Kind.TASK_FORCE, SLOW[0], Role.COUNTY_LEAD),
    ("demo-admin", Unit.Kind.OFFICE, "", Role.SYSTEM_ADMIN),
)
# 核稿: whoever drafts does not check, and whoever checks does not sign
CHECKER = ("demo-office-checker", "核稿人")
FIRM = "demo-firm"  # the enterprise contact: opened as soon as a firm has a case


@dataclass(frozen=True)
class City:
    programme: Programme
    version: ProgrammeVersion
    counties: tuple[str, ...]
    work_from: date


def is_prepared() -> bool:
    return Programme.objects.filter(key=KEY).exists()


def is_foreign() -> bool:
    """Whether somebody else's data is in the database: the demo keeps its hands off it."""
    return not is_prepared() and (User.objects.exists() or Enterprise.objects.exists())


def city() -> City:
    programme = Programme.objects.select_related("city").get(key=KEY)
    version = programme.current
    names_ = tuple(county.name for county in version.pack.counties)
    return City(programme, version, names_, version.pack.work_from)


@transaction.atomic
def prepare(at: datetime) -> City:
    """What the sign-in page needs: a few seconds; the history is built behind it."""
    random = Random(SEED)
    seed_calendar()
    # dated from today, issued when the campaign begins: nothing is younger than the history
    text = dated(shipped_text(KEY), timezone.localdate(at))
    begins = parse_pack(text, "demo.yaml").work_from
    start = timezone.make_aware(datetime.combine(begins, datetime.min.time()))
    issue_pack(text, by=SYSTEM, at=start, source="demo.yaml")
    made = city()
    set_up_city(city_spec(made.version.pack), by=SYSTEM, at=start)
    _townships(made, start)
    _people(made, random, start)
    return made


def _townships(made: City, at: datetime) -> None:
    for county in Region.objects.filter(parent=made.programme.city):
        for name in names.TOWNSHIPS:
            regions.create_township(county=county, name=name, by=SYSTEM, at=at)


def _people(made: City, random: Random, at: datetime) -> None:
    persons = names.people(random)
    buttons = {post.pk: account for account, post in _button_posts(made)}
    for account, post in _button_posts(made):
        _appoint(account, next(persons), post, random, at)
    numbers = iter(range(1, 1000))
    _clerk(at)
    for post in Post.objects.exclude(pk__in=buttons).select_related("unit").order_by("id"):
        _appoint(f"u{next(numbers):03d}", next(persons), post, random, at)
    # last, so that everybody else keeps his name
    account, name = CHECKER
    _appoint(account, next(persons), _checking_post(name, at), random, at)


def _checking_post(name: str, at: datetime) -> Post:
    office = Unit.objects.get(kind=Unit.Kind.OFFICE)
    position = office.posts.count() + 1
    return posts.create_post(
        unit=office, name=name, role=Role.OFFICE, position=position, by=SYSTEM, at=at
    )


def _button_posts(made: City) -> list[tuple[str, Post]]:
    found: list[tuple[str, Post]] = []
    taken: set[int] = set()
    for account, where, county, role in BUTTONS:
        wanted = Post.objects.filter(role=role).exclude(pk__in=taken)
        if where in Unit.Kind.values:
            wanted = wanted.filter(unit__kind=where)
        else:
            wanted = wanted.filter(unit__short_name=where)
        if county and where == Unit.Kind.LIAISON_GROUP:
            wanted = wanted.filter(unit__paired_counties__name=county)
        elif county:
            wanted = wanted.filter(unit__region__name=county)
        post = wanted.select_related("unit").order_by("-receives_work", "position", "id")[0]
        taken.add(post.pk)
        found.append((account, post))
    return found


def _appoint(account: str, name: str, post: Post, random: Random, at: datetime) -> None:
    phone = f"0999-{random.randrange(5550000, 5559999)}"
    user, _password = users.create_user(
        username=account, name=name, phone=phone, with_password=False, by=SYSTEM, at=at
    )
    posts.appoint(post=post, user=user, from_on=day_of(at), by=SYSTEM, at=at)
    _mark(user, post, at)


def _mark(user: User, post: Post, at: datetime) -> None:
    """Ranks as groups ask for them (004-13, 004-15); one group lacks somebody, to be seen."""
    head = post.position > 1
    if post.unit.kind == Unit.Kind.LIAISON_GROUP:
        technical = not head and post.unit.short_name != "包联第八组"
        users.mark(user, rank="division" if head else "", is_technical=technical, by=SYSTEM, at=at)
    elif post.unit.kind == Unit.Kind.TASK_FORCE and post.name == "负责人":
        users.mark(user, rank="section", is_technical=False, by=SYSTEM, at=at)


def _clerk(at: datetime) -> User:
    """The enterprise contact's account, shut: there is no firm yet whose page could open."""
    user, _password = users.create_user(
        username=FIRM, name="企业联络员", with_password=False, by=SYSTEM, at=at
    )
    users.deactivate(user, by=SYSTEM, at=at)
    return user


def has_firm() -> bool:
    """Whether the enterprise contact can be entered as."""
    return User.objects.filter(username=FIRM, is_active=True).exists()


def give_firm(firm: Enterprise, at: datetime) -> None:
    """The enterprise contact serves this firm from that day, and no other one."""
    user = User.objects.filter(username=FIRM).first() or _clerk(at)
    on = timezone.localdate(at)
    others = Clerk.objects.filter(user=user, until_on=None).exclude(enterprise=firm)
    others.update(until_on=on)
    Clerk.objects.get_or_create(user=user, enterprise=firm, defaults={"from_on": on})
    contact = firm.contacts.first()
    name = contact.name if contact else user.name
    users.update_user(user, name=name, phone=user.phone, by=SYSTEM, at=at)
    if not user.is_active:
        users.activate(user, by=SYSTEM, at=at)
