"""The figures of a day by part, as the database counts them (docs/adr/0059, 0064).

What ``reading`` says of each firm is said here of all that are alike, with their number: of half a
million firms some ten thousand kinds. ``reading.Reading``, firm by firm, is the reference.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from enterprises.told import SAID, UNKNOWN, meaning
from reports.figures.rows import HAVES, FirmRow
from reports.figures.tables import NO_CASE, Tables, is_
from workflows.packs import Pack

# of a firm that is not on the register
CASE_COUNTY = f"CASE WHEN cases.stage NOT IN {NO_CASE} THEN cases.county END"


class Kind(NamedTuple):
    """Firms of which the same is said; ``seen``: whether the reader may open them."""

    row: FirmRow
    firms: int
    seen: bool


class Spent(NamedTuple):
    """Working days that firms of a part spent in a stage that they left."""

    row: FirmRow
    stage: str
    days: int
    firms: int


@dataclass
class Sums:
    """``by``: a key of ``breakdown.BY``. Four statements, one more on the day that fixed the
    base."""

    tables: Tables
    by: str

    @cached_property
    def filing(self) -> list[Kind]:
        """What register and filing say of every firm on the register; of any other that has a case
        or of which something was filed its part alone."""
        sees_all = self.tables.sees_all
        seen, joined = ("1", "") if sees_all else (is_("seen.firm IS NOT NULL"), "seen")
        names = f"said answers earlier based {self.beside('listed')} {joined}"
        rows = self.tables.ask(
            f"SELECT {self.part('listed')}, {self.tables.assessed}, "
            f"coalesce(said.said, {UNKNOWN}), coalesce(answers.answer, ''), "
            f"coalesce(earlier.had, -1), {seen}, count(*) FROM listed "
            + _joined("listed", names)
            + "GROUP BY 1, 2, 3, 4, 5, 6",
            f"listed {names}",
        )
        found = [Kind(self._filed(*told), firms, bool(seen)) for *told, seen, firms in rows]
        return found + [Kind(self._row(part, listed=False, assessed=False), firms, bool(seen))
                        for part, seen, firms in self._others()]  # fmt: skip

    def _others(self) -> list[tuple[Any, ...]]:
        return self.tables.ask(
            f"SELECT {self.part('others')}, {is_('seen.firm IS NOT NULL')}, count(*) FROM (SELECT "
            "DISTINCT x.firm FROM (SELECT firm FROM owned UNION ALL SELECT firm FROM told) x WHERE "
            "NOT EXISTS (SELECT 1 FROM listed WHERE listed.firm = x.firm)) others "
            f"{_joined('others', 'cases placed seen')} GROUP BY 1, 2",
            "owned told listed cases placed seen",
        )

    @cached_property
    def ledger(self) -> list[Kind]:
        """What the cases say of theirs."""
        tables, beside = self.tables, self.beside("cases")
        # who sees the whole register sees every case, as long as each firm was ever on it
        is_seen = tables.sees_all and not self.hides
        seen, names = ("1", beside) if is_seen else (is_("seen.firm IS NOT NULL"), f"seen {beside}")
        rows = tables.ask(
            f"SELECT {self.part('cases')}, cases.stage, {tables.late}, {tables.was_late}, "
            f"{tables.lacks}, {seen}, count(*) FROM cases {tables.steps}{_joined('cases', names)}"
            f"WHERE cases.stage NOT IN {NO_CASE} GROUP BY 1, 2, 3, 4, 5, 6",
            f"cases step stopped late {names}",
        )
        found = []
        for part, stage, days, was, lacks, seen, firms in rows:
            said = {"stage": stage, "late": days, "was_late": bool(was)}
            row = self._row(part, **said, lacking=1 if lacks else None)
            found.append(Kind(row, firms, bool(seen)))
        return found

    @cached_property
    def spent(self) -> list[Spent]:
        names = self.beside("cases")
        rows = self.tables.ask(
            f"SELECT {self.part('cases')}, steps.stage, sum(CASE WHEN steps.ended > steps.begun "
            "THEN last.n - first.n ELSE 0 END), count(DISTINCT steps.pk) FROM steps "
            "JOIN cases ON cases.pk = steps.pk JOIN days last ON last.day = steps.ended "
            f"JOIN days first ON first.day = steps.begun {_joined('cases', names)}"
            f"WHERE cases.stage NOT IN {NO_CASE} GROUP BY 1, 2",
            f"cases steps days {names}",
        )
        return [
            Spent(self._row(part), stage, int(days), firms) for part, stage, days, firms in rows
        ]

    @property
    def hides(self) -> bool:
        """Whether there is a firm that the reader may not open."""
        return any(not one.seen for one in self.filing)

    def placed(self, firms: Collection[int]) -> dict[int, FirmRow]:
        """Of some firms the parts that they belong to; who would have no row is not there."""
        if not firms:
            return {}
        rows = self.tables.ask(
            f"SELECT firms.firm, coalesce(listed.county, {CASE_COUNTY}, placed.county, 0), "
            "coalesce(nullif(listed.unit, 0), placed.unit, 0), coalesce(listed.industry, '') "
            f"FROM firms {_joined('firms', 'listed cases placed')}"
            "WHERE listed.firm IS NOT NULL OR cases.firm IS NOT NULL "
            "OR firms.firm IN (SELECT firm FROM told)",
            "firms listed told cases placed",
            firms=firms,
        )
        return {
            firm: FirmRow(firm, "", "", county, industry, department)
            for firm, county, department, industry in rows
        }

    # --- rows ------------------------------------------------------------------------------------
    def _row(self, part: Any, **more: Any) -> FirmRow:
        """A firm of a part, of which nothing else is known."""
        named = self.by if self.by in ("department", "industry") else "county"
        place: dict[str, Any] = {"county": 0, named: part}
        return FirmRow(firm=0, name="", code="", **place, **more)

    def _filed(self, part: Any, assessed: int, number: int, answer: str, had: int) -> FirmRow:
        first = answer == "yes" or (not answer and had == 0)
        said = filed(self.tables.pack, number, first=first)
        return self._row(part, listed=True, assessed=bool(assessed), **said)

    # --- statements ------------------------------------------------------------------------------
    def part(self, of: str) -> str:
        """The part that a row of a table belongs to, as ``reading`` has it."""
        if self.by == "department":
            unit = "coalesce(placed.unit, 0)"
            return unit if of == "others" else f"coalesce(nullif(listed.unit, 0), {unit})"
        if self.by == "industry":
            return "''" if of == "others" else "coalesce(substr(listed.industry, 1, 2), '')"
        return {
            "listed": "listed.county",
            "others": f"coalesce({CASE_COUNTY}, placed.county, 0)",
            "cases": "cases.served",
        }[of]

    def beside(self, of: str) -> str:
        """The tables that a part is asked of beside one's own."""
        listed = "" if of == "listed" else "listed"
        return {"department": f"placed {listed}", "industry": listed}.get(self.by, "")


def filed(pack: Pack, number: int, *, first: bool) -> dict[str, bool]:
    """What a row says of a firm of which so much is known; ``first``: nothing speaks against that
    it does R&D for the first time."""
    said = dict(zip(SAID, meaning(number) or (False,) * len(SAID), strict=True))
    covered = pack.is_covered({name: said[name] for name in HAVES})
    return {**said, "covered": covered,
            "first_time": covered and first and number != UNKNOWN}  # fmt: skip


def _joined(of: str, names: str) -> str:
    return "".join(f"LEFT JOIN {name} ON {name}.firm = {of}.firm " for name in names.split())
