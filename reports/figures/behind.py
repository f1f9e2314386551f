"""The firms behind a number of a day that is not frozen, a page at a time (docs/adr/0064).

The database finds them by what the number counts. That is asked of the same sums that make the
figure, once for each thing that may be said of a firm, so list and number cannot differ. What a
page shows of its fifty firms is read as of every other (``reading``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

from django.db import connection

from cases.lights import soon_until
from cases.stages import TERMINAL
from enterprises.models import Enterprise
from enterprises.told import UNKNOWN
from organisations.keyset import KeyPage, Place, keys
from reports.figures.breakdown import OTHER, firms_in, parts_of
from reports.figures.definitions import OF_CASES
from reports.figures.months import State
from reports.figures.reading import Reading
from reports.figures.rows import FirmRow
from reports.figures.since import plainly
from reports.figures.standing import FINE, OVERDUE, REST, REVIEWS, SOON
from reports.figures.sums import Sums, filed
from reports.figures.tables import NO_CASE, Tables, is_
from reports.figures.tally import ASSESSMENT, LATE

# of more firms than these all are read: a list that goes into a workbook
MANY = 20_000
# an open case in whatever stage, and those that have ended
_STAGES = ("-", *TERMINAL)
_AMONG = {
    "postgresql": "{0} = ANY (%({1})s::{2}[])",
    "sqlite": "{0} IN (SELECT value FROM json_each(%({1})s))",
}


class _Trait(NamedTuple):
    """Something said of a firm: a number in SQL, the numbers that there are, what it stands on."""

    sql: str
    values: Sequence[int]
    names: str = ""


@dataclass
class _Question:
    """Rows of the table ``of`` under ``conditions``; ``names``: the tables beside it, ``given``:
    values."""

    of: str
    names: str = ""
    conditions: list[str] = field(default_factory=lambda: ["1 = 1"])
    given: dict[str, Any] = field(default_factory=dict)

    def add(self, condition: str, names: str = "", **given: Any) -> None:
        self.conditions.append(condition)
        self.names += f" {names}"
        self.given |= given


@dataclass
class Behind:
    """``state``: counted, not read; ``part``: as an address names one of ``by``, None for all; of
    open cases those in a ``stage``, under a ``light``, or that a ``unit`` owed a step of."""

    state: State
    sums: Sums
    figure: str
    part: str | None = None
    stage: str = ""
    light: str = ""
    unit: int | None = None

    @property
    def base(self) -> int:
        """How many firms the rates of the filing are a part of; one statement."""
        is_assessed = self.state.pack.base == ASSESSMENT
        only = f"WHERE {self._tables.assessed} = 1" if is_assessed else ""
        rows = self._tables.ask(
            f"SELECT count(*) FROM listed LEFT JOIN based ON based.firm = listed.firm {only}",
            "listed based",
        )
        return int(rows[0][0])

    def firms(self) -> list[int]:
        """The keys of those that the reader may open, by name; one statement."""
        return [firm for (firm,) in self._asked("SELECT firm FROM found ORDER BY name, firm", {})]

    def rows(self, firms: Sequence[int] | None = None) -> list[FirmRow]:
        """Of some of them, else of all, in their order; a fixed number of statements."""
        found = self.firms() if firms is None else firms
        if len(found) > MANY:
            read: Sequence[FirmRow] = self.state.rows
        elif found:
            state, live = self.state, not self._tables.is_past
            of = Reading(state.programme, state.pack, state.as_of, live=live, firms=found)
            read = of.rows()
        else:
            read = ()
        there = {row.firm: row for row in read}
        return [there[firm] for firm in found]

    def page(self, query: Mapping[str, str], per_page: int) -> KeyPage:
        """``object_list``: name and key of each; one statement."""
        told: tuple[int, int] = (0, 0)

        def cut(place: Place, limit: int) -> Iterable[Mapping[str, Any]]:
            nonlocal told
            rows, told = self._cut(place, limit)
            return [{"name": name, "pk": firm} for firm, name in rows]

        nothing: Any = Enterprise.objects.none()
        order = keys("name", "pk")
        return KeyPage(nothing, order, query, per_page, lambda _ahead: told, cut)

    # --- statements ------------------------------------------------------------------------------
    def _cut(self, place: Place, limit: int) -> tuple[list[tuple[int, str]], tuple[int, int]]:
        """So many from a place on; how many there are, and how many beyond it."""
        beyond, given = "", dict[str, Any]()
        if place.values:
            name, firm = place.values
            if not isinstance(name, str) or not isinstance(firm, int):
                raise TypeError("no place of this list")
            way = "<" if place.back else ">"
            beyond = f"WHERE (name, firm) {way} (%(name)s, %(firm)s)"
            given = {"name": name, "firm": int(firm)}
        down = "DESC" if place.back else "ASC"
        found = self._asked(
            f"SELECT 0, firm, name FROM (SELECT firm, name FROM found {beyond} "
            f"ORDER BY name {down}, firm {down} LIMIT {limit}) x "
            "UNION ALL SELECT 1, count(*), '' FROM found "
            f"UNION ALL SELECT 2, count(*), '' FROM found {beyond}",
            given,
        )
        counts = {kind: n for kind, n, _name in found if kind}
        rows = sorted(((name, n) for kind, n, name in found if not kind), reverse=place.back)
        return [(firm, name) for name, firm in rows], (counts[1], counts[2])

    def _asked(self, sql: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """``sql`` over the table ``found``."""
        asked = self._question
        names = [*dict.fromkeys(f"{asked.of} named {asked.names}".split())]
        joined = "".join(
            f"LEFT JOIN {name} ON {name}.firm = {asked.of}.firm "
            for name in names
            if name in ("said", "answers", "earlier", "based", "placed", "listed", "seen")
            and name != asked.of
        )
        steps = self._tables.steps if "step" in names else ""
        turned = "LEFT JOIN given ON given.item = step.item " if "given" in names else ""
        found = (
            f"found(firm, name) AS MATERIALIZED (SELECT {asked.of}.firm, "
            f'named.name COLLATE "{plainly()}" FROM'
            f" {asked.of} "
            f"JOIN named ON named.firm = {asked.of}.firm {steps}{turned}{joined}"
            f"WHERE {' AND '.join(asked.conditions)})"
        )
        return self._tables.ask(sql, " ".join(names), {**asked.given, **given}, also=found)

    @cached_property
    def _question(self) -> _Question:
        tables = self._tables
        asked = _Question("cases" if self.figure in OF_CASES else "listed")
        if asked.of == "cases":
            asked.add(f"cases.stage NOT IN {NO_CASE}")
        self._add_decided(asked)
        if not (tables.sees_all and asked.of == "listed"):
            asked.add("seen.firm IS NOT NULL", "seen")
        if self.part is not None:
            self._add_part(asked)
        if self.stage:
            asked.add("cases.stage = %(stage)s", stage=self.stage)
        if self.light:
            near = soon_until(self.state.as_of)
            asked.add(f"{self._lights} = %(light)s", "step stopped", light=self.light, near=near)
        if self.unit is not None:
            owed, names = "step.unit", "step stopped"
            if tables.is_past:
                owed, names = "given.unit, step.unit", f"{names} given"
            asked.add(f"coalesce({owed}, 0) = %(unit)s", names, unit=self.unit)
        return asked

    def _add_decided(self, asked: _Question) -> None:
        """By which numbers a firm counts: of what is said of it only what makes a difference."""
        traits = self._of_cases if asked.of == "cases" else self._of_filing
        counts = {said for said in product(*(one.values for one in traits)) if self._counts(said)}
        deciding = [
            place
            for place, one in enumerate(traits)
            if any({(*said[:place], other, *said[place + 1 :]) for other in one.values} - counts
                   for said in counts)
        ]  # fmt: skip
        code, most = "0", 1
        where: list[tuple[int, int]] = []
        for place in deciding:
            where.append((place, most))
            code += f" + {most} * ({traits[place].sql})"
            most *= max(traits[place].values) + 1
        codes = {sum(said[place] * weight for place, weight in where) for said in counts}
        names = " ".join(traits[place].names for place in deciding)
        if not counts:
            asked.add("1 = 0")
        elif deciding:
            asked.add(f"{code} IN ({', '.join(map(str, sorted(codes)))})", names)

    def _counts(self, said: Sequence[int]) -> bool:
        """Whether a firm of which so much is said is one of the figure's."""
        row = FirmRow(0, "", "", 0, listed=False, assessed=False)
        if self.figure in OF_CASES:
            stage, late, was_late, lacks = said
            row = replace(
                row, stage=_STAGES[stage], late=late, was_late=bool(was_late), lacking=lacks or None
            )
        else:
            number, assessed, first = said
            more: dict[str, Any] = {**filed(self._tables.pack, number, first=bool(first))}
            row = replace(row, listed=True, assessed=bool(assessed), **more)
        return bool(firms_in([row], self.figure, self.state.pack.base))

    @property
    def _of_filing(self) -> tuple[_Trait, ...]:
        first = is_("answers.answer = 'yes' OR (answers.firm IS NULL AND earlier.had = 0)")
        return (
            _Trait(f"coalesce(said.said, {UNKNOWN})", range(UNKNOWN + 1), "said"),
            _Trait(self._tables.assessed, (0, 1), "based"),
            _Trait(first, (0, 1), "answers earlier"),
        )

    @property
    def _of_cases(self) -> tuple[_Trait, ...]:
        ends = " ".join(f"WHEN '{stage}' THEN {n}" for n, stage in enumerate(_STAGES) if n)
        return (
            _Trait(f"CASE cases.stage {ends} ELSE 0 END", range(len(_STAGES))),
            _Trait(self._tables.late, (0, 1, LATE), "step stopped"),
            _Trait(self._tables.was_late, (0, 1), "late"),
            _Trait(self._tables.lacks, (0, 1)),
        )

    @property
    def _lights(self) -> str:
        """As ``standing`` has it."""
        due = self._tables.due
        return (
            f"CASE WHEN {self._tables.late} > 0 THEN '{OVERDUE}' WHEN {self._tables.runs} "
            f"THEN CASE WHEN {due} <= %(near)s THEN '{SOON}' ELSE '{FINE}' END "
            "WHEN step.pk IS NOT NULL AND NOT step.is_chased AND NOT step.is_declined "
            f"AND stopped.pk IS NULL AND {due} <= %(day)s THEN '{REVIEWS}' ELSE '{REST}' END"
        )

    def _add_part(self, asked: _Question) -> None:
        """Of the counties, units or industries that make up the part; what belongs nowhere is in
        none that has a name."""
        of = parts_of(self.state, self.sums.by, ledger=asked.of == "cases")
        inside = [value for value, part in of.items() if str(part) == self.part]
        if self.part == OTHER:
            inside = [value for value, part in of.items() if part != OTHER]
        is_text = self.sums.by == "industry"
        value = self.sums.part(asked.of)
        found = _AMONG[connection.vendor].format(value, "part", "text" if is_text else "bigint")
        given: Any = inside if connection.vendor == "postgresql" else json.dumps(inside)
        names = self.sums.beside(asked.of)
        asked.add(f"NOT ({found})" if self.part == OTHER else found, names, part=given)

    @property
    def _tables(self) -> Tables:
        return self.sums.tables
