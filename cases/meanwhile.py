"""What happened to a firm while a form about it was away from the network.

A form opened in the morning and sent in the evening may meet a case that was closed or reassigned,
or a colleague's visit of the same day. It is told so before anything is written, and decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from cases.dates import day_words
from cases.errors import Stale
from cases.models import CaseEvent, Visit
from cases.names import Names
from cases.wording import words_of
from enterprises.models import Enterprise
from organisations.days import day_of
from organisations.scope import Actor

# what makes a case another one for whoever was on the way to the firm
TELLING = (
    *("close", "delist", "withdraw", "carry_over", "reassign", "decline", "suspend", "undo_import"),
)
TOLD = 5  # lines; who is told five things need not read a sixth


@dataclass(frozen=True)
class Basis:
    """How far the trail of a firm had come when a form was opened: its last visit and event."""

    visit: int
    event: int

    def __str__(self) -> str:
        return f"{self.visit}-{self.event}"

    @classmethod
    def read(cls, text: str) -> Basis | None:
        found = re.fullmatch(r"(\d{1,12})-(\d{1,12})", text.strip(), re.ASCII)
        return cls(int(found[1]), int(found[2])) if found else None

    @classmethod
    def of(cls, firm: Enterprise) -> Basis:
        """Two statements."""
        visit = Visit.objects.filter(enterprise=firm).aggregate(last=Max("pk"))["last"]
        event = CaseEvent.objects.filter(case__enterprise=firm).aggregate(last=Max("pk"))["last"]
        return cls(visit or 0, event or 0)


class Changed(Stale):
    """What happened meanwhile, and the basis of whoever has read it: sent with that, it stands."""

    def __init__(self, changes: list[str], basis: Basis) -> None:
        words = _("Since you opened this form something has changed. What you wrote is kept.")
        super().__init__("changed_meanwhile", words)
        self.changes, self.basis = changes, basis


def check(
    firm: Enterprise, basis: Basis | None, cases: Collection[int] | None, day: date, by: Actor
) -> None:
    """Raise ``Changed`` where others did something since ``basis`` that a visit should know of."""
    if basis is None:
        return
    changes = [*_visits(firm, basis, day, by), *_events(firm, basis, cases, by)]
    if changes:
        raise Changed(changes[:TOLD], Basis.of(firm))


def _visits(firm: Enterprise, basis: Basis, day: date, by: Actor) -> list[str]:
    """A colleague's visit of the same day; one of another day is simply another one."""
    rows = Visit.objects.filter(
        _of_others(by), enterprise=firm, visited_on=day, pk__gt=basis.visit, taken_back_at=None
    )
    if not by.is_system:
        rows = rows.filter(city_id__in=by.city_ids)
    words = _("%(people)s have recorded a visit of %(day)s already.")
    return [
        words % {"people": row.people, "day": day_words(row.visited_on, day)}
        for row in rows.order_by("pk")
    ]


def _events(firm: Enterprise, basis: Basis, cases: Collection[int] | None, by: Actor) -> list[str]:
    rows = CaseEvent.objects.filter(
        _of_others(by),
        case__enterprise=firm,
        case__parent=None,
        pk__gt=basis.event,
        verb__in=TELLING,
    )
    # a firm may stand on the registers of two cities, which do not read each other's cases
    if not by.is_system:
        rows = rows.filter(case__programme__city_id__in=by.city_ids)
    if cases is not None:
        rows = rows.filter(case__in=list(cases))
    found = list(rows.select_related("case__programme", "by", "by_post__unit"))
    if not found:
        return []
    names = Names.of(found, day_of(found[-1].at))
    words = _("%(case)s: %(what)s")
    return [words % {"case": one.case.number, "what": words_of(one, names)} for one in found]


def _of_others(by: Actor) -> Q:
    return Q() if by.user is None else ~Q(by=by.user) | Q(by=None)
