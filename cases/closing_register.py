"""销号编号: every closing number that was given, what became of it, and why one is missing.

A number is given once. Whoever is reopened loses it (撤销), and gets a new one when the closing is
confirmed again; a ledger that was taken over and undone leaves its numbers behind too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from cases.labels import closing_number
from cases.models import Case, CaseEvent, Counter
from cases.nouns.history import TAKES_BACK
from cases.querysets import CaseQuerySet
from organisations.among import Among
from organisations.days import day_of
from workflows.models import Programme

SERIES = "closing"
VALID, REVOKED, UNKNOWN = "valid", "revoked", "unknown"


@dataclass
class Given:
    """One number of the series; ``now`` is the serial that its case bears today."""

    serial: int
    case: int | None = None
    on: date | None = None
    revoked_on: date | None = None
    verb: str = ""
    reason: str = ""
    now: int | None = None

    @property
    def state(self) -> str:
        if self.case is None:
            return UNKNOWN
        return REVOKED if self.verb else VALID


@dataclass
class Register:
    """The numbers of a programme in their order, as far as the cases are visible."""

    programme: Programme
    given: list[Given] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(one.state == state for one in self.given)

    def number(self, serial: int | None) -> str:
        return closing_number(self.programme.statistical_year, serial) if serial else ""


def register_of(programme: Programme, roots: CaseQuerySet) -> Register:
    """Six statements. Whoever sees all cases of the programme sees gaps too: to others a number
    that nobody bears may be another county's."""
    mine = roots.filter(programme=programme).order_by()
    numbered = mine.filter(closing_serial__isnull=False)
    rows = list(numbered.values_list("pk", "closing_serial", "closed_on"))
    held = {pk: serial for pk, serial, _on in rows}
    days = {pk: on for pk, _serial, on in rows}
    found = _told(mine)
    for pk, serial in held.items():
        found.setdefault(serial, Given(serial, pk))  # taken over with the running ledger
    for one in found.values():
        if one.case is not None:
            one.now = held.get(one.case)
            if one.on is None and one.state == VALID:
                one.on = days.get(one.case)
    if mine.count() == Case.objects.filter(programme=programme, is_main=True).count():
        counters = Counter.objects.filter(programme=programme, name=SERIES)
        last = counters.values_list("value", flat=True).first() or 0
        for serial in range(1, last + 1):
            found.setdefault(serial, Given(serial))
    return Register(programme, [found[serial] for serial in sorted(found)])


def _told(cases: CaseQuerySet) -> dict[int, Given]:
    """What the timelines say of cases that lost a number: a closing gives one, a reopening takes it
    back. Of every other case its own row says all."""
    taken = CaseEvent.objects.filter(case__in=cases, verb__in=TAKES_BACK)
    lost = list(taken.order_by().values_list("case_id", flat=True).distinct())
    events = CaseEvent.objects.filter(Among("case", lost), verb__in=("close", *TAKES_BACK))
    fields = ("case_id", "verb", "at", "reason", "data")
    found: dict[int, Given] = {}
    bears: dict[int, int] = {}
    for case, verb, at, reason, data in events.order_by("id").values_list(*fields):
        serial = data.get("closing_serial")
        if verb == "close" and serial:
            found[serial] = Given(serial, case, day_of(at))
            bears[case] = serial
            continue
        serial = bears.pop(case, None) or serial
        if serial:
            one = found.setdefault(serial, Given(serial, case))
            one.revoked_on, one.verb, one.reason = day_of(at), verb, reason
    return found


@dataclass(frozen=True)
class Line:
    """A number as the page and the workbook print it."""

    number: str
    state: str
    is_valid: bool
    case: Case | None
    firm: str
    county: str
    on: date | None
    revoked_on: date | None
    words: str


def lines_of(register: Register, given: Sequence[Given]) -> list[Line]:
    """Numbers with their firms; one statement."""
    ids = {one.case for one in given if one.case}
    rows = Case.objects.filter(pk__in=ids).select_related("enterprise", "county")
    cases = {case.pk: case for case in rows}
    return [_line(register, one, cases.get(one.case or 0)) for one in given]


def _line(register: Register, one: Given, case: Case | None) -> Line:
    return Line(
        number=register.number(one.serial),
        state=state_words(one.state),
        is_valid=one.state == VALID,
        case=case,
        firm=case.enterprise.name if case and case.enterprise else "",
        county=case.county.name if case else "",
        on=one.on,
        revoked_on=one.revoked_on,
        words=_words(register, one),
    )


def state_words(state: str) -> str:
    return {
        VALID: _("in force"),
        REVOKED: _("revoked"),
        UNKNOWN: _("not in use"),
    }[state]


def _words(register: Register, one: Given) -> str:
    """Why a number counts for nothing, and which one took its place."""
    if one.state == VALID:
        return ""
    if one.state == UNKNOWN:
        return _("Nobody bears it: the import that gave it was undone.")
    words = one.reason or _("The closing was taken back.")
    if one.now:
        again = _("Confirmed again as %(number)s.") % {"number": register.number(one.now)}
        return _("; ").join([words, again])
    return words


def revoked_of(case: Case, events: Iterable[CaseEvent]) -> list[str]:
    """Numbers that a case bore and lost, the oldest first; from its timeline, no statement."""
    serials = [event.data.get("closing_serial") for event in events if event.data]
    lost = sorted({s for s in serials if s and s != case.closing_serial})
    return [closing_number(case.programme.statistical_year, serial) for serial in lost]
