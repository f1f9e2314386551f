"""存量台账, taken back: the cases that an import opened are withdrawn, all or none, set-based.

Their numbers and their trail stay; their firms have no case until one is opened or imported anew,
which then takes the place of the withdrawn one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases import engine
from cases.errors import NotYours, Refused
from cases.models import Case, CaseEvent, Evidence, FormRecord, Suspension
from cases.permissions import refusal
from cases.querysets import CaseQuerySet
from cases.stages import CLOSED, WITHDRAWN
from enterprises.models import ImportBatch
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor

NAMED = 5


@dataclass(frozen=True)
class Made:
    """Firms' cases of an import, closed ones among them, and firms whose case has moved on."""

    cases: int
    closed: int
    moved_on: Sequence[str]
    # of an import that did not note yet which cases it opened
    is_untold: bool = False


def made_by(batch: ImportBatch) -> Made:
    """For whoever is asked before it is undone; three statements."""
    rows = list(_roots(batch).select_related("enterprise"))
    closed = sum(row.stage == CLOSED for row in rows)
    untold = not rows and batch.done_rows > 0
    return Made(len(rows), closed, _moved_on(rows, _told(batch, rows)), untold)


def why_stays(made: Made) -> str:
    """Why an import is not undone, in words; empty when nothing stands in the way."""
    if made.is_untold:
        return _(
            "It is not on record which cases this import opened. Withdraw single cases instead."
        )
    if not made.moved_on:
        return ""
    comma = pgettext("list of names", ", ")
    words = ngettext(
        "Work has gone on since in the case of %(n)d firm: %(firms)s. Withdraw or reopen single "
        "cases instead.",
        "Work has gone on since in the cases of %(n)d firms: %(firms)s. Withdraw or reopen single "
        "cases instead.",
        len(made.moved_on),
    )
    return words % {"n": len(made.moved_on), "firms": comma.join(made.moved_on[:NAMED])}


@transaction.atomic
def undo_ledger(batch: ImportBatch, *, by: Actor, at: datetime) -> int:
    """Withdraw what the import opened, with its remedies; how many firms' cases.

    Refused by name where somebody has worked on one since. A fixed number of statements per 400.
    """
    if not by.may_in(Act.OPEN, batch.city):
        raise NotYours("not_yours", refusal(Act.OPEN))
    ids = list(_roots(batch).values_list("pk", flat=True))
    roots = engine.lock(ids, with_children=True)
    # under the lock nobody moves on any more
    made = made_by(batch)
    if words := why_stays(made):
        raise Refused("moved_on", words)
    steps = [one for root in roots for one in (root, *root.children)]
    steps = [step for step in steps if step.case.stage != WITHDRAWN]
    reason = _("Import no. %(id)s of the running ledger was undone") % {"id": batch.pk}
    for step in steps:
        step.verb, step.to_stage, step.reason = "undo_import", WITHDRAWN, reason
        step.data = {"import": batch.pk, "from": step.from_stage}
        case = step.case
        if case.closing_serial:
            step.data["closing_serial"] = case.closing_serial  # revoked with the import
        case.closed_on = case.closing_serial = case.reviewed_on = None
    resting = [step.case.pk for step in steps if step.item is not None and step.item.is_suspended]
    Suspension.objects.filter(case__in=resting, resumed_on=None).update(resumed_on=day_of(at))
    # measures that the import had written down; nobody has filled in anything since
    FormRecord.objects.filter(case__in=[step.case.pk for step in steps], is_draft=True).delete()
    papers = Evidence.objects.filter(case__in=ids, state=Evidence.State.VERIFIED_OFFLINE)
    papers.update(state=Evidence.State.WITHDRAWN)
    engine.write(steps, by=by, at=at)
    return len(roots)


def _roots(batch: ImportBatch) -> CaseQuerySet:
    mine = CaseEvent.objects.filter(case=OuterRef("pk"), verb="import", data__import=batch.pk)
    rows = Case.objects.filter(programme__key=batch.programme_key, parent=None)
    found: CaseQuerySet = rows.filter(Exists(mine)).order_by("pk")
    return found


def _told(batch: ImportBatch, roots: Sequence[Case]) -> Mapping[int, CaseEvent]:
    """The events by which the import opened them, by case."""
    rows = CaseEvent.objects.filter(verb="import", case__in=[root.pk for root in roots])
    return {event.case_id: event for event in rows if event.data.get("import") == batch.pk}


def _moved_on(roots: Sequence[Case], told: Mapping[int, CaseEvent]) -> list[str]:
    """Firms in whose case somebody has acted, or that stands elsewhere than the ledger said."""
    ids = [root.pk for root in roots]
    family = Q(case__in=ids) | Q(case__parent__in=ids)
    touched = Case.objects.filter(Q(pk__in=ids) | Q(parent__in=ids), progress_at__isnull=False)
    worked = {
        pk if parent is None else parent for pk, parent in touched.values_list("pk", "parent")
    }
    filled = FormRecord.objects.filter(family).values_list("case_id", "case__parent_id", "at")
    opened = {pk: event.at for pk, event in told.items()}
    for case_id, parent, at in filled:
        root = parent or case_id
        if at > opened[root]:
            worked.add(root)
    papers = Evidence.objects.filter(family).exclude(state=Evidence.State.WITHDRAWN)
    for case_id, at in papers.values_list("case_id", "submitted_at"):
        # those that prove the ledger's closings came with it
        if at != opened.get(case_id):
            worked.add(case_id)
    return [
        root.enterprise.name if root.enterprise else root.number
        for root in roots
        if root.pk in worked or root.stage != told[root.pk].to_stage
    ]
