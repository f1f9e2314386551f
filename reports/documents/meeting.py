"""调度会材料: agenda, ranking, last time's orders, then a page per county (000-04, 000-05, 001-21).

The figures are those of the pages as of the day; what somebody may not see is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import querysets as ask
from cases.dates import day_words
from cases.kinds import DASH
from cases.lights import light_of
from cases.models import Case, FormRecord, StandingNote
from cases.oversight import CountyRow, lateness
from cases.row_words import lack_of, stage_label
from cases.rulebook import rules_of
from cases.waiting import waiting_for_parts
from organisations.days import day_of
from organisations.scope import Actor
from reports.documents.content import Align, Annex, Column, Content, Table, unlinked
from reports.documents.setting import LANGUAGE, long_day
from reports.figures.ranking import Place
from reports.placing import Placed, placed
from workflows.text import localised
from workflows.wording import speaking

LISTED = 10  # overdue firms on a county's page
SAID = 300  # characters of what a county wrote that the page shows
Title = tuple[str, float, Align]


@dataclass(frozen=True)
class Pack:
    """Everything that the papers of one meeting say; read in a fixed number of statements."""

    meeting: Case
    on: date
    placed: Placed
    counties: Mapping[int, CountyRow]
    orders: Sequence[Case]
    # those of them that wait for their parts
    waiting: frozenset[int]
    overdue: Mapping[int, Sequence[Case]]
    notes: Mapping[int, Sequence[StandingNote]]
    promised: Mapping[int, FormRecord]
    said: Mapping[str, Any]

    @property
    def ids(self) -> dict[str, int]:
        return {row.name: row.county_id or 0 for row in self.placed.now.counties}


def pack_of_meeting(meeting: Case, by: Actor, on: date) -> Pack:
    rules = rules_of(meeting)
    zones = bool(rules.pack.zones)
    record = FormRecord.objects.filter(case=meeting, is_draft=False).order_by("pk").first()
    mine = Case.objects.visible_to(by).filter(programme=meeting.programme_id)
    late = mine.filter(is_main=True).with_item().as_rows().filter(ask.overdue(on))
    notes = StandingNote.objects.filter(case__in=mine.filter(finished=None).values("pk"))
    orders = last_orders(meeting, by)
    return Pack(
        meeting=meeting,
        on=on,
        placed=placed(meeting.programme, on, by_zone=zones, pack=rules.pack),
        counties={row.pk: row for row in lateness(by, on).counties},
        orders=orders,
        waiting=waiting_for_parts(orders),
        overdue=_grouped(late.order_by("item__due_on", "pk")),
        notes=_grouped_notes(notes.exclude(expected_on=None).select_related("case__enterprise")),
        promised=_promised(meeting, mine, on),
        said=record.data if record else {},
    )


def last_orders(meeting: Case, by: Actor) -> list[Case]:
    """Of the meeting before this one, in the order of the minutes; what is in sight."""
    cases = Case.objects.visible_to(by).filter(programme=meeting.programme_id)
    before = cases.filter(procedure=meeting.procedure, pk__lt=meeting.pk).order_by("-pk").first()
    if before is None:
        return []
    rows = cases.filter(parent=before).with_item().as_rows().select_related("responsible_unit")
    return list(rows.order_by("pk"))


def meeting_paper(meeting: Case, by: Actor, on: date) -> Content:
    """One paper: the agenda, then annexes, each on a page of its own."""
    with speaking(LANGUAGE, meeting.programme.city_id):
        pack = pack_of_meeting(meeting, by, on)
        rules = rules_of(meeting)
        pages = (_county(place, pack) for place in _in_order(pack))
        annexes = [_ranking(pack), _orders(pack), _glance(pack), *pages]
        return Content(
            layout="plain",
            masthead="",
            title=_("Papers for %(meeting)s") % {"meeting": meeting.title},
            paragraphs=tuple(_agenda(pack)),
            is_sealed=False,
            annexes=tuple(annexes),
            words=(meeting.title, rules.pack.units.office.name),
        )


# --- agenda ---------------------------------------------------------------------------------------
def _agenda(pack: Pack) -> Iterator[str]:
    said, comma = pack.said, pgettext("list of names", ", ")
    held = str(said.get("due_on") or "")
    if held:
        yield _("Time: %(day)s") % {"day": long_day(date.fromisoformat(held))}
    for label, key in ((_("Chair: %(who)s"), "chair"), (_("Attendees: %(who)s"), "attendees")):
        if said.get(key):
            yield unlinked(label % {"who": said[key]})
    places = pack.placed.places
    behind = [place.name for place in places if (place.gap or 0) < 0]
    late = sum(row.overdue for row in pack.counties.values())
    open_orders = sum(not order.is_finished for order in pack.orders)
    yield _("Agenda:")
    points = [
        _("The office reports how far the city is and how the counties stand (annex 1)."),
        _("The office reports on the orders of the last meeting: %(n)d, of them %(open)d open "
          "(annex 2).")
        % {"n": len(pack.orders), "open": open_orders},
        *(
            [_("Counties behind the planned line report: %(names)s.")
             % {"names": comma.join(behind)}]
            if behind
            else []
        ),
        _("Departments speak to what the city must coordinate; %(n)d firms are overdue.")
        % {"n": late},
        _("The chair sums up and says what comes next."),
    ]  # fmt: skip
    for n, words in enumerate(points, 1):
        yield _("%(n)d. %(words)s") % {"n": n, "words": words}


# --- ranking --------------------------------------------------------------------------------------
def _ranking(pack: Pack) -> Annex:
    """One table, zone by zone, so that the ranking stands on one page."""
    zones: Sequence[Title] = ((pgettext("ranking", "Zone"), 2.2, "center"),)
    titles: Sequence[Title] = (
        (_("Rank"), 1.0, "center"),
        (pgettext("ranking", "County"), 2.4, "center"),
        (_("With R&D"), 1.9, "center"),
        (_("Base"), 1.2, "center"),
        (_("Coverage rate"), 1.5, "center"),
        (_("Annual target"), 1.7, "center"),
        (_("Planned line"), 1.7, "center"),
        (_("Against the line"), 1.8, "center"),
        (_("Firms short"), 1.7, "center"),
        (_("On last month"), 1.5, "center"),
        (_("Only one missing"), 1.7, "center"),
    )
    named = {key: localised(title) for key, title in pack.placed.pack.zones.items()}
    by_zone = any(zone in named for zone, _places in pack.placed.zones)
    rows = [
        (*((named.get(zone, DASH),) if by_zone else ()), *_place(place, pack))
        for zone, places in pack.placed.zones
        for place in places
    ]
    return Annex(
        title=_("How the counties stand"),
        tables=(_table((*zones, *titles) if by_zone else titles, rows),),
        is_wide=True,
        notes=(
            _("As of %(day)s; rates in per cent, gaps in percentage points.")
            % {"day": long_day(pack.on)},
            _("Places go by the exact gap to the planned line; equal values share a place."),
        ),
    )


def _place(place: Place, pack: Pack) -> tuple[str, ...]:
    lacks = pack.placed.lacks_one.get(pack.ids.get(place.name, 0), 0)
    return (
        str(place.rank or DASH),
        place.name,
        str(place.share.part),
        str(place.share.whole),
        _number(place.rate),
        _number(place.share.target),
        _number(place.planned),
        _signed(place.gap),
        DASH if place.short is None else str(place.short),
        _signed(place.change),
        str(lacks),
    )


# --- last time's orders ---------------------------------------------------------------------------


def _order_titles() -> Sequence[Title]:
    return (
        (pgettext("annex", "No."), 0.8, "center"),
        (_("Order"), 5.0, "left"),
        (pgettext("annex", "Unit"), 2.6, "center"),
        (pgettext("annex", "Deadline"), 2.2, "center"),
        (_("State"), 2.4, "center"),
        (_("Latest progress"), 4.6, "left"),
    )


def _orders(pack: Pack) -> Annex:
    rows = [_order(n, case, pack) for n, case in enumerate(pack.orders, 1)]
    title = _("Orders of the last meeting and how they stand")
    if not rows:
        return Annex(title=title, paragraphs=(_("No order is on record."),), is_wide=True)
    return Annex(title=title, tables=(_table(_order_titles(), rows),), is_wide=True)


def _order(n: int, case: Case, pack: Pack) -> tuple[str, ...]:
    item, on = getattr(case, "item", None), pack.on
    light = light_of(case, item, on, waits_for_parts=case.pk in pack.waiting)
    unit, due = case.responsible_unit, case.given_due or (item.due_on if item else None)
    words = (stage_label(case, item), light.words)
    state = words[0] if case.is_finished else " ".join(words)
    day = day_words(due, on) if due else DASH
    return str(n), case.title, str(unit.short_name or unit.name), day, state, case.progress or DASH


# --- the ledger of the counties ------------------------------------------------------------------
def _glance(pack: Pack) -> Annex:
    """Whatever the chair asks of a county's ledger, on one page."""
    titles: Sequence[Title] = (
        (pgettext("ranking", "County"), 2.5, "center"),
        (_("Firms in the ledger"), 1.5, "center"),
        (_("Closed in all"), 1.5, "center"),
        (_("Overdue"), 1.5, "center"),
        (_("10 working days late or more"), 1.8, "center"),
        (_("Only one missing"), 1.5, "center"),
        (_("Remedies overdue"), 1.5, "center"),
    )
    rows = []
    for place in _in_order(pack):
        county = pack.ids.get(place.name, 0)
        row, lacks = pack.counties.get(county), pack.placed.lacks_one.get(county, 0)
        counts = (
            (row.firms, row.closed, row.overdue, row.late10, lacks, row.remedies)
            if row
            else (0,) * 6
        )
        rows.append((place.name, *map(str, counts)))
    sums = (str(sum(int(row[n]) for row in rows)) for n in range(1, len(titles)))
    rows.append((_("In all"), *sums))
    notes = (_("Working ledger as of %(day)s.") % {"day": long_day(pack.on)},)
    return Annex(title=_("The counties' ledgers"), tables=(_table(titles, rows),), notes=notes)


