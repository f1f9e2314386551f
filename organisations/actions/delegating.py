"""Verbs of absence (委托代办, AB岗): somebody else does a post's work for some days."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from organisations import outsiders, permissions
from organisations.days import day_of, long_day
from organisations.delegations import Link, closes_circle
from organisations.errors import Refused
from organisations.journal import record
from organisations.lengths import check_length
from organisations.models import AuditEvent, Delegation, Post, Tenure, User
from organisations.permissions import ADMINISTRATORS
from organisations.roles import Act
from organisations.scope import Actor

KIND = AuditEvent.Kind.POST


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
    """Somebody stands in for ``post`` from a day until (not including) another.

    ``to_post``: whoever holds it, or stands in for it. Refused: circles, two stand-ins at a time,
    administrators' posts, a right that the giver does not have himself.
    """
    permissions.check_entrust(by, Act.DELEGATE, post)
    # of two delegations at once the second one sees the first
    list(Post.objects.select_for_update().filter(pk__in=[post.pk, getattr(to_post, "pk", None)]))
    _check_days(from_on, until_on, at)
    if not reason.strip():
        raise Refused("no_reason", _("Please give a reason."))
    check_length(reason)
    if post.role in ADMINISTRATORS or (to_post is not None and to_post.role in ADMINISTRATORS):
        raise Refused(
            "administrators_post",
            _("Nobody stands in for an administrator. Appoint a second one instead."),
        )
    running = list(Delegation.objects.ahead(from_on).filter(from_on__lt=until_on))
    _check_free(post, running)
    if to_post is not None:
        _check_post(post, to_post, running)
        permissions.check_not_raising_oneself(by, post, to_post=to_post)
    elif to_user is not None:
        _check_user(post, to_user, from_on, until_on)
        permissions.check_not_raising_oneself(by, post, to_user=to_user)
    else:
        raise Refused("no_target", _("Choose who stands in."))
    row = Delegation.objects.create(
        post=post,
        to_user=to_user if to_post is None else None,
        to_post=to_post,
        from_on=from_on,
        until_on=until_on,
        reason=reason.strip(),
        reads_only=reads_only,
        by=by.user,
        at=at,
    )
    _journal("delegate", row, by, at)
    return row


@transaction.atomic
def revoke(delegation: Delegation, *, by: Actor, at: datetime) -> Delegation:
    """It ends today; whoever may delegate the post, gave it, or is back in the post says so."""
    row = Delegation.objects.select_for_update(of=("self",)).get(pk=delegation.pk)
    own = by.user is not None and by.user.pk == row.by_id
    back = any(s.post_id == row.post_id and s.delegation_id is None for s in by.standings)
    if not (own or back):
        permissions.check_entrust(by, Act.DELEGATE, row.post)
    day = day_of(at)
    if row.until_on <= day or row.is_revoked(day):
        raise Refused("ended_already", _("This has ended already."))
    row.revoked_on = day
    row.save(update_fields=["revoked_on"])
    _journal("revoke_delegation", row, by, at)
    return row


def end_of_post(post: Post, *, on: date) -> None:
    """The post changes hands on a day: what its last holder delegated ends with him."""
    for row in Delegation.objects.ahead(on).filter(post=post):
        row.revoked_on = max(on, row.from_on) if row.from_on < on else row.from_on
        row.save(update_fields=["revoked_on"])


def _journal(verb: str, row: Delegation, by: Actor, at: datetime) -> None:
    to = row.to_user.username if row.to_user else str(row.to_post)
    record(
        KIND,
        verb,
        row.post,
        by=by,
        at=at,
        delegation=row.pk,
        to=to,
        from_on=str(row.from_on),
        until_on=str(row.until_on),
        reason=row.reason,
        reads_only=row.reads_only,
    )


def _check_days(from_on: date, until_on: date, at: datetime) -> None:
    if until_on <= from_on:
        raise Refused("ends_before_it_starts", _("The last day lies before the first."))
    if from_on < day_of(at):
        raise Refused("in_the_past", _("A stand-in begins today or later."))


def _check_free(post: Post, running: list[Delegation]) -> None:
    for row in running:
        if row.post_id == post.pk:
            raise Refused(
                "delegated_already",
                _("Somebody stands in from %(first)s to %(last)s already. Revoke that first.")
                % {"first": long_day(row.from_on), "last": long_day(row.last_on)},
            )


def _check_post(post: Post, to_post: Post, running: list[Delegation]) -> None:
    links = [Link(post=row.post_id, to_post=row.to_post_id) for row in running]
    if post.pk == to_post.pk or closes_circle(post.pk, to_post.pk, links):
        raise Refused(
            "circle",
            _("“%(post)s” stands in for the other one in these days: they would wait in a circle.")
            % {"post": to_post},
        )


def _check_user(post: Post, user: User, from_on: date, until_on: date) -> None:
    if not user.is_active:
        raise Refused("account_shut", _("The account of %(user)s is shut.") % {"user": user})
    outsiders.check_apart(user, from_on)
    held = Tenure.objects.ahead(from_on).filter(Q(user=user), from_on__lt=until_on)
    held = held.select_related("post__unit")
    if any(tenure.post_id == post.pk for tenure in held):
        raise Refused(
            "holds_already", _("%(user)s holds “%(post)s” already.") % {"user": user, "post": post}
        )
    permissions.check_separated(post, (tenure.post for tenure in held))
