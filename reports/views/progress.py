"""进度调度: counties against target and planned line, the funnel, the lights."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from cases.stages import CLOSED, DELISTED
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.rounding import percent
from reports.charts import TICKS, bars, by_coverage, legend, share_svg
from reports.figures.months import frozen_at, live, state_of
from reports.figures.standing import standing
from reports.goals import goal_line, standings
from reports.indicators import Indicators, Row, indicators, indicators_of
from reports.ledger_figures import Figures, figures, figures_then
from reports.views.chosen import chosen, pack_shown
from reports.views.opening import figure_url, figure_urls, ledger_url
from reports.views.progress_words import definitions
from reports.views.sight import firms_in_sight
from workflows.models import Programme
from workflows.packs import Pack
from workflows.text import localised

# figures of the filing in the order of their box, by the key of the indicator
FILED = ("with_rd", "filed", "registered", "four_haves")


@require_safe
@scoped(Act.READ)
def progress(request: ActorRequest) -> HttpResponse:
    """Totals of every county for every official; links only where ``visible_to`` gives rows."""
    choices, programme = chosen(request)
    if programme is None:
        return render(request, "reports/no_programme.html", {"empty": _nothing_yet()})
    return render(request, "reports/progress.html", Page(request, programme, choices).context())


@require_safe
@scoped(Act.READ)
def goals(request: ActorRequest) -> HttpResponse:
    """URL name ``goals``: 目标: the plan's aims in figures and how far each is, for the city."""
    choices, programme = chosen(request)
    today = clock.today()
    context: dict[str, Any] = {"programme": programme, "as_of": today}
    if programme is not None:
        pack = pack_shown(programme)
        found = standings(programme, today, pack) if pack.goals else []
        context["goals"] = [goal_line(one) for one in found]
        context["choices"] = choices if len(choices) > 1 else []
    context["empty"] = {
        "words": _("The plan names no aims in figures"),
        "more": _("Aims are written in the programme's pack; the office can add them to it."),
    }
    return render(request, "reports/goals.html", context)


def _nothing_yet() -> dict[str, Any]:
    return {
        "words": _("No programme has been issued yet"),
        "more": _("The office issues the city's programme; figures appear with the first list."),
    }


