"""Judged rows packed as lines of text, in parts: half a million take some twenty megabytes."""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from enterprises.importing.findings import Finding
from enterprises.importing.register_rows import RegisterRow
from enterprises.importing.tables import Column, RawRow

# what a line says, in this order; ``at`` numbers the rows of the list, blank ones too
FIELDS = (
    "at", "sheet", "number", "name", "folded_name", "credit_code", "code_note", "county_id",
    "township_id", "industry_code", "industry_name", "ownership", "condition", "contact",
    "phone", "listed_text", "address", "raw_code",
)  # fmt: skip
PLACE: Mapping[str, int] = {name: at for at, name in enumerate(FIELDS)}

Line = list[str]


@dataclass(frozen=True)
class Headed:
    """A sheet with its header."""

    name: str
    header: Mapping[str, Column]
    unread: frozenset[str]


@dataclass
class Lines:
    """In the order of the list, but for what had to wait for the whole of it (``late``)."""

    sheets: list[Headed] = field(default_factory=list)
    # findings of rows that were taken, by ``at``
    warnings: dict[int, tuple[Finding, ...]] = field(default_factory=dict)
    _parts: list[tuple[int, bytes]] = field(default_factory=list)
    _late: list[Line] = field(default_factory=list)

    def add(self, first: int, lines: Sequence[str]) -> str:
        """Lines of a part whose first row is ``first``; answers them as COPY takes them."""
        text = "\n".join(lines)
        self._parts.append((first, zlib.compress(text.encode(), 1)))
        return _as_copied(text)

    def add_late(self, line: str) -> str:
        self._late.append(line.split("\t"))
        return _as_copied(line)

    def __iter__(self) -> Iterator[Line]:
        main = (line for part in self._parts for line in _unpacked(part))
        if not self._late:
            return main
        return heapq.merge(main, sorted(self._late, key=_at), key=_at)

    def marked(self, marks: bytes) -> Iterator[Line]:
        """Those whose place among the marks is not 0, in order."""
        main = self._marked(marks)
        if not self._late:
            return main
        late = (line for line in sorted(self._late, key=_at) if marks[_at(line)])
        return heapq.merge(main, late, key=_at)

    def _marked(self, marks: bytes) -> Iterator[Line]:
        # of a list of which no row is plainly right there are no parts
        ends = [first for first, _packed in self._parts[1:]] + [len(marks)]
        for (first, packed), end in zip(self._parts, ends, strict=False):
            if marks.count(0, first, end) == end - first:
                continue  # nothing to unpack
            for line in zlib.decompress(packed).decode().split("\n"):
                if marks[int(line[: line.index("\t")])]:
                    yield line.split("\t")

    def row(self, line: Line) -> RegisterRow:
        """The row as it was judged; of its cells those that later findings quote."""
        known = dict(zip(FIELDS, line, strict=True))
        sheet = self.sheets[int(known["sheet"])]
        return RegisterRow(
            raw=RawRow(
                sheet.name,
                int(known["number"]),
                {
                    "name": known["name"],
                    "credit_code": known["raw_code"] or known["credit_code"],
                },
                sheet.header,
                sheet.unread,
            ),
            name=known["name"],
            folded_name=known["folded_name"],
            credit_code=known["credit_code"],
            code_note=known["code_note"],
            county_id=int(known["county_id"]),
            township_id=int(known["township_id"]) if known["township_id"] else None,
            industry_code=known["industry_code"],
            industry_name=known["industry_name"],
            ownership=known["ownership"],
            condition=known["condition"],
            contact=known["contact"],
            phone=known["phone"],
            listed_text=known["listed_text"],
            revenue=None,
            warnings=self.warnings.get(int(known["at"]), ()),
            address=known["address"],
        )


def line_of(row: RegisterRow, at: int, sheet: int) -> str:
    """A row that was judged by itself."""
    told = {
        **{name: getattr(row, name) for name in FIELDS if hasattr(row, name)},
        "at": at,
        "sheet": sheet,
        "number": row.raw.number,
        "raw_code": row.raw.text("credit_code"),
        "township_id": row.township_id or "",
    }
    return "\t".join([str(told[name]) for name in FIELDS])


def _at(line: Line) -> int:
    return int(line[0])


def _unpacked(part: tuple[int, bytes]) -> Iterator[Line]:
    for line in zlib.decompress(part[1]).decode().split("\n"):
        yield line.split("\t")


def _as_copied(text: str) -> str:
    # folded texts hold no tabs, line ends or other controls
    return text.replace("\\", "\\\\") + "\n"
