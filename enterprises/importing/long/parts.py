"""A workbook part by part, as its reader tells it: nothing is held but the newest."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Event, Timer
from typing import Any

from enterprises.importing.workbook import (
    Cell,
    check_told,
    check_type,
    command_for,
    content_of,
    file_refusal,
    usual_limits,
)


class Uncut(Exception):
    """The workbook is written in a way that is read as a whole."""


@dataclass(frozen=True)
class Part:
    """Some rows of a sheet, column by column; ``first`` is the sheet's number of the first row.

    A cell is None where it is empty. ``unread``: see ``workbook.Sheet``.
    """

    sheet: str
    unread: frozenset[str]
    first: int
    columns: list[list[Cell]]

    def __len__(self) -> int:
        return max(map(len, self.columns), default=0)

    def row(self, at: int) -> tuple[Cell, ...]:
        """The cells of a row, from column A on."""
        return tuple([column[at] if column else None for column in self.columns])


class Parts:
    """Iterate once. On the way ``ImportRefused``, as of ``read_workbook``, and ``Uncut``."""

    def __init__(self, path: Path, file_name: str = "") -> None:
        self.limits = replace(usual_limits(), long=0)
        content = content_of(path, self.limits)
        check_type(content)
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.file_name = file_name or path.name
        self._path = path
        self._refused: dict[str, str] | None = None
        self._is_whole = False

    def __iter__(self) -> Generator[Part]:
        is_late = Event()
        command = command_for(self._path, self.limits)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
        ) as child:

            def end() -> None:
                is_late.set()
                child.kill()

            clock = Timer(self.limits.wall_seconds, end)
            clock.start()
            try:
                assert child.stdout is not None
                yield from self._told(child.stdout)
                code = child.wait()
            finally:
                clock.cancel()
                child.kill()
        if is_late.is_set():
            raise file_refusal("too_slow")
        check_told(self._refused, self._is_whole, code, self.limits)

    def _told(self, lines: Iterable[bytes]) -> Iterator[Part]:
        sheet: dict[str, Any] = {}
        for line in lines:
            try:
                told = json.loads(line)
            except ValueError:
                return  # cut off in the midst of a line: the child was ended
            if "columns" in told:
                columns = [_cells(column) for column in told["columns"]]
                yield Part(sheet["sheet"], sheet["unread"], told["first"], columns)
            elif "sheet" in told:
                sheet = {"sheet": told["sheet"], "unread": frozenset(told["unread"])}
            elif "again" in told:
                raise Uncut
            elif "refused" in told:
                self._refused = told
            else:
                self._is_whole = True


def _cells(column: list[Any]) -> list[Cell]:
    if dict in set(map(type, column)):
        return [date.fromisoformat(one["day"]) if isinstance(one, dict) else one for one in column]
    return column
