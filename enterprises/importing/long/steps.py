"""Steps of a plan that are made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import overload

from enterprises.importing.long.lines import PLACE, Line, Lines
from enterprises.importing.register_plan import Step


def marks_of(places: Iterable[int], end: int) -> bytes:
    """One byte for each row of the list: 1 at these places."""
    marks = bytearray(end)
    for at in places:
        marks[at] = 1
    return bytes(marks)


@dataclass(frozen=True)
class New(Sequence[Step]):
    """The new firms in the order of the list: ``others`` (back again, known elsewhere, or told
    apart by hand) as steps, ``marks`` for the packed lines of all that nobody knows."""

    lines: Lines
    marks: bytes
    others: Sequence[Step]

    def __len__(self) -> int:
        return self.marks.count(1) + len(self.others)

    def fresh(self) -> Iterator[Line]:
        """The lines of firms that nobody knows."""
        return self.lines.marked(self.marks)

    def __iter__(self) -> Iterator[Step]:
        places = {sheet.name: at for at, sheet in enumerate(self.lines.sheets)}
        waiting = iter(self.others)
        other = next(waiting, None)
        for line in self.fresh():
            here = (int(line[PLACE["sheet"]]), int(line[PLACE["number"]]))
            while other is not None and other.row is not None:
                if (places[other.row.raw.sheet], other.row.raw.number) > here:
                    break
                yield other
                other = next(waiting, None)
            yield Step(self.lines.row(line), None)
        if other is not None:
            yield other
            yield from waiting

    @overload
    def __getitem__(self, at: int) -> Step: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, at: int | slice) -> Step | tuple[Step, ...]:
        if isinstance(at, slice):
            return tuple(islice(self, *at.indices(len(self))))
        return next(islice(self, range(len(self))[at], None))


class Same(Sequence[Step]):
    """Firms of which the list says nothing new: nobody asks for more than their number."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Step: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, at: int | slice) -> Step | tuple[Step, ...]:
        raise LookupError("the firms that stay as they are were only counted")
