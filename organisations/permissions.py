"""Who may set up units, posts and accounts: pairs ``check_x()`` raises, ``can_x()`` answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from organisations.errors import Refused
from organisations.models import Post, Region, Tenure, User
from organisations.roles import Act, Role
from organisations.scope import Actor

# system, security, audit: separated from one another and from case work (engine: policy table)
ADMINISTRATORS: frozenset[str] = frozenset(
    {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
)


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
