"""Verb: somebody takes up a post, with a new account where he has none."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from organisations.actions import posts, users
from organisations.errors import Refused
from organisations.models import Post, Tenure, User
from organisations.regions import fold
from organisations.scope import Actor


@transaction.atomic
def join(
    post: Post,
    *,
    username: str,
    name: str,
    phone: str = "",
    from_on: date,
    until_on: date | None = None,
    replacing: bool = False,
    by: Actor,
    at: datetime,
) -> tuple[Tenure, str]:
    """The tenure, and the one-time password of an account made for it ("" for a known one).

    A known account must belong to the person named: nobody works under another's name.
    """
    user = User.objects.filter(username__iexact=users.folded_username(username)).first()
    password = ""
    if user is None:
        user, password = users.create_user(username=username, name=name, phone=phone, by=by, at=at)
    else:
        check_name(user, name)
    tenure = posts.appoint(
        post=post,
        user=user,
        from_on=from_on,
        until_on=until_on,
        replacing=replacing,
        by=by,
        at=at,
    )
    return tenure, password


def check_name(user: User, name: str) -> None:
    if fold(user.name) != fold(name):
        raise Refused(
            "name_differs",
            _("This account belongs to %(name)s. Everybody has an account of his own.")
            % {"name": user.name},
        )
