"""Pages of a long list by the key of their first or last row: page 1,000 costs what page 1 does.

The address holds ``after=`` or ``before=``: the values by which the list is sorted, of the row next
to the page. No row is skipped by counting, and none is shown twice when another comes or goes. The
order ends with a column that no two rows share.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import OrderBy

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
AFTER, BEFORE, LAST = "after", "before", "last"
LONGEST = 2000  # signs of a place in the address
Value = str | int | bool | None


@dataclass(frozen=True)
class Key:
    """One column of an order. Where ``nulls`` are possible they come last, whatever the way."""

    path: str
    is_down: bool = False
    nulls: bool = False

    def order(self, *, back: bool = False) -> OrderBy:
        """``back``: the same list from its end."""
        field = F(self.path)
        nulls = {"nulls_first" if back else "nulls_last": True} if self.nulls else {}
        return field.desc(**nulls) if self.is_down != back else field.asc(**nulls)

    def beyond(self, value: Value, *, back: bool) -> Q | None:
        """Rows that come later than a value (``back``: earlier); None where none can."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if back else None
        later = Q(**{f"{self.path}__{'lt' if self.is_down != back else 'gt'}": value})
        return later | Q(**{f"{self.path}__isnull": True}) if self.nulls and not back else later

    def same(self, value: Value) -> Q:
        return Q(**{f"{self.path}__isnull": True} if value is None else {self.path: value})

    def of(self, row: Any) -> Value:
        """The row's own value, as the address holds it."""
        found = row
        for name in self.path.split("__"):
            found = found[name] if isinstance(found, Mapping) else getattr(found, name, None)
            if found is None:
                return None
        if isinstance(found, date | datetime):
            return found.isoformat()
        return found if isinstance(found, int) else str(found)


def keys(*names: str, nulls: Sequence[str] = ()) -> tuple[Key, ...]:
    """From names as ``order_by`` takes them, ``-`` for the other way."""
    plain = [(name.lstrip("-"), name.startswith("-")) for name in names]
    return tuple(Key(path, down, path in nulls) for path, down in plain)


@dataclass(frozen=True)
class Place:
    """Where in the list a page begins: after a row, before one, or at the end; else at its top."""

    values: tuple[Value, ...] = ()
    back: bool = False
    # how many rows lie before it, where the address says so
    ahead: int = 0

    @classmethod
    def of_query(cls, query: Mapping[str, str], columns: int) -> Place:
        """Of an order of so many columns. What is not understood is the top of the list."""
        if query.get(LAST):
            return cls(back=True)
        for name in (AFTER, BEFORE):
            found = _decoded(query.get(name) or "", columns)
            if found is not None:
                return cls(found[:columns], name == BEFORE, _natural(found[columns:]))
        return cls()

    def beyond(self, order: Sequence[Key]) -> Q:
        """Rows on the page's side of the place. The first column alone bounds them too, so that an
        index over the order is entered where the page begins."""
        found = Q(pk__in=[])
        same = Q()
        for key, value in zip(order, self.values, strict=True):
            later = key.beyond(value, back=self.back)
            if later is not None:
                found |= same & later
            same &= key.same(value)
        first, value = order[0], self.values[0]
        if value is None or (first.nulls and not self.back):
            return found
        way = "lte" if first.is_down != self.back else "gte"
        return Q(**{f"{first.path}__{way}": value}) & found