class Page:
    """Everything that the page shows."""

    def __init__(
        self, request: ActorRequest, programme: Programme, choices: list[Programme]
    ) -> None:
        self.programme, self.choices = programme, choices
        self.today = clock.today()
        asked = request.GET.get("as_of", "")
        self.as_of, self.refusal = day_asked(asked, self.today)
        # the version came with the programme; its rules are kept by the process
        self.pack: Pack = pack_shown(programme)
        # a frozen day reads as it was frozen, here as on every page
        self.freeze = frozen_at(programme, self.as_of) if self.as_of != self.today else None
        self.is_past = self.as_of != self.today
        if self.is_past:
            state = (
                state_of(self.freeze)
                if self.freeze
                else live(programme, self.as_of, today=self.today, pack=self.pack)
            )
            self.found: Indicators = indicators_of(state)
            mine = firms_in_sight(request)
            self.ledger: Figures = figures_then(state, standing(state), mine)
        else:
            self.found = indicators(programme, self.as_of, self.pack)
            self.ledger = figures(programme, self.today, self.pack, request.actor)
        self.visible = self.ledger.visible
        self.may_print = request.actor.may_in(Act.ISSUE_DOCUMENT, programme.city)

    def context(self) -> dict[str, Any]:
        urls = {pk: self._cases("running", f"county={pk}", county=pk) for pk in self.visible}
        return {
            "programme": self.programme,
            "choices": self.choices if len(self.choices) > 1 else [],
            "as_of": self.as_of,
            "today": self.today,
            "refusal": self.refusal and {"kind": "soon", "words": self.refusal},
            "past": self._past(),
            "city": self.found.city,
            "truths": self._truths(),
            "chart": [
                {"name": zone.name, "bars": [(bar, pace_of_row(bar.row)) for bar in zone.bars]}
                for zone in bars(self._zones(), urls)
            ],
            "ticks": TICKS,
            "legend": legend(),
            "freeze": self.freeze,
            "query": f"programme={self.programme.key}&as_of={self.as_of:%Y-%m-%d}",
            "rows": self.found.counties,
            "zones": [
                {"name": name, "lines": [self._line(row, urls) for row in by_coverage(rows)]}
                for name, rows in self._zones()
            ],
            "total": {**self._line(self.found.city, {}), "floor": self.found.has_floor},
            "has_floor": self.found.has_floor,
            "has_goals": bool(self.pack.goals),
            "papers": self.may_print,
            "funnel": self._funnel(),
            "lights": self._lights(),
            "definitions": definitions(self.pack, self.found),
            "print_head": self._print_head(),
        }

    def _past(self) -> dict[str, Any] | None:
        """What the trail does not tell of another day is said, and where today's figures are."""
        if not self.is_past:
            return None
        query = f"?programme={self.programme.key}"
        return {
            "words": _(
                "The ledger is told as of %(day)s from its trail; remedies and matters are only "
                "counted for today."
            )
            % {"day": _words(self.as_of)},
            "link": {"url": reverse("progress") + query, "words": _("Figures of today")},
        }

    def _zones(self) -> list[tuple[str, list[Row]]]:
        by_name = {row.name: row for row in self.found.counties}
        zones = []
        for key, title in self.pack.zones.items():
            names = [c.name for c in self.pack.counties if c.zone == key]
            rows = [by_name[name] for name in names if name in by_name]
            if rows:
                zones.append((localised(title), rows))
        named = {county.name for county in self.pack.counties}
        strays = [row for name, row in by_name.items() if name not in named]
        if strays:
            zones.append((_("Other counties"), strays))
        return zones

    def _truths(self) -> list[dict[str, Any]]:
        city, ledger = self.found.city, self.ledger
        base = _("as of %(day)s, base %(n)s firms") % {
            "day": _words(self.as_of),
            "n": str(city.listed),
        }
        filed = [
            _rate_figure(_("Coverage"), city.coverage_rate, city.with_rd, self._gap_words()),
            _rate_figure(_("Filing"), city.filing_rate, city.filed, ""),
            _rate_figure(_("Registration"), city.registration_rate, city.registered, ""),
            _rate_figure(_("Four Haves rate"), city.four_haves_rate, city.four_haves, ""),
        ]
        for figure, key in zip(filed, FILED, strict=True):
            figure["url"] = self._firms(key) if self.ledger.sees_all else ""
        filing = {"title": _("Provincial filing"), "note": base, "figures": filed}
        share = percent(ledger.closed, ledger.opened) or 0
        cases = [
            _figure(
                _("Closed"), ledger.closed, _("%(share)s%% of those opened") % {"share": share}
            ),
            _figure(_("Open"), ledger.running, _lacks_one(ledger.lacks_one)),
            _figure(
                _("More than 10 working days late"),
                ledger.overdue_long,
                _("%(n)d late in all") % {"n": ledger.overdue},
                bad=ledger.overdue_long > 0,
            ),
        ]
        asked = (("closed", f"stage={CLOSED}"), ("running", ""), ("overdue_long", "chip=late10"))
        for figure, (key, query) in zip(cases, asked, strict=True):
            figure["url"] = self._cases(key, query) if self.ledger.sees_all else ""
        now = _("as of %(day)s, %(n)s cases opened") % {
            "day": _words(self.as_of),
            "n": str(ledger.opened),
        }
        for n, words in (
            (ledger.carried_in, _("%(now)s, %(n)d of them carried over from last year")),
            (ledger.carried_out, _("%(now)s, %(n)d of them carried over to the next year")),
        ):
            now = words % {"now": now, "n": n} if n else now
        return [
            filing,
            {
                "title": _("Working ledger"),
                "note": now,
                "beside": self._beside(),
                "figures": cases,
            },
        ]

    def _beside(self) -> list[dict[str, Any]]:
        """What left the register is outside the base: named, so that nobody looks for it."""
        if not self.ledger.delisted:
            return []
        words = _("besides %(n)d that left the register") % {"n": self.ledger.delisted}
        return [
            {
                "words": words,
                "url": self._cases("delisted", f"stage={DELISTED}") if self.ledger.sees_all else "",
            }
        ]

    def _gap_words(self) -> str:
        gap = self.found.city.gap
        if gap is None:
            return ""
        if self.found.has_floor:
            words = (
                _("%(n)s points above the city's floor")
                if gap >= 0
                else _("%(n)s points to the city's floor")
            )
        else:
            words = (
                _("%(n)s points above the target") if gap >= 0 else _("%(n)s points to the target")
            )
        return words % {"n": abs(gap)}

    def _line(self, row: Row, urls: dict[int, str]) -> dict[str, Any]:
        """With the lists behind its numbers, where the reader may open them."""
        county = row.county_id
        opens = county in self.visible if county else self.ledger.sees_all
        keys = ("listed", *FILED)
        lists = (
            figure_urls(self.programme, self.as_of, keys, county)
            if opens
            else dict.fromkeys(keys, "")
        )
        url = urls.get(county or 0, "")
        return {"row": row, "url": url, "pace": pace_of_row(row), "lists": lists}

    def _firms(self, figure: str, county: int | None = None) -> str:
        return figure_url(self.programme, self.as_of, figure, county)

    def _ledger(self, query: str) -> str:
        return ledger_url(self.programme, query)

    def _cases(self, figure: str, query: str, *, county: int | None = None, **more: str) -> str:
        """The list of the ledger's number: today's ledger, or the firms of the past day."""
        if not self.is_past:
            return self._ledger(query)
        return figure_url(self.programme, self.as_of, figure, county, **more)

    def _funnel(self) -> list[dict[str, Any]]:
        most = max((n for _key, _label, n in self.ledger.stages), default=0) or 1
        root = self.pack.root
        signed = {stage.key for stage in root.stages if stage.leaves_by("acknowledge")}
        return [
            {
                "label": label,
                "n": n,
                # why the ledger's chip 待签收 counts fewer
                "unsigned": self.ledger.unsigned if key in signed else 0,
                "bar": share_svg(n, most),
                "url": self._cases("running", f"stage={key}", stage=key)
                if self.ledger.sees_all and n
                else "",
            }
            for key, label, n in self.ledger.stages
        ]

    def _lights(self) -> list[dict[str, Any]]:
        words = (
            ("overdue", "■", _("Late"), "chip=overdue"),
            ("soon", "▲", _("Due within 3 working days"), "chip=soon"),
            ("fine", "●", _("In time"), "chip=fine"),
            ("rest", "○", _("Quarterly review waits"), "chip=reviews"),
            ("rest", "○", _("Clock stopped or waiting for a higher level"), "chip=rest"),
        )
        return [
            {
                "light": {"kind": kind, "shape": shape, "words": label},
                "n": n,
                "url": self._cases("running", query, light=query.removeprefix("chip="))
                if self.ledger.sees_all
                else "",
            }
            for (kind, shape, label, query), n in zip(words, self.ledger.lights, strict=True)
        ]

    def _print_head(self) -> dict[str, Any]:
        return {
            "title": localised(self.pack.title),
            "facts": [
                _("Base: register of the day, %(n)s firms") % {"n": str(self.found.city.listed)},
                _("As of the end of %(day)s") % {"day": _words(self.as_of)},
            ],
        }


