"""Who may set up units, posts and accounts: pairs ``check_x()`` raises, ``can_x()`` answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from organisations.errors import Refused
from organisations.models import Post, Region, Tenure, Unit, User
from organisations.roles import POLICY, Act, Role
from organisations.scope import Actor, Standing

# system, security, audit: separated from one another and from case work (engine: policy table)
ADMINISTRATORS: frozenset[str] = frozenset(
    {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
)


def can_open(by: Actor, place: str) -> bool:
    """Whether a post lets one read in the region that a filter names by its id."""
    if not (place.isascii() and place.isdigit() and len(place) < 10):
        return False
    region = Region.objects.filter(pk=int(place)).first()
    return region is not None and by.may_in(Act.READ, region)


def check_manage_region(by: Actor, region: Region) -> None:
    """Units and posts of a region: whoever manages users where it lies."""
    if not by.may_in(Act.MANAGE_USERS, region):
        raise Refused(
            "not_yours",
            _("You may not set up units and people of %(region)s. Ask its city's office.")
            % {"region": region},
        )


def check_manage_post(by: Actor, post: Post) -> None:
    """A post's holders; an administrator's post only by the system administrator."""
    check_manage_region(by, post.unit.region)
    if post.role in ADMINISTRATORS and not (by.is_system or by.has_role(Role.SYSTEM_ADMIN)):
        raise Refused(
            "administrators_post",
            _("Administrators' posts are given by the system administrator only."),
        )


def check_entrust(by: Actor, act: Act, post: Post) -> None:
    """工作移交 and 委托代办: leads for posts of their own unit and their county's townships, the
    office for every post of its city."""
    if by.is_system or by.may_in(Act.MANAGE_USERS, post.unit.region):
        check_manage_post(by, post)
        return
    if post.role not in ADMINISTRATORS and any(_leads(s, post) for s in by.standings_for(act)):
        return
    raise Refused(
        "not_your_unit",
        _("You decide this for posts of your own unit only. Ask the city office otherwise."),
    )


def can_entrust(by: Actor, act: Act, post: Post) -> bool:
    try:
        check_entrust(by, act, post)
    except Refused:
        return False
    return True


def _leads(standing: Standing, post: Post) -> bool:
    in_county = post.unit.kind == Unit.Kind.TOWNSHIP and standing.role == Role.COUNTY_LEAD
    return standing.unit_id == post.unit_id or (in_county and standing.covers(post.unit.region))


def check_manage_user(by: Actor, user: User, day: date) -> None:
    """An account: whoever may manage every post that it holds or will hold."""
    if not (by.is_system or by.may(Act.MANAGE_USERS)):
        raise Refused("may_not", _("Accounts are managed by the office."))
    for tenure in Tenure.objects.ahead(day).filter(user=user).select_related("post__unit__region"):
        check_manage_post(by, tenure.post)


def can_manage_post(by: Actor, post: Post) -> bool:
    try:
        check_manage_post(by, post)
    except Refused:
        return False
    return True


def check_separated(post: Post, others: Iterable[Post]) -> None:
    """Nobody is administrator and something else at the same time."""
    for other in others:
        roles = {post.role, other.role}
        if roles & ADMINISTRATORS and len(roles) > 1:
            raise Refused(
                "separated",
                _(
                    "“%(post)s” cannot be held together with “%(other)s”: administrators do no "
                    "other work."
                )
                % {"post": post, "other": other},
            )


def check_not_promoting_oneself(by: Actor, user: User, post: Post) -> None:
    """Nobody gives himself a role that he does not have."""
    if by.user is not None and by.user.pk == user.pk and post.role not in by.roles:
        raise Refused("own_post", _("You cannot give yourself another role; ask a colleague."))


def check_not_raising_oneself(
    by: Actor, post: Post, *, to_user: User | None = None, to_post: Post | None = None
) -> None:
    """Nobody gives himself rights that he does not have; a lead may stand in for his handler."""
    is_self = to_user is not None and by.user is not None and to_user.pk == by.user.pk
    is_self |= to_post is not None and to_post.pk in by.post_ids
    if by.is_system or not is_self:
        return
    has = frozenset().union(*(s.acts for s in by.standings if s.delegation_id is None))
    if not POLICY[post.role] <= has:
        raise Refused("own_post", _("You cannot give yourself another role; ask a colleague."))
