"""The rules that a case was opened under, read once per process and version (immutable)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from cases.models import Case, FormRecord
from cases.stages import TERMINAL
from workflows.assignment import in_words
from workflows.calendar import WorkCalendar
from workflows.form_fields import Form
from workflows.models import ProgrammeVersion, load_calendar
from workflows.packs import Pack
from workflows.procedure import Move, Procedure, Stage
from workflows.same import MOST
from workflows.text import Text

APPLY = "apply_for_closure"
# in place of a rule's key, once a person has chosen another department
BY_HAND = "by_hand"


@lru_cache(maxsize=64)
def pack_of(version_id: int) -> Pack:
    """The parsed pack of an issued version; versions never change, so the cache never lies."""
    return ProgrammeVersion.objects.get(pk=version_id).pack


def calendar() -> WorkCalendar:
    """The working-day table, cached per process."""
    return load_calendar()


@dataclass(frozen=True)
class Rules:
    """What the pinned version says about one case."""

    pack: Pack
    procedure: Procedure
    stage: Stage | None

    def moves(self, grade: str) -> tuple[Move, ...]:
        return self.procedure.moves(self.stage.key, grade or None) if self.stage else ()


def procedure_of(case: Case) -> Procedure:
    return pack_of(case.pack_version_id).procedure(case.procedure)


def rules_of(case: Case) -> Rules:
    # asked ten times in a move: Django's and the machine's own ways to these columns are long
    row = vars(case)
    stage = row.get("stage") or case.stage
    pack = pack_of(row.get("pack_version_id") or case.pack_version_id)
    key = id(pack), case.procedure, stage
    held = _known.get(key)
    if held is None:
        if len(_known) >= MOST:
            _known.clear()
        # with its pack, so that nothing else takes what names it
        held = _known[key] = (_rules(pack, case.procedure, stage), pack)
    return held[0]


_known: dict[tuple[int, str, str], tuple[Rules, Pack]] = {}


def _rules(pack: Pack, procedure: str, stage: str) -> Rules:
    found = pack.procedure(procedure)
    return Rules(pack, found, None if stage in TERMINAL else found.stage(stage))


def questions_of(record: FormRecord, case: Case) -> tuple[Pack, Form]:
    """The plan and the form in whose words the answers were given, which a later version may ask
    otherwise or not at all; ``case``: the record's own, read already."""
    pack = pack_of(record.pack_version_id or case.pack_version_id)
    return pack, pack.form(record.form)


@lru_cache(maxsize=256)
def former_title(programme: str, procedure: str, stage: str) -> Text | None:
    """What an earlier version of the programme called a stage that the pinned one does not have."""
    for version in ProgrammeVersion.objects.filter(programme__key=programme).order_by("-number"):
        found = version.pack.procedures.get(procedure)
        if found is not None and found.has(stage):
            return found.stage(stage).title
    return None


def leaves_by(case: Case, verb: str) -> bool:
    """Whether a verb leaves the stage in which a case stands, for some class."""
    stage = rules_of(case).stage
    return stage is not None and stage.leaves_by(verb)


def is_in_review(case: Case) -> bool:
    """Whether the case lies with a reviewer, the county's or the city's."""
    return case.stage in procedure_of(case).reviews


def rule_words(key: str, pack: Pack) -> str:
    """Which rule chose the competent department: "规则：303 砖瓦、石材 → 市住建局"."""
    if key == BY_HAND:
        return _("Chosen by hand, see the history")
    return next((in_words(rule) for rule in pack.assignment if rule.key == key), "")


def correction_stage(procedure: Procedure) -> str:
    """Where a closed case goes on when it is reopened: as the pack says, or where it applied."""
    if procedure.reopens_at:
        return procedure.reopens_at
    for stage, move in procedure.edges():
        if move.verb == APPLY:
            return stage.key
    return procedure.initial


def is_classed(case: Case) -> bool:
    """Whether the survey has said what the firm lacks; a pack without classes knows from the
    start."""
    return bool(case.grade) or not pack_of(case.pack_version_id).grades
