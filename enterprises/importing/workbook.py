"""A workbook as plain rows, read in a child process that cannot hurt this one."""

from __future__ import annotations

import hashlib
import io
import json
import math
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from enterprises.importing.refusal import ImportRefused

Cell = str | float | bool | date | None

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# different texts of one workbook that are kept once
_KNOWN = 10_000
_CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Limits:
    """What a register may be; a province's largest list stays well below (bytes, seconds)."""

    size: int = 10 << 20
    unpacked: int = 60 << 20
    ratio: int = 100
    ratio_from: int = 4 << 20
    parts: int = 2000
    rows: int = 20_000
    columns: int = 120
    cells: int = 800_000
    memory: int = 640 << 20
    # of the processor; a busy machine gets longer by the clock
    seconds: int = 15
    wall_seconds: int = 90


def usual_limits() -> Limits:
    """Of this installation: a province's largest list unless it says that there are longer ones
    (``XIAOHAO_IMPORT_ROWS``); what a file may weigh and how long it may take grow with its rows."""
    usual, rows = Limits(), settings.IMPORT_ROWS
    if rows <= usual.rows:
        return replace(usual, rows=rows)
    grown = {
        name: math.ceil(getattr(usual, name) * rows / usual.rows)
        for name in ("size", "unpacked", "cells", "seconds", "wall_seconds")
    }
    # a cell laid out and its text
    return replace(usual, rows=rows, memory=usual.memory + rows * 2048, **grown)


@dataclass(frozen=True)
class Sheet:
    """``rows[0]`` is the sheet's row 1, ``rows[0][0]`` its cell A1; ``unread``: addresses of
    formulas whose value the file does not hold, empty cells in ``rows``."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Workbook:
    file_name: str
    sha256: str
    sheets: tuple[Sheet, ...]


def read_workbook(path: Path, file_name: str = "", limits: Limits | None = None) -> Workbook:
    """The visible worksheets of an .xlsx; raises ``ImportRefused`` for anything else.

    ``file_name`` is what the user called it, when ``path`` is a name of our own.
    """
    limits = limits or usual_limits()
    content = _content(path, limits)
    check_type(content)
    sha256 = hashlib.sha256(content).hexdigest()
    del content
    sheets = tuple(_ask_child(path, limits))
    if not any(cell is not None for sheet in sheets for row in sheet.rows for cell in row):
        raise _refusal("blank")
    return Workbook(file_name or path.name, sha256, sheets)


def _content(path: Path, limits: Limits) -> bytes:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _refusal("no_file") from error
    if not path.is_file():
        raise _refusal("no_file")
    if size == 0:
        raise _refusal("empty")
    if size > limits.size:
        raise _refusal("too_large", str(limits.size >> 20))
    return path.read_bytes()


def check_type(content: bytes) -> None:
    """By the first bytes, whatever the file is called; raises ``ImportRefused``."""
    if content.startswith(_OLE):
        raise _refusal("encrypted" if _ENCRYPTED in content else "old_xls")
    if not content.startswith(_ZIP):
        raise _refusal("not_xlsx")


def _ask_child(path: Path, limits: Limits) -> list[Sheet]:
    command = [sys.executable, "-I", str(_CHILD), str(path), json.dumps(asdict(limits))]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=limits.wall_seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal("too_slow") from error
    answer = _Answer(io.BytesIO(done.stdout))
    if answer.refused is not None:
        raise _refusal(answer.refused["refused"], _detail(answer.refused, limits))
    if not answer.is_whole:
        raise _refusal("over_limits" if done.returncode < 0 else "damaged", f"{limits.rows:,}")
    return [Sheet(name, tuple(rows), unread) for name, rows, unread in answer.sheets]


def _detail(refused: Mapping[str, str], limits: Limits) -> str:
    if refused["refused"] == "over_limits":
        return f"{limits.rows:,}"
    return refused.get("detail", "")


class _Answer:
    """What the child says, line by line. Texts that come again and again (counties,
    kinds) are kept once."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.sheets: list[tuple[str, list[tuple[Cell, ...]], frozenset[str]]] = []
        self.refused: dict[str, str] | None = None
        self.is_whole = False
        known: dict[Any, Any] = {}
        for line in lines:
            try:
                told = json.loads(line)
            except ValueError:
                return  # cut off in the midst of a line: the child was ended
            if isinstance(told, list):
                self.sheets[-1][1].append(tuple([_cell(one, known) for one in told]))
            elif "sheet" in told:
                self.sheets.append((told["sheet"], [], frozenset(told["unread"])))
            elif "refused" in told:
                self.refused = told
            else:
                self.is_whole = True


def _cell(value: Any, known: dict[Any, Any]) -> Cell:
    if isinstance(value, str):
        if len(known) < _KNOWN:
            return known.setdefault(value, value)  # type: ignore[no-any-return]
        return known.get(value, value)  # type: ignore[no-any-return]
    if isinstance(value, dict):
        return date.fromisoformat(value["day"])
    return value  # type: ignore[no-any-return]


def _refusal(code: str, detail: str = "") -> ImportRefused:
    return ImportRefused(code, _words(code, detail))


def _words(code: str, detail: str) -> str:
    match code:
        case "no_file":
            return _("The file was not found. Check the path and try again.")
        case "empty":
            return _("The file is empty. Save the list as an .xlsx workbook and upload it again.")
        case "blank":
            return _(
                "The workbook has no entries. See whether the list was saved in it, then upload it "
                "again."
            )
        case "too_large":
            return _(
                "The file is larger than %(mb)s MB. Remove pictures and unused sheets, "
                "then upload it again."
            ) % {"mb": detail}
        case "encrypted":
            return _("The workbook is protected by a password. Save it without one and try again.")
        case "old_xls":
            return _("This is an old .xls workbook. Open it, save it as .xlsx and try again.")
        case "macros":
            return _("The workbook contains macros. Save it as .xlsx without macros and try again.")
        case "bomb":
            return _(
                "The file unpacks to far more than a list can be (%(detail)s), so it was not read. "
                "Copy the list into a new workbook and try again."
            ) % {"detail": detail}
        case "over_limits":
            return _(
                "The workbook is over the limits (%(rows)s rows, 120 columns). Delete empty rows "
                "and columns beyond the list, or split it, and try again."
            ) % {"rows": detail}
        case "too_slow":
            return _(
                "The workbook could not be read in time. Try again in a few minutes; if it stays "
                "so, copy the list into a new workbook."
            )
        case "damaged":
            return _(
                "The file is damaged or did not arrive whole. Save it anew, then upload it again."
            )
        case _:
            return _("This is not an .xlsx workbook. Save the list as .xlsx and upload it again.")