# --- a page per county ----------------------------------------------------------------------------
def _in_order(pack: Pack) -> list[Place]:
    """As the plan lists the counties, so that everybody finds his page."""
    order = [row.name for row in pack.placed.now.counties]
    return sorted(pack.placed.places, key=lambda place: order.index(place.name))


def _county(place: Place, pack: Pack) -> Annex:
    county = pack.ids.get(place.name, 0)
    late = list(pack.overdue.get(county, ()))
    tables = [_table(_late_titles(), [_late(n, c, pack.on) for n, c in enumerate(late[:LISTED], 1)],
                     caption=_("Overdue, the latest first"))] if late else []  # fmt: skip
    orders = [order for order in pack.orders if order.county_id == county]
    if orders:
        rows = [_order(n, order, pack) for n, order in enumerate(orders, 1)]
        tables.append(_table(_order_titles(), rows, caption=_("Orders of the last meeting")))
    notes = (
        [_("%(n)d more are overdue; the ledger has them all.") % {"n": len(late) - LISTED}]
        if len(late) > LISTED
        else []
    )
    return Annex(
        title=place.name,
        paragraphs=tuple(unlinked(words) for words in _words(place, county, pack)),
        tables=tuple(tables),
        notes=tuple(notes),
        group=_("The counties, a page for each"),
    )


