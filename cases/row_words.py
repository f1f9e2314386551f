"""What a row says of a case: its state, what lacks, the date that counts.

A page's rows and a file's (``columns``, ``sheet_kinds``) both ask here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from cases import wording
from cases.kinds import DASH, asked_of
from cases.labels import ending_label
from cases.models import Case, WorkItem
from cases.policies import names_of
from cases.rulebook import is_classed, is_in_review, leaves_by, pack_of
from cases.stages import TERMINAL
from workflows.text import localised


def named(firm: str, remedy: str) -> str:
    """A firm, and what of it a line is about."""
    return f"{firm} · {remedy}" if remedy else firm


def progress_line(words: str, day: date | None, on: date | None) -> str:
    """When it was, and what; nothing without an event."""
    return f"{wording.short_day(day, on)} {words}".strip() if day else ""


def stage_label(case: Case, item: WorkItem | None) -> str:
    """What the ledger calls the state: 待签收, 摸底中, 暂缓办理, 已销号."""
    if item is not None and item.is_suspended:
        return _("Suspended")
    procedure = pack_of(case.pack_version_id).procedure(case.procedure)
    if case.stage in TERMINAL or not procedure.has(case.stage):
        return ending_label(procedure, case.stage)
    return localised(procedure.stage(case.stage).state_label)


def phase_of(case: Case, item: WorkItem | None) -> dict[str, Any]:
    """For components/phase_mini.html: strokes over the phases of the firm's own case, or of a
    matter's procedure.
    """
    pack = pack_of(case.pack_version_id)
    procedure = pack.procedure(case.procedure)
    shown = procedure if case.is_matter else pack.root
    phases = [phase.key for phase in shown.phases]
    at = len(phases)
    if case.stage not in TERMINAL and procedure.has(case.stage):
        key = procedure.stage(case.stage).phase
        at = phases.index(key) + 1 if key in phases else 1
    return {"at": at, "of": len(phases), "words": stage_label(case, item)}


def lack_of(case: Case, item: WorkItem | None) -> str:
    """还差: criteria that accepted evidence does not meet yet; before a class, the step."""
    if item is None:
        return DASH
    if leaves_by(case, "acknowledge"):
        return _("Next: acknowledge")
    if case.criterion:
        return names_of(case, [case.criterion])
    if case.lacking:
        return names_of(case, case.lacking)
    if case.is_matter:
        return asked_of(case, item)
    if not is_classed(case):
        return _("Survey not finished")
    if item.is_correction or getattr(case, "has_returned", False):
        return _("Correct what was sent back")  # all there, and it or a paper came back
    if leaves_by(case, "close"):
        return _("Complete, to be confirmed")
    return _("Complete, to be reviewed") if is_in_review(case) else _("Complete")


def is_lacking(case: Case, item: WorkItem | None) -> bool:
    """Whether 还差 names a criterion: neither the step that comes next, nor that all is there."""
    if item is None or leaves_by(case, "acknowledge"):
        return False
    return bool(case.criterion or case.lacking)


def due_of(item: WorkItem | None, *, own: bool) -> date | None:
    """The date that counts for whoever looks; none while the clock stands or a higher level has
    it."""
    if item is None or item.is_suspended or item.is_declined:
        return None
    return item.due_on if own or not item.waits_higher else None
