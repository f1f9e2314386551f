"""A register's workbook to its plan: a short list as a whole, a long one part by part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from enterprises.importing.accepting import check_acceptable
from enterprises.importing.long.parts import Uncut
from enterprises.importing.long.planning import is_long, preview_long
from enterprises.importing.register_plan import RegisterPlan, preview_register, read_register
from enterprises.importing.tables import Headings
from organisations.models import Region


def plan_register(
    city: Region,
    path: Path,
    file_name: str = "",
    headings: Headings | None = None,
    *,
    as_of: date,
    accept: Mapping[tuple[str, int], str] | None = None,
    is_strict: bool = False,
    money_source: str = "",
    today: date | None = None,
) -> RegisterPlan:
    """What the list would change; see ``read_register`` and ``preview_register``.

    ``is_strict``: refused where a row of ``accept`` is not there, or not wrong in that.
    """
    if is_long(path, money_source):
        try:
            return preview_long(
                city,
                path,
                file_name=file_name,
                headings=headings,
                as_of=as_of,
                accept=accept,
                is_strict=is_strict,
                today=today,
            )
        except Uncut:
            pass  # read as a whole
    reading = read_register(path, file_name, headings)
    if is_strict:
        check_acceptable(reading.rows, accept or {})
    return preview_register(
        city, reading, as_of=as_of, accept=accept, money_source=money_source, today=today
    )
