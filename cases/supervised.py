"""督办 and what it came of, read from both ends: a case's orders, an order's letter or 批示."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.db.models import Q, QuerySet

from cases.actions.supervising import is_instruction
from cases.ledger_known import known_to
from cases.models import Case, CaseEvent, OrderOrigin
from organisations.asked_again import kept
from organisations.compiled import Compiled
from organisations.scope import Actor


def origin_of(case: Case) -> OrderOrigin | None:
    """What an order came of, also of one that has gone on in the next year; one statement."""
    own = Q(case=case) | Q(case__carried_from=case)
    found = OrderOrigin.objects.filter(own).select_related(
        "letter__county", "letter__programme", "letter__unit", "about__enterprise",
        "about__programme", "instruction__by", "instruction__by_post",
    )  # fmt: skip
    return found.first()


def orders_about(case: Case, actor: Actor) -> list[OrderOrigin]:
    """Orders about a case that this person may see: of a word on it or on the case of the year
    before that goes on in it, or of a letter whose annex names it or a remedy of it; one statement.
    """
    key, made_with = known_to(actor, actor.day)
    asked = kept(("orders", key), lambda: Compiled(partial(_about, actor), int), by=made_with)
    return asked(case.pk)


def _about(actor: Actor, pk: int) -> QuerySet[OrderOrigin]:
    lines = Q(letter__lines__gone="") & (
        Q(letter__lines__item__process=pk) | Q(letter__lines__item__process__parent=pk)
    )
    about = Q(about=pk) | Q(about__carried_to=pk)
    origins: QuerySet[OrderOrigin] = OrderOrigin.objects.filter(about | lines)
    seen = origins.filter(case__in=Case.objects.visible_to(actor)).distinct()
    return seen.select_related("case__programme", "case__responsible_unit", "letter").order_by(
        "-pk"
    )


def instructions(events: Iterable[CaseEvent]) -> list[CaseEvent]:
    """批示 on a case, the newest first."""
    return [event for event in events if is_instruction(event)]
