"""列对应: what the columns of a city's filing list are, as the office says once and for all.

A saved map goes before the words that everybody uses; columns that nobody named are suggested by
their names. Kept for a city, a programme and a kind of list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.importing.filing_rows import ANSWERS
from enterprises.importing.folding import fold_display, fold_header
from enterprises.importing.guards import check_may_import
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.tables import FILING_COLUMNS, Column, Headings, header_of
from enterprises.importing.workbook import Sheet, read_workbook
from enterprises.models import ColumnMap, ImportBatch
from organisations import journal
from organisations.lengths import OF_NAME, check_length
from organisations.models import AuditEvent, Region
from organisations.scope import Actor

SAMPLES = 3  # first values that the page shows of a column
_WITHIN = 40
# what the office may say that a column is; "" is none of these
FIELDS: Mapping[str, Any] = {
    "name": gettext_lazy("Firm name"),
    "credit_code": gettext_lazy("Credit code"),
    "registered": gettext_lazy("Registered in the provincial system"),
    "filed": gettext_lazy("Filed"),
    "has_institution": gettext_lazy("Has an R&D body"),
    "has_staff": gettext_lazy("Has R&D staff"),
    "has_spending": gettext_lazy("Has R&D spending"),
    "has_cooperation": gettext_lazy("Has industry-university cooperation"),
    "spending": gettext_lazy("Amount of R&D spending"),
}
# looser than what is read without asking: only offered
_HINTS: Mapping[str, str] = {
    "credit_code": r"信用|机构代码|代码",
    "name": r"企业|单位|公司",
    "registered": r"注册|开户|登录|账号",
    "filed": r"填报|上报|申报|报送|报表",
    "has_institution": r"机构|平台|研发中心|技术中心",
    "has_staff": r"人员|人数",
    "spending": r"(经费|费用|投入).*(元|额|支出)",
    "has_spending": r"经费|费用|投入|r&d",
    "has_cooperation": r"产学研|合作|院校",
}


@dataclass(frozen=True)
class Sighted:
    """One column of a list: where it stands, its first values, what it is taken for."""

    letter: str
    header: str
    values: tuple[str, ...]
    field: str = ""
    # whether the field is only offered, by the name
    is_guess: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "column": self.letter,
            "header": self.header,
            "values": list(self.values),
            "field": self.field,
            "suggested": self.is_guess,
        }


def columns_in(path: Path, file_name: str, headings: Headings | None) -> list[Sighted]:
    """The named columns of the list's sheet, in its order. Raises ``ImportRefused``."""
    book = read_workbook(path, file_name)
    for sheet in book.sheets:
        known = header_of(sheet, FILING_COLUMNS, headings)
        at = known[0] if known is not None else _widest(sheet)
        if at is not None:
            return _sighted(sheet, at, known[1] if known is not None else {})
    raise ImportRefused("no_header", _("No row with the names of columns was found."))


def _widest(sheet: Sheet) -> int | None:
    """The row with the most words among the first ones: that is the header, whatever it says."""
    texts = [sum(isinstance(cell, str) for cell in row) for row in sheet.rows[:_WITHIN]]
    best = max(texts, default=0)
    return texts.index(best) if best > 1 else None


def _sighted(sheet: Sheet, at: int, known: Mapping[str, Column]) -> list[Sighted]:
    by_index = {column.index: key for key, column in known.items()}
    taken = set(known)
    found = []
    for index, cell in enumerate(sheet.rows[at]):
        if not isinstance(cell, str) or not cell.strip():
            continue
        field = by_index.get(index, "")
        guess = "" if field else _guess(fold_header(cell), taken)
        taken |= {guess} - {""}
        rows = sheet.rows[at + 1 : at + 1 + SAMPLES]
        values = tuple(fold_display(row[index])[:40] if index < len(row) else "" for row in rows)
        header = " ".join(cell.split())
        letter = Column(index, header).letter
        found.append(Sighted(letter, header, values, field or guess, bool(guess)))
    return found


def _guess(folded: str, taken: set[str]) -> str:
    fits = (key for key, words in _HINTS.items() if re.search(words, folded))
    return next((key for key in fits if key not in taken), "")


def headings_for(city: Region, programme_key: str, own: Headings) -> dict[str, list[str]]:
    """What the office saved goes before what the plan says; for a list of the filing."""
    saved = map_of(city, programme_key)
    return merged(saved.columns if saved else {}, own)


def merged(said: Headings, own: Headings) -> dict[str, list[str]]:
    """``said`` first; a heading stands for one thing only."""
    found = {key: list(names) for key, names in own.items()}
    for key, names in said.items():
        others = {fold_header(name) for name in names}
        found = {k: [n for n in held if fold_header(n) not in others] for k, held in found.items()}
        found[key] = [*names, *found.get(key, [])]
    return {key: names for key, names in found.items() if names}


def map_of(city: Region, programme_key: str) -> ColumnMap | None:
    kind = ImportBatch.Kind.FILING
    return ColumnMap.objects.filter(city=city, programme_key=programme_key, kind=kind).first()


def checked(columns: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The map, or ``ImportRefused`` in words: unknown, twice, or something the list must say."""
    unknown = sorted(set(columns) - {*FIELDS, ""})
    if unknown:
        words = _("“%(name)s” is no field. There is: %(known)s.")
        told = {"name": unknown[0], "known": ", ".join(FIELDS)}
        raise ImportRefused("unknown_field", words % told)
    for key, names in columns.items():
        if key and len(names) > 1:
            words = _("Two columns are to be “%(field)s”: %(names)s. Choose one of them.")
            told = {"field": str(FIELDS[key]), "names": _(", ").join(names)}
            raise ImportRefused("field_twice", words % told)
        for name in names:
            check_length(name, OF_NAME)
    lacking = [str(FIELDS[key]) for key in ANSWERS if not columns.get(key)]
    if not (columns.get("name") or columns.get("credit_code")):
        lacking.insert(0, _("Firm name or credit code"))
    if lacking:
        words = _("No column is chosen for: %(names)s.")
        raise ImportRefused("field_lacking", words % {"names": _(", ").join(lacking)})
    return {key: list(names) for key, names in columns.items()}


def _in_words(columns: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """For whoever reads the trail: which headers are read as what."""
    return {
        str(FIELDS.get(key) or _("not read")): list(names)
        for key, names in columns.items()
        if names
    }


def save_map(
    city: Region,
    programme_key: str,
    columns: Mapping[str, Sequence[str]],
    *,
    by: Actor,
    at: datetime,
) -> ColumnMap:
    """Headers by field; those under "" are not read. The next list is read by it without asking."""
    check_may_import(city, by)
    maps = ColumnMap.objects.filter(
        city=city, programme_key=programme_key, kind=ImportBatch.Kind.FILING
    )
    was = _in_words(maps.values_list("columns", flat=True).first() or {})
    kept, _made = maps.update_or_create(
        city=city,
        programme_key=programme_key,
        kind=ImportBatch.Kind.FILING,
        defaults={"columns": checked(columns), "by": by.user, "at": at},
    )
    now = _in_words(kept.columns)
    told = journal.changed(was, dict.fromkeys(was) | now)
    journal.record(
        AuditEvent.Kind.IMPORT, "column_map", kept, by=by, at=at, columns=kept.columns, **told
    )
    return kept
