"""One firm as of a day: what every figure is counted from, and what a freeze holds of it.

Plain values, no ORM. A row is kept as a list in the order of ``FIELDS``; what was kept years ago is
read by the names that were stored beside it, so that a later field is simply not known there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

HAVES = ("has_institution", "has_staff", "has_spending", "has_cooperation")


@dataclass(frozen=True, slots=True)
class FirmRow:
    """``listed``: on the register on that day (当期在库); ``assessed``: of the year's base too
    (考核基数). ``about``: the month of its newest fact. ``stage`` is empty without a case; ``late``
    in working days; ``lacking``: criteria that the ledger still misses, None where that is not
    known of a past day; ``spent``: working days by stage that it has left. ``served``: the county
    where its case lies (实际服务), 0 where that was not kept.
    """

    firm: int
    name: str
    code: str
    county: int
    industry: str = ""
    department: int = 0
    group: int = 0
    listed: bool = True
    assessed: bool = True
    about: date | None = None
    registered: bool = False
    filed: bool = False
    has_institution: bool = False
    has_staff: bool = False
    has_spending: bool = False
    has_cooperation: bool = False
    covered: bool = False
    first_time: bool = False
    case: int = 0
    stage: str = ""
    due: date | None = None
    late: int = 0
    closed_on: date | None = None
    was_late: bool = False
    lacking: int | None = None
    spent: Mapping[str, int] | None = None
    served: int = 0

    @property
    def works_in(self) -> int:
        """The county that the ledger's figures count it under; ``county``: those of the filing."""
        return self.served or self.county

    @property
    def four_haves(self) -> bool:
        return all(getattr(self, have) for have in HAVES)

    @property
    def missing(self) -> int:
        """How many of the four the filing does not have."""
        return sum(not getattr(self, have) for have in HAVES)

    @property
    def division(self) -> str:
        """The division of the industry: the first two digits of its class."""
        return self.industry[:2]


FIELDS = tuple(field.name for field in fields(FirmRow))
DATES = frozenset({"about", "due", "closed_on"})


def packed(rows: Sequence[FirmRow]) -> dict[str, Any]:
    """As JSON keeps them: the names once, then a list for each row."""
    return {
        "fields": list(FIELDS),
        "rows": [[_plain(row, name) for name in FIELDS] for row in rows],
    }


def unpacked(kept: Mapping[str, Any]) -> tuple[FirmRow, ...]:
    """The rows that were kept; names that are no longer known are passed over."""
    names: list[str] = kept["fields"]
    known = [(place, name) for place, name in enumerate(names) if name in FIELDS]
    return tuple(
        FirmRow(**{name: _read(name, values[place]) for place, name in known})
        for values in kept["rows"]
    )


def _plain(row: FirmRow, name: str) -> Any:
    value = getattr(row, name)
    return value.isoformat() if isinstance(value, date) else value


def _read(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in DATES and value else value
