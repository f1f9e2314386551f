"""通报: the month's circular compiled from the indicators, ranked inside its zones.

Ranked by the gap to the planned line before rounding, ties share (1, 1, 3): with targets of 50 to
85 % a plain rank is unfair. Nobody who has reached the line is named slow; units only, no person,
no firm. The filing and the ledger are two truths and stand in two sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from organisations.rounding import points
from reports.documents.beside import Beside
from reports.documents.chart_annex import chart_of
from reports.documents.circular_counties import county_figures, gap_name, must_report, risen
from reports.documents.circular_facts import Facts, Line, facts_of
from reports.documents.circular_more import more_figures, more_words
from reports.documents.circular_terms import definitions
from reports.documents.content import Annex, Column, Content, Table
from reports.documents.copies import of_the_city
from reports.documents.county_annexes import overdue_lists
from reports.documents.setting import LANGUAGE, long_day
from reports.indicators import Row
from workflows.models import Programme
from workflows.text import localised
from workflows.wording import speaking

NAMED = 3  # counties named as good or slow in a zone


def circular(programme: Programme, as_of: date, today: date) -> Content:
    """The circular as of ``as_of``: of a frozen day what was frozen, whenever it is printed; of
    another what is known now. One cut-off: only what lacks one item is known of ``today`` alone."""
    with speaking(LANGUAGE, programme.city_id):
        facts = placed_facts(programme, as_of, today)
        return _content(programme, facts, facts.today)


def placed_facts(programme: Programme, as_of: date, today: date) -> Facts:
    """What a circular states, its counties in their zones by rank; in the active language."""
    facts = facts_of(programme, as_of, today)
    return replace(facts, zones=_zones(facts))


def _content(programme: Programme, facts: Facts, today: date) -> Content:
    office, city = facts.pack.units.office, programme.city.name
    linked = figures_of(facts, today)
    return Content(
        layout="file",
        masthead=_("%(office)s document") % {"office": office.name},
        title=_("Circular on the progress of full R&D coverage of the whole city in %(month)s")
        % {"month": dateformat.format(facts.on, pgettext("date format", "F"))},
        addressee=_("People's governments of the counties, departments of the city concerned"),
        paragraphs=tuple(_paragraphs(facts, linked)),
        figures=dict(linked.values()),
        signer=office.name,
        annexes=(
            _ranking(facts),
            definitions(facts.on, facts.more),
            chart_of(facts.zones),
            *(overdue_lists(facts.state) if facts.state is not None else ()),
        ),
        copies=of_the_city(),
        issuer=office.name,
        words=(city, *(row.name for row in facts.now.counties)),
    )


# --- figures -------------------------------------------------------------------------------------
def figures_of(facts: Facts, today: date) -> dict[str, tuple[str, str]]:
    """Key in our texts → (name by which the office's text links it, value)."""
    city, ledger = facts.now.city, facts.ledger
    was = facts.before.city
    return {
        "as_of": (_("as-of day"), long_day(facts.on)),
        "listed": (_("firms on the register"), str(city.listed)),
        "registered": (_("registered firms"), str(city.registered)),
        "filed": (_("firms that filed"), str(city.filed)),
        "filing": (_("filing rate"), _rate(city.filing_rate)),
        "filing_change": (
            _("change of the filing rate"),
            _change(city.filing_rate, was.filing_rate),
        ),
        "covered": (_("covered firms"), str(city.with_rd)),
        "coverage": (_("coverage rate"), _rate(city.coverage_rate)),
        "coverage_change": (
            _("change of the coverage rate"),
            _change(city.coverage_rate, was.coverage_rate),
        ),
        "planned": (_("planned line"), _rate(city.planned)),
        "target": (_("annual target"), _rate(city.target)),
        "all_four": (_("firms with all four"), str(city.four_haves)),
        "four_haves": (_("Four Haves rate of the city"), _rate(city.four_haves_rate)),
        "four_change": (
            _("change of the Four Haves rate"),
            _change(city.four_haves_rate, was.four_haves_rate),
        ),
        "today": (_("day of the ledger"), long_day(today)),
        "closed": (_("cases closed"), str(facts.standing.closed)),
        "open": (_("cases open"), str(facts.standing.open)),
        "late": (_("cases late"), str(ledger.overdue)),
        "long_late": (_("cases long late"), str(ledger.overdue_long)),
        "one_short": (_("cases one item short"), str(ledger.lacks_one)),
        "short_on": (_("day of the cases one item short"), long_day(facts.lacking_on)),
        **county_figures(facts),
        **more_figures(facts.more),
    }


def _rate(value: Decimal | None) -> str:
    return "—" if value is None else str(value)


def _change(now: Decimal | None, before: Decimal | None) -> str:
    """提高4.8个百分点 and its like, in words that fit behind 较上月."""
    if now is None or before is None:
        return _("cannot be compared")
    points = now - before
    if points == 0:
        return _("unchanged")
    words = _("up %(n)s points") if points > 0 else _("down %(n)s points")
    return words % {"n": abs(points)}


# --- text ----------------------------------------------------------------------------------------
def _paragraphs(facts: Facts, figures: dict[str, tuple[str, str]]) -> list[str]:
    """The proposed text; each figure as a link that the office may move, not mistype."""
    links = {key: "{" + name + "}" for key, (name, _value) in figures.items()}
    text = [
        _("With the consent of the task force, the progress as of %(as_of)s is circulated:"),
        _("I. Overall"),
        _(
            "The city has %(listed)s firms on the register. In the provincial system "
            "%(registered)s are registered and %(filed)s have filed, a filing rate of "
            "%(filing)s%%, %(filing_change)s on last month; %(covered)s do R&D, a coverage of "
            "%(coverage)s%%, %(coverage_change)s on last month (planned line %(planned)s%%, annual "
            "target %(target)s%%); %(all_four)s have all four, %(four_haves)s%%, %(four_change)s "
            "on last month."
        ),
        _(
            "In the working ledger, as of %(as_of)s, %(closed)s firms are closed and %(open)s are "
            "open."
        )
        + _(" Of these %(long_late)s are more than 10 working days late.")
        + more_words(facts.more),
        _("II. Counties"),
    ]
    marks = pgettext("ordinals of a second level, in order", "(1) (2) (3) (4) (5) (6) (7) (8)")
    said = [
        (name, lines) for name, lines in facts.zones if any(one.gap is not None for one in lines)
    ]
    zones = [
        f"{number}{zone_words(name, lines)}"
        for number, (name, lines) in zip(marks.split(), said, strict=False)
    ]
    if rose := risen(facts):
        zones.append(rose)
    problems = _counted(_problems(facts), pgettext("ordinals of problems", "First Second"))
    asked = _counted(
        _asked(facts), pgettext("ordinals of what is asked", "First Second Third Fourth Fifth")
    )
    rest = [_("III. Problems"), problems] if problems else []
    rest += [_("IV. What is asked") if problems else _("III. What is asked"), asked]
    return [*(line % links for line in text), *zones, *(line % links for line in rest)]


def _counted(sentences: Sequence[str], ordinals: str) -> str:
    """一是…二是…: only what there is to say; as the catalogue writes them."""
    return "".join(f"{n}{text}" for n, text in zip(ordinals.split(), sentences, strict=False))


def _problems(facts: Facts) -> list[str]:
    found = []
    if facts.ledger.overdue:
        found.append(
            _(
                "some matters are not handled in time: as of %(today)s, %(late)s firms of the "
                "ledger are past their limit, %(long_late)s of them by more than 10 working days."
            )
        )
    # what lacks one item is not known of a past day that was not frozen: then it is not told
    is_known = facts.more is not None or facts.lacking_on == facts.on
    if facts.ledger.lacks_one and is_known:
        found.append(
            _(
                "as of %(short_on)s, %(one_short)s firms that are one item short wait to be "
                "brought to an end."
            )
        )
    return found


def _asked(facts: Facts) -> list[str]:
    report = _(
        "report: counties %(far_below)s points or more below the planned line report their "
        "measures in writing within 5 working days of this circular."
    )
    easy = _("take the easy ones first: bring the firms one item short to an end one by one.")
    return [
        _("plan backwards from the planned line; name unit, person and time for each firm."),
        *([easy] if facts.ledger.lacks_one else []),
        _("be true: firms report as things are, nothing is made up, and no burden is added."),
        _("work together: departments answer what is passed on to them within 7 working days."),
        *([report] if must_report(facts) else []),
    ]


def zone_words(name: str, lines: Sequence[Line]) -> str:
    """（一）都市核心区。 and who is ahead, who behind; silence where nothing is to be said."""
    parts = [_("%(zone)s.") % {"zone": name}]
    known = [line for line in lines if line.gap is not None]
    # who is named stands out: never more than half of the zone
    most = min(NAMED, max(1, len(known) // 2))
    ahead = [line for line in known if line.gap is not None and line.gap > 0][:most]
    slow = [line for line in reversed(known) if line.gap is not None and line.gap < 0][:most]
    if ahead:
        parts.append(
            _named(ahead, _("%(names)s ahead, %(each)s%(points)s points above the planned line."))
        )
    if slow:
        parts.append(
            _named(slow, _("%(names)s slower, %(each)s%(points)s points below the planned line."))
        )
    if not ahead and not slow:
        parts.append(_("On the planned line."))
    return "".join(parts)


def _named(lines: Sequence[Line], words: str) -> str:
    comma = pgettext("list of names", ", ")
    each = _("respectively ") if len(lines) > 1 else ""
    points = comma.join("{" + gap_name(line) + "}" for line in lines)
    names = comma.join(line.row.name for line in lines)
    return words % {"names": names, "each": each, "points": points}


# --- ranking -------------------------------------------------------------------------------------
def _zones(facts: Facts) -> list[tuple[str, list[Line]]]:
    by_name = {row.name: row for row in facts.now.counties}
    before = {row.name: row.coverage_rate for row in facts.before.counties}
    zones: list[tuple[str, list[Line]]] = []
    for key, title in facts.pack.zones.items():
        names = [county.name for county in facts.pack.counties if county.zone == key]
        rows = [by_name[name] for name in names if name in by_name]
        if rows:
            zones.append((str(localised(title)), ranked(rows, facts, before)))
    named = {county.name for county in facts.pack.counties if county.zone in facts.pack.zones}
    strays = [row for name, row in by_name.items() if name not in named]
    if strays:
        other = _("Other counties") if zones else _("Counties")
        zones.append((other, ranked(strays, facts, before)))
    return zones


def ranked(rows: Sequence[Row], facts: Facts, before: dict[str, Decimal | None]) -> list[Line]:
    """By unrounded gap, the best first; ties share and the next rank is skipped."""
    share = facts.pack.planned_share(facts.on)
    gaps = {row.name: _exact_gap(row, share) for row in rows}
    ranks, were = _ranks(gaps), _ranks_before(rows, facts)
    lines = []
    for row in rows:
        lines.append(
            Line(
                row,
                ranks.get(row.name),
                row.planned_gap,
                points(row.coverage_rate, before.get(row.name)),
                were[row.name] - ranks[row.name]
                if row.name in were and row.name in ranks
                else None,
            )
        )
    return sorted(lines, key=lambda line: (line.rank is None, line.rank or 0))


def _ranks(gaps: Mapping[str, Fraction | None]) -> dict[str, int]:
    known = {name: gap for name, gap in gaps.items() if gap is not None}
    return {name: 1 + sum(o > gap for o in known.values()) for name, gap in known.items()}


def _ranks_before(rows: Sequence[Row], facts: Facts) -> dict[str, int]:
    """Of the same counties at the end of the month before, by that month's line."""
    names, share = (
        {row.name for row in rows},
        facts.pack.planned_share(facts.before.as_of),
    )
    earlier = [row for row in facts.before.counties if row.name in names]
    return _ranks({row.name: _exact_gap(row, share) for row in earlier})


def _exact_gap(row: Row, share: Fraction) -> Fraction | None:
    if row.exact_coverage is None or row.target is None:
        return None
    return row.exact_coverage * 100 - Fraction(row.target) * share


def _ranking(facts: Facts) -> Annex:
    titles = [
        (pgettext("ranking", "Rank"), 1.0),
        (pgettext("ranking", "County"), 2.2),
        (pgettext("ranking", "On the register"), 1.2),
        (pgettext("ranking", "Filed"), 1.2),
        (pgettext("ranking", "Filing rate %"), 1.3),
        (pgettext("ranking", "Covered"), 1.2),
        (pgettext("ranking", "Coverage %"), 1.3),
        (pgettext("ranking", "Annual target %"), 1.3),
        (pgettext("ranking", "Planned line %"), 1.3),
        (pgettext("ranking", "Gap to the line"), 1.3),
        (pgettext("ranking", "On last month"), 1.3),
        (pgettext("ranking", "All four"), 1.2),
        (pgettext("ranking", "Four Haves rate %"), 1.4),
        (pgettext("ranking", "Change of rank"), 1.1),
        (pgettext("ranking", "Closed in all"), 1.1),
        (pgettext("ranking", "Overdue"), 1.0),
        (pgettext("ranking", "Liaison group"), 2.2),
    ]
    columns = tuple(Column(title=title, share=share) for title, share in titles)
    tables = [
        Table(caption=name, columns=columns, rows=tuple(_cells(line, facts) for line in lines))
        for name, lines in facts.zones
    ]
    note = _("Note: as of the end of %(day)s; gaps and changes in percentage points.")
    also = _(
        "Closed and overdue firms are those of the working ledger, closed as of %(day)s, overdue "
        "as of %(today)s."
    )
    return Annex(
        title=_("Progress of the counties"),
        tables=tuple(tables),
        is_wide=True,
        notes=(
            note % {"day": long_day(facts.on)},
            also % {"day": long_day(facts.on), "today": long_day(facts.today)},
        ),
    )


def _moved(line: Line) -> str:
    if line.moved is None:
        return "—"
    if not line.moved:
        return pgettext("change of rank", "same")
    return f"{'↑' if line.moved > 0 else '↓'}{abs(line.moved)}"


def _cells(line: Line, facts: Facts) -> tuple[str, ...]:
    row, more = line.row, facts.beside.get(line.row.county_id or 0, Beside())
    return (
        "—" if line.rank is None else str(line.rank),
        row.name,
        str(row.listed),
        str(row.filed),
        _rate(row.filing_rate),
        str(row.with_rd),
        _rate(row.coverage_rate),
        _rate(row.target),
        _rate(row.planned),
        _signed(line.gap),
        _signed(line.before),
        str(row.four_haves),
        _rate(row.four_haves_rate),
        _moved(line),
        str(more.closed),
        str(more.late),
        more.group or "—",
    )


def _signed(value: Decimal | None) -> str:
    """+4.8, −5.1: with a minus (U+2212), as the pages write it."""
    return "—" if value is None else f"{value:+}".replace("-", "−") if value else "0.0"
