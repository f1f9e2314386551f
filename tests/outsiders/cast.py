"""Who comes to the doors: everybody who sees one firm's case, and everybody who does not.

The people stand here by what the design's table says of them, not by what the code answers.
"""

from __future__ import annotations

from datetime import date

from cases.models import Case
from organisations.actions import regions
from organisations.models import Post, Region, Tenure, Unit
from organisations.roles import Role
from resources.models import Expert
from tests.world import START, SYSTEM, World, at, person

FIRM = "洛阳示例轴承有限公司"
OTHER_FIRM = "洛阳样本水泥厂"

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
OFFICER, CHIEF = "市工信局/department_officer", "市工信局/department_lead"
TOWN, GROUP = "township_worker", "liaison_member"
OFFICE = frozenset({"office/1", "office/2"})
WATCHERS = frozenset({"supervisor", "leader"})
CLERK = "clerk"

OTHER_WORKER, OTHER_LEAD = "嵩县/county_worker", "嵩县/county_lead"
OTHER_OFFICER, OTHER_CHIEF = "市住建局/department_officer", "市住建局/department_lead"
OTHER_TOWN, OTHER_GROUP, OTHER_CLERK = "other town", "other group", "other clerk"
FAR_OFFICE, FAR_LEAD = "far office", "far lead"
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
EXPERT, NOBODY = "expert", "nobody"

# who sees the case: its county and township, its department, its group, the city above
READERS = frozenset({WORKER, LEAD, OFFICER, CHIEF, TOWN, GROUP}) | OFFICE | WATCHERS
OTHER_DEPARTMENT = frozenset({OTHER_OFFICER, OTHER_CHIEF})
OTHER_COUNTY = frozenset({OTHER_WORKER, OTHER_LEAD, OTHER_TOWN, OTHER_GROUP})
# officials of the city who do not see the case; then those of another city
OTHERS = OTHER_COUNTY | OTHER_DEPARTMENT
FAR = frozenset({FAR_OFFICE, FAR_LEAD})
# whoever has a post that reads cases, somewhere
OFFICIALS = READERS | OTHERS | FAR
WITHOUT = ADMINISTRATORS | {CLERK, OTHER_CLERK, EXPERT, NOBODY}
EVERYBODY = OFFICIALS | WITHOUT
OUTSIDERS = EVERYBODY - READERS


def staff(world: World) -> None:
    """The people whom the small city lacks."""
    _towns(world)
    group = Unit.objects.create(region=world.city, name="包联第二组", kind=Unit.Kind.LIAISON_GROUP)
    group.paired_counties.add(world.counties["嵩县"])
    _sit(world, OTHER_GROUP, group, Role.LIAISON_MEMBER)
    for role in ADMINISTRATORS:
        _sit(world, role, world.units["市专班办"], Role(role))
    _another_city(world)
    world.people[NOBODY] = person("nobody", "无岗")
    world.people[EXPERT] = person("expert", "陈示例")


def _towns(world: World) -> None:
    county = Region.objects.get(pk=world.counties["涧西区"].pk)
    for name, key in (("甲乡", TOWN), ("乙乡", OTHER_TOWN)):
        town = regions.create_township(county=county, name=name, by=SYSTEM, at=at(START))
        unit = Unit.objects.create(region=town, name=name, kind=Unit.Kind.TOWNSHIP)
        _sit(world, key, unit, Role.TOWNSHIP_WORKER)


def _another_city(world: World) -> None:
    far = regions.create_city(
        name="晋城市", counties=[regions.CountySpec("城区")], by=SYSTEM, at=at(START)
    )
    office = Unit.objects.create(region=far, name="晋城专班办", kind=Unit.Kind.OFFICE)
    county = Region.objects.get(parent=far)
    force = Unit.objects.create(region=county, name="城区专班", kind=Unit.Kind.TASK_FORCE)
    _sit(world, FAR_OFFICE, office, Role.OFFICE)
    _sit(world, FAR_LEAD, force, Role.COUNTY_LEAD)


def _sit(world: World, key: str, unit: Unit, role: Role) -> None:
    post, _made = Post.objects.get_or_create(unit=unit, name=role, defaults={"role": role})
    world.people[key] = person(key.replace(" ", "-"), key)
    Tenure.objects.create(post=post, user=world.people[key], from_on=date(2022, 1, 1))


def clerks(world: World, case: Case, other: Case, expert: Expert) -> None:
    """Contacts of the firm and of another one; the account of an outside expert."""
    for key, one in ((CLERK, case), (OTHER_CLERK, other)):
        assert one.enterprise is not None
        world.clerk(one.enterprise)
        world.people[key] = world.people[f"clerk/{one.enterprise.pk}"]
    Expert.objects.filter(pk=expert.pk).update(user=world.people[EXPERT])
