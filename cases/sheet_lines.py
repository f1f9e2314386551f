"""Rows of the ledger as a workbook takes them: what its columns read, of many at a time.

Lines come from the database as they are, two statements a chunk in one way there and back, no
instances; what they say is put together once for lines that are alike (``sheet_kinds``). A page's
``columns.Reader`` says the same of each line by itself, and is the reference of the tests
(docs/adr/0069).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, cast

from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.utils import timezone

from cases.columns import Column, Row
from cases.columns_chosen import NUMBER, WAITS
from cases.ledger import Ledger
from cases.models import Case, CaseEvent
from cases.newest import SILENT
from cases.row_words import named
from cases.sheet_columns import CONTACT, SheetRow, first_contacts
from cases.sheet_kinds import EVENT, KIND, LIGHT, SPOKEN, Kinds
from cases.sheet_names import SheetNames
from cases.stages import TERMINAL
from cases.waiting import whose_move, with_open_parts
from enterprises.models import Contact
from organisations.among import Among
from organisations.compiled import AskedAhead, CompiledAmong
from organisations.files import Tell
from organisations.reading import only

# what is a line's own; what follows is alike for thousands of them
OWN = (
    "pk", "serial", "enterprise_id", "enterprise__name", "enterprise__credit_code", "county_id",
    "township_id", "competent_unit_id", "item__post_id", "item__unit_id", "item__provisional",
)  # fmt: skip
LIKE = (*LIGHT[: LIGHT.index(KIND[0])], *KIND)


def _slice(columns: tuple[str, ...]) -> slice:
    at = len(OWN) + LIKE.index(columns[0])
    assert (OWN + LIKE)[at : at + len(columns)] == columns
    return slice(at, at + len(columns))


# of the newest event; nothing where there is none
SAID = tuple(name if name == "day" else f"newest__{name}" for name in EVENT)
_SAID = slice(len(OWN) + len(LIKE), len(OWN) + len(LIKE) + len(SAID))
_LIGHT, _KIND, _SPOKEN = map(_slice, (LIGHT, KIND, SPOKEN))
_SUSPENDED, _STAGE, _IS_MAIN, _CRITERION, _TITLE = (
    len(OWN) + LIKE.index(name)
    for name in ("item__is_suspended", "stage", "is_main", "criterion", "title")
)
Line = tuple[Any, ...]
NOBODY = ("", "")
CHUNK = 2000  # rows read at a time; of 5000 a row took 0.037 ms instead of 0.022
# so many rows are written before the next chunk's are looked for
FETCHED = 100


class SheetLines:
    """Reads lines of a ledger for these columns."""

    def __init__(
        self, ledger: Ledger, columns: Sequence[Column], units: dict[int, str] | None = None
    ) -> None:
        """``units``: those that sentences name, as a ``Reader`` is given them."""
        shown = {column.key for column in columns}
        self.has_waits, self.has_number = WAITS.key in shown, NUMBER.key in shown
        self.has_contacts = CONTACT.key in shown
        self.names = SheetNames(ledger.on, units or {})
        self.kinds = Kinds(ledger.actor, ledger.on, self.names)
        self._lines: CompiledAmong[Line] = CompiledAmong(
            lambda keys: self._asked(ledger, keys), as_sent=True
        )

    def _asked(self, ledger: Ledger, keys: Sequence[int]) -> QuerySet[Any, Line]:
        # under scope and filter again: what has left them since the keys were read is not found
        cases = ledger.listed(Q(Among("pk", keys))).with_returned().order_by()
        said = CaseEvent.objects.filter(case=OuterRef("pk")).exclude(verb__in=SILENT)
        last = Subquery(said.order_by("-id").values("pk")[:1])
        # as ``newest.newest_events``, by the end of each case's trail
        newest = FilteredRelation("events", condition=Q(events__pk=F("last")))
        cases = cases.annotate(last=last).annotate(newest=newest)
        day = TruncDate("newest__at", tzinfo=timezone.get_default_timezone())
        cases, names = cases.annotate(day=day), [*OWN, *LIKE, *SAID]
        if self.has_waits:
            cases = cases.annotate(lies_with=whose_move(ledger.on))
            names.append("lies_with")
        found: QuerySet[Any, Line] = cases.values_list(*names)
        return found

    def ahead(self, keys: Sequence[int]) -> AskedAhead:
        """Ask for the lines of these keys, to be put into words by ``rows``."""
        asked = [self._lines.asked(keys)]
        asked += [_CONTACTS.asked(keys)] if self.has_contacts else []
        return AskedAhead(*asked)

    def rows(self, keys: Sequence[int], asked: AskedAhead | None = None) -> Iterator[Row]:
        """In the order of the keys, each put together when it is asked for; ``asked``: what
        ``ahead`` has said of them."""
        lines, *contacts = (asked or self.ahead(keys)).rows()
        self._learn(lines)
        firms = first_contacts(contacts[0]) if contacts else {}
        parts = with_open_parts([line[0] for line in lines if _is_open_matter(line)])
        found = {line[0]: line for line in lines}
        for key in keys:
            if (line := found.get(key)) is not None:
                row = self._row(line, firms.get(line[2], NOBODY), key in parts)
                # the columns ask for nothing else of a row
                yield cast(Row, row)

    def _learn(self, lines: Iterable[Line]) -> None:
        """Whatever these lines name."""
        names = self.names
        columns = list(zip(*lines, strict=True))
        if not columns:
            return
        told = self.kinds.named(line[_SAID] for line in lines)
        county, township, department, post = (
            set(columns[OWN.index(name)])
            for name in ("county_id", "township_id", "competent_unit_id", "item__post_id")
        )
        names.learn_regions(county | township)
        names.learn_posts(post | told.posts)
        names.learn_units(department if names.are_given else department | told.units)
        names.learn_users(told.users)
        names.learn_programmes(set(columns[_SPOKEN][SPOKEN.index("programme_id")]))

    def _row(self, line: Line, contact: tuple[str, str], waits_for_parts: bool) -> SheetRow:
        names, kinds = self.names, self.kinds
        _pk, _serial, firm, name, code, county, township, department, post, unit, unsure = line[:11]
        kind = kinds.kind(line[_KIND], firm is not None)
        light, due_on = kinds.light(line[_LIGHT], (post, unit), waits_for_parts)
        # as ``SheetRow`` itself makes it, at a third of the time
        return tuple.__new__(
            SheetRow,
            (
                light,
                named(line[_TITLE] if firm is None else name, kind.remedy),
                code or "",
                names.regions[county],
                "" if township is None else names.regions[township],
                kind.grade,
                kind.phase,
                kind.lack,
                due_on,
                bool(unsure),
                "" if post is None else names.holders[post],
                names.units[department],
                kinds.sentence(said, line[_SPOKEN]) if (said := line[_SAID])[0] else "",
                kinds.waits((line[_SUSPENDED], line[-1]), post) if self.has_waits else "",
                self._number(line) if self.has_number else "",
                *contact,
            ),
        )

    def _number(self, line: Line) -> str:
        case = only(Case, id=None, serial=line[OWN.index("serial")])
        programme = self.names.programmes[line[_SPOKEN][SPOKEN.index("programme_id")]]
        case._state.fields_cache["programme"] = programme
        return case.number


def _is_open_matter(line: Line) -> bool:
    is_firms = line[_IS_MAIN] or line[_CRITERION]
    return not is_firms and line[_STAGE] not in TERMINAL


def _contacts(keys: Sequence[int]) -> QuerySet[Any, Line]:
    firms = Case.objects.filter(Among("pk", keys)).order_by().values("enterprise_id")
    found = Contact.objects.filter(enterprise__in=firms).order_by("-id")
    return found.values_list("enterprise_id", "duty", "name", "phone")


_CONTACTS: CompiledAmong[Line] = CompiledAmong(_contacts, as_sent=True)


def rows_of(ledger: Ledger, lines: SheetLines, tell: Tell | None = None) -> Iterator[Row]:
    """All rows of the list in their order: first the keys, then a chunk of rows at a time, each
    asked for while the one before is written.

    Memory holds the keys and two chunks; no statement stays open while the file is written.
    """
    # numbers as they lie, an eighth of what a list of Python's own takes
    keys = array("q", ledger.rows().values_list("pk", flat=True).iterator(10 * CHUNK))
    chunks = [slice(start, start + CHUNK) for start in range(0, len(keys), CHUNK)]
    asked = lines.ahead(keys[chunks[0]]) if chunks else None
    for chunk, later in zip_longest(chunks, chunks[1:]):
        if asked is not None:
            asked.take()
        if tell is not None:
            tell(chunk.start, len(keys))
        now, asked = asked, None if later is None else lines.ahead(keys[later])
        for place, row in enumerate(lines.rows(keys[chunk], now)):
            if asked is not None and not place % FETCHED:
                asked.fetch()
            yield row
    if tell is not None:
        tell(len(keys), len(keys))
