"""One statement of many steps, each taken only where those before it leave room (docs/adr/0033)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from organisations.planned import ask


@dataclass(frozen=True)
class Part:
    """SQL with its values."""

    sql: str
    values: tuple[Any, ...] = ()
    # planned once a connection, not for its values
    is_planned: bool = False

    def __and__(self, other: Part) -> Part:
        return Part(f"{self.sql} AND {other.sql}", self.values + other.values)

    def ask(self) -> tuple[list[int], bool]:
        """Keys, and what the flag of ``_Statement.asking`` says."""
        if self.is_planned:
            [rows] = ask([(self.sql, self.values)])
        else:
            with connection.cursor() as cursor:
                cursor.execute(self.sql, self.values)
                rows = cursor.fetchall()
        return [pk for pk, is_so in rows if is_so is None], any(is_so for _pk, is_so in rows)

    def planned(self, marks: Collection[Any]) -> Part:
        """The same with every value in its text but ``marks``, so that what the plan depends on is
        known to it (PostgreSQL)."""
        first, *rest = self.sql.replace("%%", "\0").split("%s")
        whole, left = [first], []
        for value, part in zip(self.values, rest, strict=True):
            is_mark = isinstance(value, int | str | date) and value in marks
            left += [value] if is_mark else []
            told = "%s" if is_mark else connection.ops.compose_sql("%s", [value])  # type: ignore[attr-defined]
            whole += [told if is_mark else told.replace("%", "\0"), part]
        return Part("".join(whole).replace("\0", "%%"), tuple(left), is_planned=True)


class Statement:
    """Parts of one WITH, each of a column ``pk``, steps of ``due`` too; a step is taken where its
    gates are open."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, Part]] = []
        # each with the place of its group
        self._steps: list[tuple[str, int]] = []
        self._groups = 0

    def add(self, name: str, part: Part) -> None:
        self._parts.append((name, part))

    def walk(
        self, groups: Sequence[Sequence[Part | None]], gates: Sequence[str], limit: int
    ) -> None:
        """A group is not begun while those before it give ``limit`` keys."""
        before: list[str] = []
        for group in groups:
            told = " + ".join(f"(SELECT count(*) FROM {name})" for name in before)
            asked = [*gates, *([f"SELECT {told} < {limit}"] if told else ())]
            before += [self._step(keys, asked) for keys in group if keys is not None]
            self._groups += 1

    def _step(self, keys: Part, gates: Sequence[str]) -> str:
        name, gate = f"step{len(self._steps)}", " AND ".join(f"({one})" for one in gates)
        self._steps.append((name, self._groups))
        where = f" WHERE {gate}" if gate else ""
        found = f"SELECT * FROM ({keys.sql}) AS found{where}"
        self.add(f"{name}(pk, due)", Part(found, keys.values))
        return name

    def part(self, answer: str = "SELECT pk FROM every") -> Part:
        """``answer``: what is asked of the keys, which are ``every``."""
        steps = (f"SELECT pk, due, {place} FROM {name}" for name, place in self._steps)
        found = " UNION ALL ".join(steps) or "SELECT 0, NULL, 0 WHERE 1 = 0"
        parts = [*self._parts, ("every(pk, due, place)", Part(found))]
        told = ", ".join(f"{name} AS MATERIALIZED ({one.sql})" for name, one in parts)
        return Part(f"WITH {told} {answer}", tuple(v for _name, one in parts for v in one.values))

    def asking(self, ordered: str, flag: str = "SELECT false") -> Part:
        """For ``Part.ask``: keys, as many as ``ordered`` says, and what ``flag`` says."""
        keys = f"SELECT * FROM (SELECT pk, CAST(NULL AS boolean) FROM every {ordered}) AS keys"
        return self.part(f"{keys} UNION ALL SELECT 0, ({flag})")


def compiled(rows: QuerySet[Any, Any], *columns: str) -> Part | None:
    """The keys of these rows, or more of them; None where there can be none."""
    chosen = rows.values_list(*columns or ("pk",))
    try:
        sql, params = chosen.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return Part(sql, tuple(params))