def day_asked(text: str, today: date) -> tuple[date, str]:
    """The day asked for; what is no day, or lies ahead, is today, and words say so."""
    if not text:
        return today, ""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return today, _("This is no date; the figures are those of today.")
    if asked > today:
        return today, _("This day has not come yet; the figures are those of today.")
    return asked, ""


def _words(day: date) -> str:
    return dateformat.format(day, pgettext("date format", "j M Y"))


def _lacks_one(n: int | None) -> str:
    if n is None:
        return _("Only one missing: not kept of a past day")
    return _("Only one missing: %(n)d") % {"n": n}


def _figure(name: str, value: int, base: str, *, bad: bool = False) -> dict[str, Any]:
    unit = pgettext("firms, counted", "firms")
    return {"name": name, "value": str(value), "unit": unit, "base": base, "bad": bad}


def _rate_figure(name: str, rate: Decimal | None, count: int, more: str) -> dict[str, Any]:
    lines = [_("%(n)s firms") % {"n": str(count)}, *([more] if more else [])]
    if rate is None:
        return {"name": name, "value": "—", "base": lines}
    return {"name": name, "value": str(rate), "unit": "%", "base": lines}


def pace_of_row(row: Row) -> dict[str, Any] | None:
    """Against the planned line: ahead, on plan, behind."""
    gap = row.planned_gap
    if gap is None:
        return None
    kind = "ahead" if gap > 0 else "behind" if gap < 0 else "on"
    return {"kind": kind, "points": abs(gap) or None}