class KeyPage:
    """One page: what components/pagination.html reads of it.

    ``count``: of the whole list, and ``ahead`` of the rows before this page's first: from the one
    aggregate that the page counts with in any case (``ahead_of``). In a list that is too long to be
    counted for each page the address carries them on from page to page.
    """

    is_keyed = True

    def __init__(
        self,
        rows: QuerySet[Any],
        order: Sequence[Key],
        query: Mapping[str, str],
        per_page: int,
        count: Callable[[Q | None], tuple[int, int | None]],
        cut: Callable[[Place, int], Iterable[Any]] | None = None,
    ) -> None:
        """``count``: of a question that tells the rows ahead, None for none, to the two figures, or
        to None for those ahead, which are not counted then; ``cut``: who finds so many rows from a
        place on, where that is known better than by sorting.
        """
        self.order, self.per_page, self._cut = tuple(order), per_page, cut
        self.place = Place.of_query(query, len(self.order))
        try:
            self._read(rows, count)
        except (ValidationError, ValueError, TypeError, FieldError):
            self.place = Place()  # a place of another order, or one that somebody made up
            self._read(rows, count)
        if not self.object_list and self.count:
            self.place = Place()  # all that came after it has gone
            self._read(rows, count)

    def _read(
        self, rows: QuerySet[Any], count: Callable[[Q | None], tuple[int, int | None]]
    ) -> None:
        back, values = self.place.back, self.place.values
        if self._cut is not None:
            found = list(self._cut(self.place, self.per_page + 1))
        else:
            chosen = rows.filter(self.place.beyond(self.order)) if values else rows
            ordered = chosen.order_by(*(key.order(back=back) for key in self.order))
            found = list(ordered[: self.per_page + 1])
        more = len(found) > self.per_page
        found = found[: self.per_page]
        self.object_list: list[Any] = found[::-1] if back else found
        # after a place: what is not beyond it; before one: what is, without the page itself
        ahead = self.place.beyond(self.order) if values else None
        self.count, told = count(ahead)
        self._is_counted = told is not None
        if told is None:
            told = self.place.ahead if back else self.count - self.place.ahead
        if back:
            self.ahead = max((told if values else self.count) - len(found), 0)
        else:
            self.ahead = self.count - told if values else 0
        self.has_previous = more if back else bool(values)
        self.has_next = bool(values) if back else more

    def __iter__(self) -> Any:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)

    @property
    def paginator(self) -> KeyPage:
        """For templates that ask a page's paginator how long the list is."""
        return self

    @property
    def start_index(self) -> int:
        return self.ahead + 1 if self.object_list else 0

    @property
    def end_index(self) -> int:
        return self.ahead + len(self.object_list)

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def previous_place(self) -> str:
        return self._place(self.object_list[0], self.ahead) if self.object_list else ""

    @property
    def next_place(self) -> str:
        return self._place(self.object_list[-1], self.end_index) if self.object_list else ""

    def _place(self, row: Any, ahead: int) -> str:
        return _encoded(
            [*(key.of(row) for key in self.order), *([] if self._is_counted else [ahead])]
        )


class ListPage(KeyPage):
    """The same for rows that are no table's: worked out, read from a file or frozen long ago.

    ``key``: what the list is sorted by, upwards and never twice the same.
    """

    def __init__(
        self,
        rows: Sequence[Any],
        key: Callable[[Any], tuple[Any, ...]],
        query: Mapping[str, str],
        per_page: int,
    ) -> None:
        self.key, self.per_page, self.count = key, per_page, len(rows)
        self.place = Place.of_query(query, len(key(rows[0])) if rows else 1)
        try:
            first, last = self._bounds(rows)
        except TypeError:  # a place that somebody made up
            self.place = Place()
            first, last = self._bounds(rows)
        if first >= last:
            self.place = Place()  # all that came after it has gone
            first, last = self._bounds(rows)
        self.object_list, self.ahead = list(rows[first:last]), first
        self.has_previous, self.has_next = first > 0, last < len(rows)
        # told at once: a page may show its rows as something else
        self._ends = [key(row) for row in self.object_list[:1] + self.object_list[-1:]]

    def _bounds(self, rows: Sequence[Any]) -> tuple[int, int]:
        if self.place.back:
            last = len(rows)
            if self.place.values:
                last = bisect_left(rows, self.place.values, key=self.key)
            return max(last - self.per_page, 0), last
        first = 0
        if self.place.values:
            first = bisect_right(rows, self.place.values, key=self.key)
        return first, min(first + self.per_page, len(rows))

    @property
    def previous_place(self) -> str:
        return _encoded(self._ends[0]) if self._ends else ""

    @property
    def next_place(self) -> str:
        return _encoded(self._ends[-1]) if self._ends else ""


def counted(rows: QuerySet[Any]) -> Callable[[Q | None], tuple[int, int]]:
    """The two figures of a list that counts nothing else; one statement."""

    def count(ahead: Q | None) -> tuple[int, int]:
        plain = rows.order_by()
        if ahead is None:
            return plain.count(), 0
        found = plain.aggregate(n=Count("pk"), told=Count("pk", filter=ahead))
        return found["n"], found["told"]

    return count


def _natural(values: Sequence[Value]) -> int:
    return next((max(one, 0) for one in values if isinstance(one, int)), 0)


def _encoded(values: Sequence[Value]) -> str:
    text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _decoded(text: str, length: int) -> tuple[Value, ...] | None:
    if not text or len(text) > LONGEST:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    # behind the values there may be how many rows lie before the place
    if not isinstance(found, list) or len(found) not in (length, length + 1):
        return None
    if not all(one is None or isinstance(one, str | int) for one in found):
        return None
    if any(isinstance(one, str) and CONTROL.search(one) for one in found):
        return None
    if any(isinstance(one, int) and abs(one) >= 2**63 for one in found):
        return None
    return tuple(found)
