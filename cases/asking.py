"""企业咨询: what a firm asked, what it was answered, and how content it said it was.

A question is a case like any other, of the kind that the pack lets firms open; a question that goes
on from another names its number (``follows``), and together they are one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cases.models import Case, CaseEvent, FormRecord, ProgrammeFirm
from cases.rulebook import pack_of
from organisations.scope import Actor
from workflows.packs import Pack
from workflows.procedure import Procedure

QUESTION, FOLLOWS = "question", "follows"
RATE = "satisfaction"
ANSWERS = ("yes", "partly", "no")


@dataclass(frozen=True)
class Question:
    """One question and, once there is one, its answer."""

    case: Case
    text: str
    follows: str
    answer: str
    by: str
    answered_at: datetime | None

    @property
    def is_open(self) -> bool:
        return not self.case.is_finished

    @property
    def due_on(self) -> date | None:
        item = getattr(self.case, "item", None)
        return item.due_on if item is not None else None


def kind_for_firms(pack: Pack) -> Procedure | None:
    """The kind of case that a firm opens by its own word; none in a plan without it."""
    for procedure in pack.procedures.values():
        opening = procedure.opening("hand")
        if opening is not None and "firm" in opening.by:
            return procedure
    return None


def listing_of(firm: int) -> ProgrammeFirm | None:
    """Where the firm stands in the newest plan that lists it; one statement."""
    return listings_of([firm]).get(firm)


def listings_of(firms: Collection[int]) -> dict[int, ProgrammeFirm]:
    """By firm its place in the newest plan that lists it, with the unit; one statement."""
    rows = ProgrammeFirm.objects.filter(enterprise__in=list(firms))
    rows = rows.select_related("programme", "responsible_unit")
    return {row.enterprise_id: row for row in rows.order_by("programme__statistical_year", "pk")}


def threads_of(firms: Collection[int], reader: Actor) -> dict[int, list[list[Question]]]:
    """By firm its threads, the newest first, each in the order asked; two statements.

    Only what ``reader`` sees: a firm on two cities' registers asks each city for itself.
    """
    rows = (
        Case.objects.visible_to(reader)
        .filter(enterprise__in=list(firms), is_main=False, parent=None, criterion="")
        .exclude(stage="withdrawn")
        .with_item()
        .select_related("item", "pack_version")
        .order_by("pk")
    )
    cases = [case for case in rows if _is_question(case)]
    said: dict[int, dict[str, FormRecord]] = {case.pk: {} for case in cases}
    records = FormRecord.objects.filter(case__in=list(said)).select_related("by").order_by("pk")
    for record in records:
        said[record.case_id][record.form] = record
    found: dict[int, list[list[Question]]] = {}
    for case in cases:
        one = _question(case, said[case.pk])
        threads = found.setdefault(case.firm_id, [])
        home = next((t for t in threads if any(q.case.number == one.follows for q in t)), None)
        if home is None:
            threads.append([one])
        else:
            home.append(one)
    return {firm: sorted(threads, key=_last, reverse=True) for firm, threads in found.items()}


def _last(thread: Sequence[Question]) -> int:
    return int(thread[-1].case.pk)


def _is_question(case: Case) -> bool:
    kind = kind_for_firms(pack_of(case.pack_version_id))
    return kind is not None and case.procedure == kind.key


def _question(case: Case, said: dict[str, FormRecord]) -> Question:
    kind = pack_of(case.pack_version_id).procedure(case.procedure)
    opening, stage = kind.opening("hand"), kind.stage(kind.initial)
    asked = said.get(opening.form or "") if opening is not None else None
    reply = said.get(stage.form or "") if case.is_finished else None
    key = next(iter(stage.closes_with), "")
    return Question(
        case=case,
        text=str(asked.data.get(kind.title_from or "", "")) if asked else case.title,
        follows=str(asked.data.get(FOLLOWS, "")) if asked else "",
        answer=str(reply.data.get(key, "")) if reply else "",
        by=str(reply.by or "") if reply else "",
        answered_at=reply.at if reply else None,
    )


def last_rating(events: Collection[CaseEvent]) -> CaseEvent | None:
    """What the firm said last of how it is served."""
    rated = [event for event in events if event.verb == RATE]
    return max(rated, key=lambda event: (event.at, event.pk), default=None)