def _words(place: Place, county: int, pack: Pack) -> Iterator[str]:
    share, short = place.share, place.short or 0
    yield _(
        "Coverage: %(part)d of %(whole)d firms, %(rate)s%%; target of the year %(target)s%%, "
        "planned line %(planned)s%%; against the line %(gap)s points, rank %(rank)s."
    ) % {
        "part": share.part,
        "whole": share.whole,
        "rate": _number(place.rate),
        "target": _number(share.target),
        "planned": _number(place.planned),
        "gap": _signed(place.gap),
        "rank": place.rank or DASH,
    }
    lacks = pack.placed.lacks_one.get(county, 0)
    yield _("To the planned line: %(short)d firms; only one item is missing at %(lacks)d.") % {
        "short": short,
        "lacks": lacks,
    }
    if (row := pack.counties.get(county)) is not None:
        yield _(
            "Ledger: %(firms)d firms, %(closed)d closed, %(overdue)d overdue, of them %(late)d by "
            "10 working days or more; %(remedies)d remedies overdue."
        ) % {
            "firms": row.firms,
            "closed": row.closed,
            "overdue": row.overdue,
            "late": row.late10,
            "remedies": row.remedies,
        }
    yield from _promises(county, pack)


def _promises(county: int, pack: Pack) -> Iterator[str]:
    """What the county said it would do: its last report, and the days that its handlers gave."""
    record = pack.promised.get(county)
    if record is not None:
        text = " ".join(str(record.data.get("next_step") or "").split())
        told = {"day": day_words(day_of(record.at), pack.on), "text": text[:SAID]}
        yield _("Promised in the report of %(day)s: %(text)s") % told
    notes = pack.notes.get(county, ())
    if not notes:
        return
    missed = [note for note in notes if note.expected_on and note.expected_on < pack.on]
    yield _(
        "Handlers gave an expected day for %(n)d open cases; of these %(missed)d have passed it."
    ) % {"n": len(notes), "missed": len(missed)}
    names = [note.case.subject for note in missed[:5]]
    if names:
        words = _("Promised and not done: %(names)s.")
        yield words % {"names": pgettext("list of names", ", ").join(names)}


