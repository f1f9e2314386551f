"""Verbs of units, posts and tenures: duty follows the post, from a day until another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from organisations import outsiders, permissions
from organisations.days import day_of
from organisations.errors import Refused
from organisations.journal import changed, record
from organisations.models import AuditEvent, Post, Region, Tenure, Unit, User
from organisations.roles import Role
from organisations.scope import Actor

KIND = AuditEvent.Kind.POST


@transaction.atomic
def create_unit(
    *,
    region: Region,
    name: str,
    kind: str,
    short_name: str = "",
    phone: str = "",
    parent: Unit | None = None,
    position: int = 0,
    by: Actor,
    at: datetime,
) -> Unit:
    """A unit of a region; its name is unique there."""
    permissions.check_manage_region(by, region)
    if Unit.objects.filter(region=region, name=name).exists():
        raise Refused("unit_exists", _("%(name)s exists already.") % {"name": name})
    unit = Unit.objects.create(
        region=region,
        name=name,
        kind=Unit.Kind(kind),
        short_name=short_name,
        phone=phone,
        parent=parent,
        position=position,
    )
    record(KIND, "create_unit", unit, by=by, at=at, unit_kind=kind)
    return unit


@transaction.atomic
def update_unit(unit: Unit, *, short_name: str, phone: str, by: Actor, at: datetime) -> bool:
    """Correct short name and phone; False where nothing changed."""
    permissions.check_manage_region(by, unit.region)
    before = {"short_name": unit.short_name, "phone": unit.phone}
    if before == {"short_name": short_name, "phone": phone}:
        return False
    unit.short_name, unit.phone = short_name, phone
    unit.save(update_fields=["short_name", "phone"])
    told = changed(before, {"short_name": short_name, "phone": phone})
    record(KIND, "update_unit", unit, by=by, at=at, **told)
    return True


@transaction.atomic
def pair(unit: Unit, *, counties: Iterable[Region], by: Actor, at: datetime) -> bool:
    """The counties that a liaison group looks after (001-22, 004-12); False if nothing changed."""
    permissions.check_manage_region(by, unit.region)
    if unit.kind != Unit.Kind.LIAISON_GROUP:
        raise Refused("not_a_group", _("Counties are paired with liaison groups only."))
    wanted = {county.pk: county.name for county in counties}
    before = dict(unit.paired_counties.values_list("pk", "name"))
    if wanted.keys() == before.keys():
        return False
    unit.paired_counties.set(wanted)
    told = changed({"counties": list(before.values())}, {"counties": list(wanted.values())})
    record(KIND, "pair", unit, by=by, at=at, **told)
    return True


@transaction.atomic
def create_post(
    *,
    unit: Unit,
    name: str,
    role: str,
    receives_work: bool = False,
    position: int = 0,
    by: Actor,
    at: datetime,
) -> Post:
    """A place in a unit; the first one that receives work is where new work of the unit goes."""
    permissions.check_manage_region(by, unit.region)
    if unit.posts.filter(name=name).exists():
        raise Refused(
            "post_exists",
            _("%(unit)s has a post “%(name)s” already.") % {"unit": unit, "name": name},
        )
    post = Post(
        unit=unit, name=name, role=Role(role), receives_work=receives_work, position=position
    )
    permissions.check_manage_post(by, post)
    post.save()
    record(KIND, "create_post", post, by=by, at=at, role=role)
    return post


@transaction.atomic
def receive_work(post: Post, *, receives: bool, by: Actor, at: datetime) -> None:
    """Whether new work of the unit may go to this post."""
    permissions.check_manage_post(by, post)
    told = changed({"receives": post.receives_work}, {"receives": receives})
    post.receives_work = receives
    post.save(update_fields=["receives_work"])
    record(KIND, "receive_work", post, by=by, at=at, **told)


@transaction.atomic
def appoint(
    *,
    post: Post,
    user: User,
    from_on: date,
    until_on: date | None = None,
    replacing: bool = False,
    by: Actor,
    at: datetime,
) -> Tenure:
    """Give a post from a day on; ``replacing`` ends the present holders that day (004-30)."""
    permissions.check_manage_post(by, post)
    permissions.check_not_promoting_oneself(by, user, post)
    tenure = take_up(post=post, user=user, from_on=from_on, until_on=until_on, replacing=replacing)
    record(
        KIND,
        "appoint",
        post,
        by=by,
        at=at,
        user=user.username,
        from_on=str(from_on),
        until_on=str(until_on or ""),
        replacing=replacing,
    )
    return tenure


def take_up(
    *,
    post: Post,
    user: User,
    from_on: date,
    until_on: date | None = None,
    replacing: bool = False,
) -> Tenure:
    """What a new holder must fulfil, and his tenure; who may decide it, the verbs ask first."""
    if not user.is_active:
        raise Refused("account_shut", _("The account of %(user)s is shut.") % {"user": user})
    if until_on is not None and until_on <= from_on:
        raise Refused("ends_before_it_starts", _("The last day lies before the first."))
    outsiders.check_apart(user, from_on)
    meanwhile = _overlapping(user, from_on, until_on)
    if any(tenure.post_id == post.pk for tenure in meanwhile):
        raise Refused(
            "holds_already", _("%(user)s holds “%(post)s” already.") % {"user": user, "post": post}
        )
    permissions.check_separated(post, (tenure.post for tenure in meanwhile))
    if replacing:
        for predecessor in post.tenures.ahead(from_on):
            end(predecessor, on=from_on)
    return Tenure.objects.create(post=post, user=user, from_on=from_on, until_on=until_on)


@transaction.atomic
def end_tenure(tenure: Tenure, *, on: date, by: Actor, at: datetime) -> None:
    """The holder has the post no more from ``on``; one that would never have run is taken back."""
    permissions.check_manage_post(by, tenure.post)
    if tenure.until_on is not None and tenure.until_on <= on:
        raise Refused("ended_already", _("This has ended already."))
    if on < day_of(at):
        raise Refused("in_the_past", _("A post can end today or later; what was done stays so."))
    end(tenure, on=on)
    record(KIND, "end_tenure", tenure.post, by=by, at=at, user=tenure.user.username, on=str(on))


def end_all_of(user: User, *, on: date) -> list[Post]:
    """End every post of ``user`` from ``on``; the posts that were his."""
    tenures = list(Tenure.objects.ahead(on).filter(user=user).select_related("post__unit"))
    for tenure in tenures:
        end(tenure, on=on)
    return [tenure.post for tenure in tenures]


def end(tenure: Tenure, *, on: date) -> None:
    """The tenure ends on a day; one that would never have run is taken back."""
    if on <= tenure.from_on:
        tenure.delete()
    else:
        tenure.until_on = on
        tenure.save(update_fields=["until_on"])


def _overlapping(user: User, from_on: date, until_on: date | None) -> list[Tenure]:
    held = Tenure.objects.ahead(from_on).filter(user=user).select_related("post__unit")
    return list(held.filter(from_on__lt=until_on) if until_on else held)
