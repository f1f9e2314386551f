"""汇总统计表: counties' totals, then every closed firm with its number (004-26, 004-29), as of any
day: from the frozen month where there is one, else from the trail, as the pages say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.closing_register import Given, register_of
from cases.models import Case
from cases.stages import CLOSED
from enterprises.models import Membership
from organisations.rounding import percent
from reports.documents.content import Column, Content, Section, Table
from reports.documents.setting import LANGUAGE, long_day
from reports.figures.months import State, state_on
from reports.figures.rows import FirmRow
from reports.figures.tally import Tally
from workflows.models import Programme
from workflows.wording import speaking

SHEET = ("check", "number", "seal")


def summary_table(programme: Programme, on: date, today: date) -> Content:
    """``on``: a day up to today. A fixed number of statements."""
    with speaking(LANGUAGE, programme.city_id):
        state = state_on(programme, min(on, today), today=today)
        title = _("Summary of the firms closed, %(year)s") % {"year": programme.statistical_year}
        return Content(
            layout="form",
            masthead="",
            title=title,
            subtitle=(
                _("Unit: %(unit)s") % {"unit": state.pack.units.office.name},
                _as_of(state),
            ),
            sections=(
                Section(heading=_("1. By county"), table=_by_county(state)),
                Section(heading=_("2. Firms closed"), table=_closed(state)),
            ),
            is_wide=True,
            skips=SHEET,
        )


def _as_of(state: State) -> str:
    words = _("as of %(day)s") % {"day": long_day(state.as_of)}
    if state.freeze is None:
        return words
    return _("%(words)s (frozen month, version %(n)d)") % {"words": words, "n": state.freeze.number}


def _by_county(state: State) -> Table:
    counted = {pk: state.of_county(pk) for pk in state.names.counties}
    rows = [_county(state.names.counties[pk], one) for pk, one in counted.items() if one.stages]
    titles = (
        (pgettext("ranking", "County"), 2.4),
        (_("Firms of the ledger"), 1.6),
        (pgettext("paper", "Closed"), 1.6),
        (_("Share closed %"), 1.6),
        (_("Open"), 1.6),
        (_("Overdue"), 1.6),
    )
    return Table(
        columns=tuple(Column(title=title, share=share) for title, share in titles),
        rows=(*rows, _county(_("Whole city"), state.total)),
    )


def _county(name: str, found: Tally) -> tuple[str, ...]:
    opened, closed, running, late = (
        found.counts[key] for key in ("opened", "closed", "running", "overdue")
    )
    share = percent(closed, opened)
    said = "—" if share is None else str(share)
    return name, str(opened), str(closed), said, str(running), str(late)


def _closed(state: State) -> Table:
    rows = [row for row in state.rows if row.stage == CLOSED]
    numbers, reviewed = _numbers(state), _reviewed(state.programme, rows)
    industries, places = _industries(state), list(state.names.counties)
    order = {pk: n for n, pk in enumerate(places)}
    rows.sort(key=lambda row: (order.get(row.works_in, len(places)), numbers.get(row.case, (0,)),
                               row.firm))  # fmt: skip
    titles = (
        (pgettext("annex", "No."), 1.0, "center"),
        (pgettext("ranking", "County"), 2.0, "center"),
        (pgettext("paper", "Firm"), 7.0, "left"),
        (_("Credit code"), 5.0, "center"),
        (_("Industry"), 4.0, "left"),
        (_("Competent department"), 2.8, "center"),
        (_("Reviewed by the county on"), 2.6, "center"),
        (_("Closed on"), 2.6, "center"),
        (pgettext("paper", "Closing no."), 2.4, "center"),
    )
    names = state.names
    return Table(
        columns=tuple(
            Column.model_validate({"title": title, "share": share, "align": align})
            for title, share, align in titles
        ),
        rows=tuple(
            (
                str(n),
                names.counties.get(row.works_in, ""),
                row.name,
                row.code,
                industries.get(row.firm, ""),
                names.units.get(row.department, ""),
                _day(reviewed.get((row.case, row.closed_on))),
                _day(row.closed_on),
                numbers.get(row.case, (0, ""))[1],
            )
            for n, row in enumerate(rows, 1)
        ),
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _numbers(state: State) -> Mapping[int, tuple[int, str]]:
    """By case the number that it bore on the day: given by then, and not yet taken back."""
    register = register_of(state.programme, Case.objects.main())
    borne: dict[int, tuple[int, str]] = {}
    for one in register.given:
        if one.case is not None and _stood(one, state.as_of):
            borne[one.case] = one.serial, register.number(one.serial)
    return borne


def _stood(one: Given, day: date) -> bool:
    given = one.on is None or one.on <= day
    return given and (one.revoked_on is None or one.revoked_on > day)


def _reviewed(
    programme: Programme, rows: Iterable[FirmRow]
) -> Mapping[tuple[int, date | None], date | None]:
    """The county's review by case and the closing that it led to: of one that was closed anew
    since, the earlier review is on its timeline alone."""
    wanted = {row.case for row in rows}
    cases = Case.objects.main().filter(programme=programme).order_by()
    found = cases.values_list("pk", "closed_on", "reviewed_on")
    return {(pk, closed): reviewed for pk, closed, reviewed in found if pk in wanted}


def _industries(state: State) -> Mapping[int, str]:
    """The class as the register last wrote it, up to the day."""
    rows = Membership.objects.filter(city=state.programme.city_id, joined_on__lte=state.as_of)
    found = rows.order_by("joined_on").values_list("enterprise_id", "industry_name")
    return {firm: name for firm, name in found if name}