def _late_titles() -> Sequence[Title]:
    return (
        (pgettext("annex", "No."), 0.8, "center"),
        (pgettext("paper", "Firm"), 5.2, "left"),
        (_("Stage"), 1.8, "center"),
        (_("Still missing"), 3.6, "left"),
        (pgettext("annex", "Deadline"), 2.0, "center"),
        (_("Working days overdue"), 1.8, "center"),
    )


def _late(n: int, case: Case, on: date) -> tuple[str, ...]:
    item = getattr(case, "item", None)
    light = light_of(case, item, on)
    due = day_words(item.due_on, on) if item is not None and item.due_on else DASH
    return str(n), case.subject, stage_label(case, item), lack_of(case, item), due, str(light.days)


# --- pieces ---------------------------------------------------------------------------------------
def _table(titles: Sequence[Title], rows: Iterable[Sequence[str]], caption: str = "") -> Table:
    columns = tuple(Column(title=t, share=share, align=align) for t, share, align in titles)
    return Table(columns=columns, rows=tuple(tuple(row) for row in rows), caption=caption)


def _number(value: Decimal | None) -> str:
    return DASH if value is None else f"{value}"


def _signed(value: Decimal | None) -> str:
    if not value:
        return DASH if value is None else f"{abs(value)}"
    return f"{value:+}".replace("-", "−")


def _grouped(cases: Iterable[Case]) -> dict[int, list[Case]]:
    found: dict[int, list[Case]] = {}
    for case in cases:
        found.setdefault(case.county_id, []).append(case)
    return found


def _grouped_notes(notes: Iterable[StandingNote]) -> dict[int, list[StandingNote]]:
    found: dict[int, list[StandingNote]] = {}
    for note in notes:
        found.setdefault(note.case.county_id, []).append(note)
    return found


def _promised(meeting: Case, mine: Any, on: date) -> dict[int, FormRecord]:
    """The newest report of each county that says what it will do next."""
    rows = FormRecord.objects.filter(
        case__in=mine.filter(enterprise=None).values("pk"),
        is_draft=False,
        at__date__lte=on,
        data__has_key="next_step",
    )
    return {r.case.county_id: r for r in rows.select_related("case").order_by("id") if _says(r)}


def _says(record: FormRecord) -> bool:
    return bool(str(record.data.get("next_step") or "").strip())
