"""What a sheet that a county hands back would change: row by row, against the cases as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from cases import permissions
from cases.importing.expected_day import DayRefused, expected_day
from cases.importing.note_rows import FilledRow
from cases.models import Case, StandingNote
from cases.note_key import FILLED, RowKey, day_text, digest, read_key
from cases.row_words import stage_label
from enterprises.importing.folding import fold_code, fold_name
from organisations.roles import Act
from organisations.scope import Actor

MOST = 500  # characters of one cell
NEW, CHANGED, UNCHANGED, STALE, REFUSED = "new", "changed", "unchanged", "stale", "refused"
VERDICTS = (NEW, CHANGED, UNCHANGED, STALE, REFUSED)
CHUNK = 500


@dataclass(frozen=True)
class Change:
    """One of the three columns: ``old`` stands, ``new`` is what the sheet says."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Verdict:
    """``code`` and ``column`` say why a row is refused or waits to be confirmed."""

    row: FilledRow
    kind: str
    case: Case | None = None
    changes: tuple[Change, ...] = ()
    code: str = ""
    column: str = ""
    reason: str = ""
    remark: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "sheet": self.row.sheet,
            "row": self.row.row,
            "column": self.row.cells.get(self.column, ""),
            "code": self.code,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class NotePlan:
    verdicts: tuple[Verdict, ...] = ()

    def of(self, kind: str) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.kind == kind]

    def counts(self) -> dict[str, int]:
        return {kind: len(self.of(kind)) for kind in VERDICTS}

    def to_take(self, *, knowing: bool) -> list[Verdict]:
        """``knowing``: whoever hands it in has read which rows others changed meanwhile."""
        kinds = (NEW, CHANGED, STALE) if knowing else (NEW, CHANGED)
        return [verdict for verdict in self.verdicts if verdict.kind in kinds]

    def as_json(self) -> dict[str, Any]:
        told = {kind: [v.as_json() for v in self.of(kind)] for kind in (STALE, REFUSED)}
        return {**self.counts(), "stale_rows": told[STALE], "refused_rows": told[REFUSED]}


@dataclass
class _Planner:
    actor: Actor
    today: date
    cases: Mapping[int, Case]
    notes: Mapping[int, StandingNote]
    seen: dict[int, FilledRow] = field(default_factory=dict)

    def judge(self, row: FilledRow, key: RowKey | None, pk: int | None) -> Verdict:
        case = self.cases.get(pk or 0)
        if case is None or case.is_matter:
            # the same words for another county's case and for none at all: nothing is given away
            return _refused(row, "not_yours", "name", _("This row is none of your cases."))
        item = getattr(case, "item", None)
        if not permissions.can(self.actor, Act.RECORD_FORM, case, item):
            words = _("Only the county that handles the case fills in this row.")
            return _refused(row, "not_handler", "name", words)
        if not _is_same_firm(row, case):
            words = _("The row names %(given)s, its key %(held)s: rows were mixed up in sorting.")
            told = {"given": row.firm, "held": case.subject}
            return _refused(row, "mixed_rows", "name", words % told)
        first = self.seen.setdefault(case.pk, row)
        if first is not row and first.given != row.given:
            words = _("The case stands in row %(row)d already, with other words.")
            return _refused(row, "twice", "key", words % {"row": first.row})
        return self._compare(row, key, case)

    def _compare(self, row: FilledRow, key: RowKey | None, case: Case) -> Verdict:
        if row.unread:
            words = _(
                "Cell %(cell)s is a formula whose result the file does not hold. Type the words "
                "themselves, or open the file in Excel or WPS, save it and hand it in again."
            )
            cell = row.cells[row.unread[0]]
            return _refused(row, "formula", row.unread[0], words % {"cell": cell})
        note = self.notes.get(case.pk)
        standing = values_of(note)
        changes: list[Change] = []
        is_stale = False
        for name, typed in row.given.items():
            if name == "expected":
                base = key.digests[name] if key else ""
                if digest(typed) == base:
                    continue  # not touched, though the day may have passed meanwhile
                try:
                    new = day_text(expected_day(typed, self.today))
                except DayRefused as refusal:
                    if typed == standing[name]:
                        continue
                    return _refused(row, refusal.code, name, refusal.words)
            else:
                new = typed
            if len(new) > MOST:
                words = _("At most %(limit)d characters; there are %(count)d.")
                told = {"limit": MOST, "count": len(new)}
                return _refused(row, "too_long", name, words % told)
            if new == standing[name] or _is_untouched(name, new, key):
                continue
            changes.append(Change(name, standing[name], new))
            is_stale |= _is_stale(name, standing[name], key)
        if not changes:
            return Verdict(row, UNCHANGED, case)
        if case.is_finished:
            words = _("The case has ended: %(state)s. Nothing is written to it any more.")
            return _refused(
                row, "ended", changes[0].name, words % {"state": stage_label(case, None)}
            )
        if is_stale:
            return Verdict(
                row, STALE, case, tuple(changes), "stale", changes[0].name, _stale_words(note)
            )
        kind = NEW if note is None else CHANGED
        return Verdict(row, kind, case, tuple(changes), remark=_remark(case, key, changes))


