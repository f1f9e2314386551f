"""Verb: a post goes to a successor on a day (工作移交, 004-30), or stays empty (空岗)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from organisations import permissions
from organisations.actions import delegating, posts
from organisations.days import day_of
from organisations.errors import Refused
from organisations.journal import record
from organisations.models import AuditEvent, Post, Tenure, User
from organisations.roles import Act
from organisations.scope import Actor


@dataclass(frozen=True)
class Handed:
    """Who had the post until the day, and the successor's tenure (None: nobody yet)."""

    predecessors: tuple[User, ...]
    tenure: Tenure | None


@transaction.atomic
def hand_over(post: Post, *, to: User | None, from_on: date, by: Actor, at: datetime) -> Handed:
    """The present holders lose the post on ``from_on``, ``to`` has it from that day.

    Whoever is named follows without another document ("由其继任者履行成员职责，不再另行行文").
    Delegations that the last holder made end with him. By a lead inside his unit, and the office.
    """
    permissions.check_entrust(by, Act.HAND_OVER, post)
    if from_on < day_of(at):
        raise Refused("in_the_past", _("A post is handed over today or later."))
    leaving = list(post.tenures.ahead(from_on).select_related("user").order_by("id"))
    tenure = None
    if to is not None:
        permissions.check_not_raising_oneself(by, post, to_user=to)
        tenure = posts.take_up(post=post, user=to, from_on=from_on, replacing=True)
    elif not leaving:
        raise Refused("vacant", _("Nobody holds “%(post)s” then.") % {"post": post})
    else:
        for one in leaving:
            posts.end(one, on=from_on)
    delegating.end_of_post(post, on=from_on)
    record(
        AuditEvent.Kind.POST,
        "hand_over",
        post,
        by=by,
        at=at,
        user=to.username if to else "",
        predecessors=[one.user.username for one in leaving],
        from_on=str(from_on),
    )
    return Handed(tuple(one.user for one in leaving), tenure)
