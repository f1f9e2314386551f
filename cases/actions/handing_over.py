"""Verbs: posts go to a successor (工作移交), a stand-in takes over for some days (委托代办).

Rights follow the post (``organisations.actions``); here is what that means for the cases on its
desk: a line in each timeline, a list of what was open, notices to both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases import engine
from cases.engine import Step
from cases.handing import lines_of, open_cases_of
from cases.models import Case, HandOver
from organisations.actions import delegating, handing
from organisations.days import day_of
from organisations.errors import Refused
from organisations.models import Delegation, Post, Tenure, User
from organisations.scope import Actor

BATCH = 50


@transaction.atomic
def hand_over(
    posts: Sequence[Post],
    *,
    to: User | None,
    from_on: date,
    note: str = "",
    by: Actor,
    at: datetime,
) -> list[HandOver]:
    """Several posts at once go to ``to`` (None: they stay empty) from a day on.

    Today's take effect at once; later ones when ``take_effect`` comes to their day.
    """
    if not posts:
        raise Refused("no_post_chosen", _("Choose at least one post."))
    made = []
    for post in posts:
        handed = handing.hand_over(post, to=to, from_on=from_on, by=by, at=at)
        made.append(
            HandOver(
                post=post,
                successor=to,
                predecessors=[{"id": u.pk, "name": str(u)} for u in handed.predecessors],
                from_on=from_on,
                note=note.strip(),
                by=by.user,
                at=at,
            )
        )
    HandOver.objects.bulk_create(made)
    if from_on <= day_of(at):
        for row in made:
            _take_effect(row, at)
    return made


def take_effect(at: datetime) -> int:
    """Hand-overs whose day has come: their lists are frozen, their cases told; idempotent."""
    count = 0
    while _ahead(at).exists():
        taken = _take_batch(at)
        if not taken:  # another one has them in hand
            break
        count += taken
    return count


def _ahead(at: datetime) -> QuerySet[HandOver]:
    return HandOver.objects.filter(lines__isnull=True, from_on__lte=day_of(at)).order_by("id")


@transaction.atomic
def _take_batch(at: datetime) -> int:
    skip = connection.features.has_select_for_update_skip_locked
    due = list(
        _ahead(at)
        .select_for_update(of=("self",), skip_locked=skip)
        .select_related("post__unit", "successor", "by")[:BATCH]
    )
    for row in due:
        _take_effect(row, at)
    return len(due)


def _take_effect(row: HandOver, at: datetime) -> None:
    cases = list(open_cases_of([row.post_id], Actor.system()))
    # a paper of the city, whatever language the screen of whoever presses has
    with override(settings.LANGUAGE_CODE):
        row.lines = [line.as_json() for line in lines_of(cases, day_of(at))]
    row.save(update_fields=["lines"])
    readers = [one["id"] for one in row.predecessors]
    data = {
        "hand_over": row.pk,
        "post_name": row.post.title,
        "old": row.from_whom,
        "new": str(row.successor) if row.successor else "",
        "count": len(cases),
        "readers": [*readers, *([row.successor_id] if row.successor_id else [])],
        "first": row.from_on.isoformat(),
    }
    _tell("hand_over", cases, data, Actor(row.by, day_of(at)), at, row.note)


@transaction.atomic
def delegate(
    post: Post,
    *,
    to_user: User | None = None,
    to_post: Post | None = None,
    from_on: date,
    until_on: date,
    reason: str,
    reads_only: bool = False,
    by: Actor,
    at: datetime,
) -> Delegation:
    """委托代办: rights by ``organisations``, a line in the timeline of each case on the desk."""
    row = delegating.delegate(
        post,
        to_user=to_user,
        to_post=to_post,
        from_on=from_on,
        until_on=until_on,
        reason=reason,
        reads_only=reads_only,
        by=by,
        at=at,
    )
    if reads_only:  # nobody else acts: nothing to tell
        return row
    cases = list(open_cases_of([post.pk], Actor.system()))
    people = [to_user] if to_user else _holders(to_post, from_on)
    data = {
        "delegation": row.pk,
        "post_name": post.title,
        "new": "、".join(map(str, people)) or (to_post.title if to_post else ""),
        "count": len(cases),
        "readers": [user.pk for user in people],
        "first": row.from_on.isoformat(),
        "last": row.last_on.isoformat(),
    }
    _tell("delegate", cases, data, by, at, row.reason)
    return row


def revoke(delegation: Delegation, *, by: Actor, at: datetime) -> Delegation:
    """The stand-in ends today."""
    return delegating.revoke(delegation, by=by, at=at)


def _holders(post: Post | None, on: date) -> list[User]:
    tenures = Tenure.objects.on(on).filter(post=post).select_related("user").order_by("id")
    return [tenure.user for tenure in tenures]


def _tell(
    verb: str,
    cases: Sequence[Case],
    data: dict[str, object],
    by: Actor,
    at: datetime,
    reason: str,
) -> None:
    """One line per case; nothing of the case changes, so nobody's page grows old."""
    steps = [Step(case, case.item, verb=verb, reason=reason, data=dict(data)) for case in cases]
    engine.record(steps, by=by, at=at)