def plan_of(rows: Sequence[FilledRow], actor: Actor, today: date) -> NotePlan:
    """Reads the cases in chunks: the number of statements goes with the rows, 500 at a time."""
    keys = [read_key(row.key) if row.key else None for row in rows]
    numbers = _by_number(
        [r.number for r, key in zip(rows, keys, strict=True) if key is None], actor
    )
    ids = [
        key.case if key else numbers.get(row.number) for row, key in zip(rows, keys, strict=True)
    ]
    wanted = sorted({pk for pk in ids if pk})
    planner = _Planner(actor, today, _cases(wanted, actor), notes_of(wanted))
    return NotePlan(
        tuple(planner.judge(row, key, pk) for row, key, pk in zip(rows, keys, ids, strict=True))
    )


def notes_of(ids: Sequence[int]) -> dict[int, StandingNote]:
    found: dict[int, StandingNote] = {}
    for chunk in _chunks(ids):
        rows = StandingNote.objects.filter(case__in=chunk).select_related("by")
        found |= {note.case_id: note for note in rows}
    return found


def values_of(note: StandingNote | None) -> dict[str, str]:
    """The three columns as a sheet holds them."""
    if note is None:
        return dict.fromkeys(FILLED, "")
    return {
        "progress": note.progress,
        "problem": note.problem,
        "expected": day_text(note.expected_on),
    }


def _cases(ids: Sequence[int], actor: Actor) -> dict[int, Case]:
    found: dict[int, Case] = {}
    for chunk in _chunks(ids):
        rows = Case.objects.visible_to(actor).with_item().as_rows().filter(pk__in=chunk)
        found |= {case.pk: case for case in rows}
    return found


def _by_number(numbers: Iterable[str], actor: Actor) -> dict[str, int]:
    """Cases by 2022-00317: what is left where somebody lost the key column."""
    parted = {n: n.split("-") for n in numbers}
    asked = {
        (int(p[0]), int(p[1])): n
        for n, p in parted.items()
        if len(p) == 2 and all(x.isascii() and x.isdigit() and len(x) <= 6 for x in p)
    }
    found: dict[str, int] = {}
    for chunk in _chunks(sorted(asked)):
        rows = Case.objects.visible_to(actor).filter(serial__in={serial for _year, serial in chunk})
        told = rows.values_list("programme__statistical_year", "serial", "pk")
        found |= {asked[year, serial]: pk for year, serial, pk in told if (year, serial) in asked}
    return found


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[at : at + CHUNK] for at in range(0, len(values), CHUNK))


def _is_same_firm(row: FilledRow, case: Case) -> bool:
    """By the code, or by the beginning of the name: a remedy's row goes on with what it mends."""
    code = (case.enterprise.credit_code or "") if case.enterprise else ""
    if row.code and code and fold_code(row.code) == fold_code(code):
        return True
    return not row.firm or fold_name(row.firm).startswith(fold_name(case.subject))


def _is_untouched(name: str, new: str, key: RowKey | None) -> bool:
    """The cell is as it was taken away; without a key an empty cell says nothing."""
    if key is None:
        return not new
    return digest(new) == key.digests[name]


def _is_stale(name: str, standing: str, key: RowKey | None) -> bool:
    """Whether the cell has changed here since the sheet was taken away."""
    if key is None:
        return bool(standing)
    return digest(standing) != key.digests[name]


def _stale_words(note: StandingNote | None) -> str:
    who = str(note.by) if note and note.by else _("Somebody")
    words = _("%(who)s has written here since the sheet was downloaded.")
    return words % {"who": who}


def _remark(case: Case, key: RowKey | None, changes: Sequence[Change]) -> str:
    """What is good to know and stops nothing: the case moved on, or it will be late."""
    item = getattr(case, "item", None)
    days = [change.new for change in changes if change.name == "expected" and change.new]
    if days and item is not None and item.due_on and days[0] > item.due_on.isoformat():
        words = _("Later than the deadline, %(day)s, which stays. Ask for an extension in time.")
        return words % {"day": item.due_on.isoformat()}
    if key is not None and key.version != case.version:
        words = _("The case has moved since the download; now: %(state)s.")
        return words % {"state": stage_label(case, item)}
    return ""


def _refused(row: FilledRow, code: str, column: str, words: str) -> Verdict:
    return Verdict(row, REFUSED, code=code, column=column, reason=words)
