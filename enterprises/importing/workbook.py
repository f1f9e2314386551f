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
    # a sheet whose XML is longer is read part by part, in parts of this size (bytes)
    long: int = 16 << 20
    part: int = 4 << 20


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
    content = content_of(path, limits)
    check_type(content)
    sha256 = hashlib.sha256(content).hexdigest()
    del content
    sheets = tuple(_ask_child(path, limits))
    if not any(cell is not None for sheet in sheets for row in sheet.rows for cell in row):
        raise file_refusal("blank")
    return Workbook(file_name or path.name, sha256, sheets)


def content_of(path: Path, limits: Limits) -> bytes:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise file_refusal("no_file") from error
    if not path.is_file():
        raise file_refusal("no_file")
    if size == 0:
        raise file_refusal("empty")
    if size > limits.size:
        raise file_refusal("too_large", str(limits.size >> 20))
    return path.read_bytes()


def check_type(content: bytes) -> None:
    """By the first bytes, whatever the file is called; raises ``ImportRefused``."""
    if content.startswith(_OLE):
        raise file_refusal("encrypted" if _ENCRYPTED in content else "old_xls")
    if not content.startswith(_ZIP):
        raise file_refusal("not_xlsx")


def command_for(path: Path, limits: Limits) -> list[str]:
    """What is started to read a file."""
    return [sys.executable, "-I", str(_CHILD), str(path), json.dumps(asdict(limits))]


def _ask_child(path: Path, limits: Limits) -> list[Sheet]:
    try:
        done = subprocess.run(
            command_for(path, limits),
            capture_output=True,
            timeout=limits.wall_seconds,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired as error:
        raise file_refusal("too_slow") from error
    answer = _Answer(io.BytesIO(done.stdout))
    check_told(answer.refused, answer.is_whole, done.returncode, limits)
    return [Sheet(name, tuple(rows), unread) for name, rows, unread in answer.sheets]


def check_told(
    refused: Mapping[str, str] | None, is_whole: bool, code: int, limits: Limits
) -> None:
    """``ImportRefused`` unless the child came to its end; ``code`` is what it ended with."""
    if refused is not None:
        raise file_refusal(refused["refused"], _detail(refused, limits))
    if not is_whole:
        raise file_refusal("over_limits" if code < 0 else "damaged", str(limits.rows))


def _detail(refused: Mapping[str, str], limits: Limits) -> str:
    if refused["refused"] == "over_limits":
        return str(limits.rows)
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
            elif "columns" in told:
                rows = self.sheets[-1][1]
                # rows without a cell are not told
                rows += [()] * (told["first"] - 1 - len(rows))
                told_rows = zip(*told["columns"], strict=False)
                rows += [tuple([_cell(one, known) for one in row]) for row in told_rows]
            elif "sheet" in told:
                self.sheets.append((told["sheet"], [], frozenset(told["unread"])))
            elif "refused" in told:
                self.refused = told
            elif "again" in told:
                self.sheets.clear()
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


def file_refusal(code: str, detail: str = "") -> ImportRefused:
    """What is wrong with a file, in words."""
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
