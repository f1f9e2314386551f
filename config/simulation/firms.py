"""The firms of a dry run: from a bureau's workbook, or from the register already imported.

Only what decides a firm's way is kept: county, industry, kind of ownership, what the filing says.
No name and no code: ``key`` is a hash that gives the firm its luck.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from enterprises.facts import newest_facts
from enterprises.importing.filing_plan import read_filing
from enterprises.importing.filing_rows import ANSWERS, FilingRow, judge_filing
from enterprises.importing.regions import RegionIndex
from enterprises.importing.register_plan import read_register
from enterprises.importing.register_rows import Knowledge, RegisterRow, industry_names, judge
from enterprises.models import Membership
from organisations.models import Region
from workflows.packs import Pack


@dataclass(frozen=True)
class Firm:
    """One firm on the register; ``facts``: the columns of the filing that say yes."""

    key: int
    county: str
    industry: str
    ownership: str
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Register:
    """The firms in an order of their own, and how many rows could not be taken.

    ``known_on``: the day of the newest fact, where the register says it.
    """

    firms: tuple[Firm, ...]
    refused: int = 0
    has_facts: bool = False
    known_on: date | None = None

    def as_json(self) -> str:
        rows = [[f.key, f.county, f.industry, f.ownership, sorted(f.facts)] for f in self.firms]
        return json.dumps([self.refused, self.has_facts, rows], ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Register:
        refused, has_facts, rows = json.loads(text)
        firms = tuple(Firm(key, c, i, o, frozenset(facts)) for key, c, i, o, facts in rows)
        return cls(firms, refused, has_facts)


@dataclass(frozen=True)
class _PackCounties(RegionIndex):
    """The counties of a pack by name and alias, whether or not the city is set up."""

    pack: Pack

    def county(self, text: str) -> int | None:
        try:
            return self.pack.counties.index(self.pack.county(text))
        except KeyError:
            return None

    def township(self, county_id: int, text: str) -> int | None:
        return 0  # townships have no part in it


def from_workbooks(pack: Pack, register: Path, filing: Path | None = None) -> Register:
    """Read a register, and a filing list beside it; raises ``ImportRefused`` for another file."""
    reading = read_register(register, headings=pack.own_headings)
    regions = _PackCounties(finder=None, pack=pack)  # type: ignore[arg-type]
    known = Knowledge(regions, industry_names(reading.rows))
    judged = [judge(row, known) for row in reading.rows]
    taken = [r for r in judged if isinstance(r, RegisterRow) and not r.is_leaving]
    states = _states(pack, filing) if filing is not None else {}
    firms = {
        (firm := _of_row(pack, row, states)).key: firm  # a firm that is given twice counts once
        for row in taken
    }
    refused = sum(not isinstance(row, RegisterRow) for row in judged)
    return Register(_in_order(firms.values()), refused, bool(states))


def from_database(city: Region, on: date) -> Register:
    """The register of a day as it was imported, with the newest facts; two queries."""
    facts = newest_facts(city, as_of=on)
    rows = Membership.objects.on(on).filter(city=city).select_related("county", "enterprise")
    firms = [
        Firm(
            key_of(row.enterprise.credit_code or row.enterprise.folded_name),
            row.county.name,
            row.industry_code,
            row.ownership,
            _yes(vars(facts[row.enterprise_id])) if row.enterprise_id in facts else frozenset(),
        )
        for row in rows
    ]
    known_on = max((fact.known_on for fact in facts.values()), default=None)
    return Register(_in_order(firms), 0, bool(facts), known_on)


def key_of(name: str) -> int:
    """A firm's number: the same for the same credit code (or name), telling nothing of it."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big")


def _states(pack: Pack, path: Path) -> dict[str, frozenset[str]]:
    """What the filing list says by credit code and by name; rows in doubt say nothing."""
    found: dict[str, frozenset[str]] = {}
    for raw in read_filing(path, headings=pack.own_headings).rows:
        row = judge_filing(raw, frozenset())
        if isinstance(row, FilingRow):
            yes = _yes(row.answers)
            found |= {name: yes for name in (row.folded_name, row.credit_code) if name}
    return found


def _of_row(pack: Pack, row: RegisterRow, states: Mapping[str, frozenset[str]]) -> Firm:
    facts = states.get(row.credit_code) or states.get(row.folded_name) or frozenset()
    return Firm(
        key_of(row.credit_code or row.folded_name),
        pack.counties[row.county_id].name,
        row.industry_code,
        row.ownership,
        facts,
    )


def _yes(values: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in ANSWERS if values.get(name))


def _in_order(firms: Iterable[Firm]) -> tuple[Firm, ...]:
    return tuple(sorted(firms, key=lambda firm: firm.key))


def counties_of(firms: Sequence[Firm]) -> dict[str, int]:
    """How many firms each county has."""
    found: dict[str, int] = {}
    for firm in firms:
        found[firm.county] = found.get(firm.county, 0) + 1
    return found
