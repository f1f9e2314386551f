"""Starting a city from plain specs: regions, units, pairings and a default set of posts.

The door maps a programme pack to these specs (packs live one floor up). Chinese names here are seed
data: the words that go into the database, as an official expects them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from organisations.actions import posts, regions, users
from organisations.actions.regions import CountySpec
from organisations.errors import Refused
from organisations.models import Post, Region, Tenure, Unit, User
from organisations.regions import RegionFinder
from organisations.roles import Role
from organisations.scope import Actor


@dataclass(frozen=True)
class PostSpec:
    name: str
    role: Role
    receives_work: bool = False


@dataclass(frozen=True)
class UnitSpec:
    """``county``: name of the county it belongs to, "" for the city's own unit."""

    name: str
    kind: str
    short_name: str = ""
    county: str = ""
    paired_counties: tuple[str, ...] = ()
    phone: str = ""


@dataclass(frozen=True)
class CitySpec:
    name: str
    counties: tuple[CountySpec, ...]
    units: tuple[UnitSpec, ...]
    province: str = ""
    code: str = ""


@dataclass(frozen=True)
class SetUp:
    """What setting up found or made; the counts are of what is new."""

    city: Region
    counties: int
    units: int
    posts: int


# one set for each kind of unit; new work goes to the first that receives it
DEFAULT_POSTS: dict[str, tuple[PostSpec, ...]] = {
    Unit.Kind.OFFICE: (
        PostSpec("经办人", Role.OFFICE, receives_work=True),
        PostSpec("负责人", Role.OFFICE),
        PostSpec("系统管理员", Role.SYSTEM_ADMIN),
        PostSpec("安全管理员", Role.SECURITY_ADMIN),
        PostSpec("审计管理员", Role.AUDIT_ADMIN),
    ),
    Unit.Kind.DEPARTMENT: (
        PostSpec("联络员", Role.DEPARTMENT_OFFICER, receives_work=True),
        PostSpec("负责人", Role.DEPARTMENT_LEAD),
    ),
    Unit.Kind.TASK_FORCE: (
        PostSpec("经办人", Role.COUNTY_WORKER, receives_work=True),
        PostSpec("审核人", Role.COUNTY_LEAD),
        PostSpec("负责人", Role.COUNTY_LEAD),
    ),
    Unit.Kind.LIAISON_GROUP: (
        PostSpec("组员", Role.LIAISON_MEMBER, receives_work=True),
        PostSpec("组长", Role.LIAISON_MEMBER),
    ),
    Unit.Kind.TOWNSHIP: (PostSpec("联络员", Role.TOWNSHIP_WORKER, receives_work=True),),
    Unit.Kind.SUPERVISION: (PostSpec("督查员", Role.SUPERVISOR, receives_work=True),),
    Unit.Kind.LEADERSHIP: (PostSpec("分管领导", Role.LEADER),),
}
# a county's own bureau reads the letters to the county; its task force has the work
COUNTY_BUREAU_POSTS = (PostSpec("分管负责人", Role.DEPARTMENT_LEAD, receives_work=True),)


@transaction.atomic
def set_up_city(spec: CitySpec, *, at: datetime, by: Actor | None = None) -> SetUp:
    """The city with counties, units and posts; repeatable: adds what is missing, keeps the rest."""
    by = by or Actor.system()
    counties = Region.objects.filter(level=Region.Level.COUNTY, parent__key=spec.name)
    had = counties.count()
    city = regions.create_city(
        name=spec.name,
        province=spec.province,
        code=spec.code,
        counties=spec.counties,
        by=by,
        at=at,
    )
    finder = RegionFinder(city)
    made = [
        _unit(city, finder, unit, position=n, by=by, at=at) for n, unit in enumerate(spec.units, 1)
    ]
    return SetUp(
        city=city,
        counties=counties.count() - had,
        units=sum(is_new for is_new, _posts in made),
        posts=sum(count for _is_new, count in made),
    )


@transaction.atomic
def found_unit(
    *,
    region: Region,
    name: str,
    kind: str,
    short_name: str = "",
    phone: str = "",
    by: Actor,
    at: datetime,
) -> Unit:
    """A new unit at the end of its city's list, with the usual posts of its kind."""
    unit = posts.create_unit(
        region=region,
        name=name,
        kind=kind,
        short_name=short_name,
        phone=phone,
        position=Unit.objects.count() + 1,
        by=by,
        at=at,
    )
    add_default_posts(unit, by=by, at=at)
    return unit


def add_default_posts(unit: Unit, *, by: Actor, at: datetime) -> int:
    """The posts that a unit of this kind starts with; how many were missing."""
    wanted = DEFAULT_POSTS[unit.kind]
    if unit.kind == Unit.Kind.DEPARTMENT and unit.region.level == Region.Level.COUNTY:
        wanted = COUNTY_BUREAU_POSTS
    there = set(unit.posts.values_list("name", flat=True))
    missing = [s for s in wanted if s.name not in there]
    for position, post in enumerate(wanted, 1):
        if post in missing:
            posts.create_post(
                unit=unit,
                name=post.name,
                role=post.role,
                receives_work=post.receives_work,
                position=position,
                by=by,
                at=at,
            )
    return len(missing)


@transaction.atomic
def first_user(
    *,
    city: Region,
    username: str,
    name: str,
    role: str,
    from_on: date,
    phone: str = "",
    at: datetime,
) -> tuple[User, Post, str]:
    """The first holder of a post of the office; later ones are appointed in the browser.

    Returns the user, the post and the one-time password. Refused when somebody holds a post of
    this role already: then he appoints the next one, and the trail says who did.
    """
    candidates = Post.objects.filter(
        unit__kind=Unit.Kind.OFFICE, unit__region=city, role=role
    ).order_by("-receives_work", "position", "id")
    post = candidates.first()
    if post is None:
        raise Refused(
            "no_post",
            _("%(city)s has no post of this role in its office. Run set_up_city first.")
            % {"city": city},
        )
    held = Tenure.objects.ahead(from_on).filter(post__in=candidates).select_related("user").first()
    if held is not None:
        raise Refused(
            "not_the_first",
            _("%(user)s holds such a post already and can appoint others in the browser.")
            % {"user": held.user},
        )
    by = Actor.system()
    user, password = users.create_user(username=username, name=name, phone=phone, by=by, at=at)
    posts.appoint(post=post, user=user, from_on=from_on, by=by, at=at)
    return user, post, password


def _unit(
    city: Region, finder: RegionFinder, spec: UnitSpec, *, position: int, by: Actor, at: datetime
) -> tuple[bool, int]:
    """(whether the unit is new, how many posts were added)."""
    region = _county(finder, spec.county, spec) if spec.county else city
    unit = Unit.objects.filter(region=region, name=spec.name).first()
    is_new = unit is None
    if unit is None:
        unit = posts.create_unit(
            region=region,
            name=spec.name,
            kind=spec.kind,
            short_name=spec.short_name,
            phone=spec.phone,
            position=position,
            by=by,
            at=at,
        )
    if spec.paired_counties:
        paired = [_county(finder, county, spec) for county in spec.paired_counties]
        posts.pair(unit, counties=paired, by=by, at=at)
    return is_new, add_default_posts(unit, by=by, at=at)


def _county(finder: RegionFinder, text: str, spec: UnitSpec) -> Region:
    county = finder.county(text)
    if county is None:
        raise Refused(
            "unknown_county",
            _("%(unit)s names the county “%(county)s”, which the city does not have.")
            % {"unit": spec.name, "county": text},
        )
    return county
