"""Facts of the work: cases, open steps, history, evidence, forms, escalation."""

from cases.nouns.case import Case, CaseUnit
from cases.nouns.counting import WorkCount, WorkMark
from cases.nouns.escalation import DraftLine, EscalationDraft, PhoneReminder, RungFired
from cases.nouns.evidence import Evidence, FormFile, FormRecord, PaperRung
from cases.nouns.extension import Extension
from cases.nouns.field import CallNote, RouteStop
from cases.nouns.handing import HandOver
from cases.nouns.history import CaseEvent, PendingEvent, Suspension
from cases.nouns.lists import SavedList
from cases.nouns.matching import MatchRecord
from cases.nouns.origin import OrderOrigin
from cases.nouns.owed import Counter, ProgrammeFirm
from cases.nouns.paper_file import PaperFile, PaperSight
from cases.nouns.sealed import SealedEvent, SealHead
from cases.nouns.spot_check import SpotCheck, SpotDraw
from cases.nouns.standing_note import NoteSheet, StandingNote
from cases.nouns.visiting import Visit, VisitPhoto
from cases.nouns.work_item import WorkItem

__all__ = [
    "CallNote",
    "Case",
    "CaseEvent",
    "CaseUnit",
    "Counter",
    "DraftLine",
    "EscalationDraft",
    "Evidence",
    "Extension",
    "FormFile",
    "FormRecord",
    "HandOver",
    "MatchRecord",
    "NoteSheet",
    "OrderOrigin",
    "PaperFile",
    "PaperRung",
    "PaperSight",
    "PendingEvent",
    "PhoneReminder",
    "ProgrammeFirm",
    "RouteStop",
    "RungFired",
    "SavedList",
    "SealHead",
    "SealedEvent",
    "SpotCheck",
    "SpotDraw",
    "StandingNote",
    "Suspension",
    "Visit",
    "VisitPhoto",
    "WorkCount",
    "WorkItem",
    "WorkMark",
]
