"""指标: every figure as of any day, by part, on either base; each number opens its firms."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from cases.workbooks import write_ledger
from enterprises.facts import corrections_of
from organisations import clock
from organisations.days import long_day
from organisations.downloads import send_workbook
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.rounding import half_up
from reports.figures.besides import (
    HEADS,
    RATES,
    SAYS,
    Besides,
    besides,
    besides_of_city,
    notes,
)
from reports.figures.breakdown import (
    BY,
    OTHER,
    Line,
    breakdown,
    part_name,
    seen_in,
    seen_of,
    tallies_of,
    whole,
)
from reports.figures.definitions import BESIDES, BY_KEY, INDICATORS, LEDGER, WHERE
from reports.figures.matters import Matters, matters_of
from reports.figures.months import State, counted_on, frozen_at, on_base, state_of
from reports.figures.tally import ASSESSMENT, CURRENT, Tally
from reports.views.chosen import chosen, pack_shown
from reports.views.day_columns import FILING, FigureColumn, comma, copied
from reports.views.day_lists import DayList, Of
from reports.views.month_columns import Column, firm_columns
from reports.views.progress import day_asked
from reports.views.progress_words import LIGHTS
from reports.views.ranking import no_figures, state_words
from reports.views.sight import firms_in_sight
from workflows.models import Programme
from workflows.text import localised


@require_safe
@scoped(Act.READ)
def day_figures(request: ActorRequest) -> HttpResponse:
    """URL name ``day_figures`` (``?on=2022-05-12&per=zone&base=current_register``): totals, for
    every official; ``&figure=overdue&part=3``: the firms that a number counts, where they lie."""
    choices, programme = chosen(request)
    if programme is None:
        return render(request, "reports/figures/day.html", {"empty": no_figures()})
    page = Asked(request, programme)
    context = page.context() | {"choices": choices if len(choices) > 1 else []}
    if page.figure:
        context["page"] = page.listed.page()
    else:
        context |= page.tables()
    return render(request, "reports/figures/day.html", context)


@require_safe
@scoped(Act.READ)
def day_figures_copy(request: ActorRequest) -> HttpResponse:
    """复制到工作群: the main figures of each part as plain text."""
    _choices, programme = chosen(request)
    lines = Asked(request, programme).as_text() if programme else []
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@scoped(Act.READ)
def day_figures_export(request: ActorRequest) -> FileResponse:
    """URL name ``day_figures_export``: what the page shows, as a workbook."""
    _choices, programme = chosen(request)
    if programme is None:
        raise Http404
    page = Asked(request, programme)
    write = partial(
        write_ledger,
        title=page.title,
        facts=page.facts,
        definition=page.definition,
        columns=page.columns(),
        rows=page.listed.firms if page.figure else page.rows(),
        sheet_name=_("Figures"),
        terms=() if page.figure else page.terms(),
    )
    name = f"{pgettext('file name', 'Figures')}_{page.on:%Y%m%d}.xlsx"
    return send_workbook("day_figures", name, write, by=request.actor, at=clock.now())


class Asked:
    """A day, a part, a base and perhaps one number of a programme, answered for one reader."""

    def __init__(self, request: ActorRequest, programme: Programme) -> None:
        self.request, self.programme, self.today = request, programme, clock.today()
        given = request.GET
        self.on, self.refusal = day_asked(given.get("on", ""), self.today)
        self.per = given["per"] if given.get("per") in BY else "county"
        self.counts_anew = given.get("live") == "1"
        self.state = self._state(given.get("base", ""))
        self.figure = given["figure"] if given.get("figure") in BY_KEY else ""
        if self.figure in self.state.unknown:
            self.figure = ""
        self.part = given.get("part")
        stages = {stage.key: stage for stage in self.state.pack.root.stages}
        # of open cases those in a stage, or under a light
        running = self.figure == "running"
        self.stage = stages.get(given.get("stage", "")) if running else None
        light = given.get("light", "")
        self.light = light if running and light in LIGHTS else ""
        unit = given.get("unit", "")
        # the unit that owed the step, where the reader may look at it
        self.unit = int(unit) if running and unit.isdecimal() and len(unit) < 10 else None

    def _state(self, base: str) -> State:
        pack, programme, today = pack_shown(self.programme), self.programme, self.today
        freeze = None if self.counts_anew else frozen_at(programme, self.on)
        if freeze is not None:
            found = state_of(freeze)
        else:
            by, reader = self.per, self.request.actor
            found = counted_on(programme, self.on, today=today, by=by, reader=reader, pack=pack)
        return on_base(found, base) if base in (CURRENT, ASSESSMENT) else found

    @cached_property
    def lines(self) -> list[Line]:
        return breakdown(self.state, self.per)

    @cached_property
    def seen(self) -> set[int]:
        # not asked where the database says it with what it counts
        return set() if self.state.sums else firms_in_sight(self.request)

    # --- words -----------------------------------------------------------------------------------
    @property
    def base(self) -> str:
        return self.state.pack.base

    @property
    def title(self) -> str:
        if not self.figure:
            return _("Figures of a day")
        name = str(BY_KEY[self.figure].label)
        stage = self.stage and localised(self.stage.state_label)
        for more in (stage, LIGHTS.get(self.light), self._unit_name()):
            name = f"{name} · {more}" if more else name
        parts = {"figure": name, "part": self._part_name()}
        return _("%(part)s: %(figure)s") % parts

    def _unit_name(self) -> str:
        return self.state.names.units.get(self.unit, "") if self.unit else ""

    def _part_name(self) -> str:
        if self.part is None:
            return self.programme.city.name
        return part_name(self.state, self.per, self.part)

    @property
    def facts(self) -> list[str]:
        shown = BY_KEY["assessed" if self.base == ASSESSMENT else "current"]
        base = _("base: %(name)s, %(n)s firms") % {
            "name": shown.label,
            "n": str(self.listed.base if self.figure else self.state.total.counts["listed"]),
        }
        day = _("as of the end of %(day)s") % {"day": long_day(self.on)}
        return [str(self.programme), day, base, state_words(self.state.freeze)]

    @property
    def definition(self) -> str:
        return str(BY_KEY[self.figure].says if self.figure else WHERE)

    # --- the page --------------------------------------------------------------------------------
    def context(self) -> dict[str, Any]:
        programme = self.programme
        return {
            "programme": programme,
            "on": self.on,
            "today": self.today,
            "refusal": self.refusal and {"kind": "soon", "words": self.refusal},
            "per": self.per,
            "parts": list(BY.items()),
            "part_name": BY[self.per],
            "base": self.base,
            "bases": [(CURRENT, BY_KEY["current"].label), (ASSESSMENT, BY_KEY["assessed"].label)],
            "title": self.title,
            "facts": self.facts[1:],
            "freeze": self.state.freeze,
            "corrections": [] if self.state.freeze else corrections_of(programme.city, self.on),
            "anew": self.query(live="1") if self.state.freeze else "",
            "query": self.query(),
            "here": self.query(**self.narrowed) if self.figure else self.query(),
            "figure": BY_KEY[self.figure] if self.figure else None,
            "where": WHERE,
            "definitions": [
                *((one.label, one.says) for one in INDICATORS),
                *((label, says) for _key, label, says in BESIDES),
            ],
            "print_head": {"title": self.title, "facts": self.facts},
        }

    def tables(self) -> dict[str, Any]:
        rows = [(str(line.key), line) for line in self.lines]
        mine = seen_in(self.state, self.per, self.seen) if self.hides else tallies_of(self.lines)
        tables = []
        for title, keys in ((_("Provincial filing"), FILING), (_("Working ledger"), LEDGER)):
            lines = [self._cells(line, keys, mine.get(key), {"part": key}) for key, line in rows]
            total = self._cells(whole(self.state), keys, self.seen_of_all, {})
            heads = [BY_KEY[key] for key in keys]
            tables.append({"title": title, "heads": heads, "lines": lines, "totals": [total]})
        return {"tables": tables, "stages": self._stages(), "more": self._more()}

    @cached_property
    def hides(self) -> bool:
        """Whether the reader may not open each firm that is counted."""
        sums = self.state.sums
        return sums.hides if sums else any(row.firm not in self.seen for row in self.state.rows)

    @cached_property
    def seen_of_all(self) -> Tally:
        """What is counted of the firms that the reader sees."""
        return seen_of(self.state, self.seen) if self.hides else self.state.total

    def _cells(
        self, line: Line, keys: tuple[str, ...], mine: Tally | None, part: dict[str, str]
    ) -> dict[str, Any]:
        """``mine``: of it what the reader may open; a number opens a list of its length or none."""
        here, more = self._here, f"&{urlencode(part)}" if part else ""
        cells = []
        for key in keys:
            value = None if key in line.unknown else BY_KEY[key].value(line.tally)
            counted = line.tally.counts[BY_KEY[key].part]
            seen = mine.counts[BY_KEY[key].part] if mine is not None else 0
            whole_list = counted and seen == counted and value is not None
            url = f"{here}&figure={key}{more}" if whole_list else ""
            cells.append({"value": value, "rate": bool(BY_KEY[key].whole), "url": url})
        return {"name": line.name, "cells": cells}

    @cached_property
    def _here(self) -> str:
        """What the addresses of seventy thousand numbers of a country begin with."""
        return f"{reverse('day_figures')}?{self.query()}"

    def _stages(self) -> dict[str, Any]:
        """Open cases by stage, and the working days of those that left it, on average."""
        stages = self.state.pack.root.stages

        def cells(line: Line) -> list[dict[str, Any]]:
            found = []
            for stage in stages:
                days = line.tally.days(stage.key)
                n = line.tally.stages[stage.key]
                found.append({"n": n, "days": None if days is None else half_up(days)})
            return found

        return {
            "heads": [localised(stage.state_label) for stage in stages],
            "lines": [{"name": line.name, "cells": cells(line)} for line in self.lines],
            "totals": [{"name": self.programme.city.name, "cells": cells(whole(self.state))}],
        }

    def _more(self) -> dict[str, Any]:
        """What no firm's row says: needs, measures, growth, by the same parts."""

        def cells(line: Besides) -> dict[str, Any]:
            values = [
                {"value": line.values[key], "rate": key in RATES} for key, _label, _of in HEADS
            ]
            return {"name": line.name, "cells": values}

        return {
            "notes": notes(self.state, self.per),
            "heads": [{"label": label, "says": SAYS[of]} for _key, label, of in HEADS],
            "lines": [cells(line) for line in self.beside.values()],
            "totals": [cells(self.beside_city)],
        }

    @cached_property
    def matters(self) -> Matters:
        return matters_of(self.state, self.per)

    @cached_property
    def beside(self) -> dict[str, Besides]:
        """By the names of the parts."""
        found = besides(self.state, self.per, self.matters, self.lines)
        return {line.name: line for line in found}

    @cached_property
    def beside_city(self) -> Besides:
        return besides_of_city(self.state, self.matters)

    # --- the firms of a number -------------------------------------------------------------------
    @cached_property
    def listed(self) -> DayList:
        of = Of(self.figure, self.part, self.stage, self.light, self.unit)
        return DayList(self.request, self.state, self.per, of)

    def columns(self) -> tuple[Any, ...]:
        if self.figure:
            return firm_columns(self.state)
        first = Column(BY[self.per], lambda line: line.name, 18)
        city = self.programme.city.name

        def beside(key: str) -> Any:
            return lambda line: (
                self.beside_city if line.name == city else self.beside[line.name]
            ).values[key]

        more = (Column(label, lambda _line: "", 11, beside(key)) for key, label, _of in HEADS)
        return (first, *(FigureColumn(key) for key in (*FILING, *LEDGER)), *more)

    def rows(self) -> list[Line]:
        """Every part, those of measures alone too, then the city."""
        names = {line.name for line in self.lines}
        only = [Line(OTHER, name, Tally()) for name in self.beside if name not in names]
        return [*self.lines, *only, whole(self.state)]

    def terms(self) -> list[tuple[str, str]]:
        """口径 of every column on a sheet of its own."""
        named = [(str(BY_KEY[key].label), str(BY_KEY[key].says)) for key in (*FILING, *LEDGER)]
        more = [(str(label), str(SAYS[of])) for _key, label, of in HEADS]
        return [("", str(WHERE)), *named, *more]

    # --- addresses and text ----------------------------------------------------------------------
    def query(self, **more: Any) -> str:
        """This page's own question as an address says it, with something else."""
        asked = {"programme": self.programme.key, "on": self.on.isoformat(), "per": self.per}
        asked |= {"base": self.base} | ({"live": "1"} if self.counts_anew else {})
        return urlencode(asked | {key: value for key, value in more.items() if value is not None})

    @property
    def narrowed(self) -> dict[str, Any]:
        """What a list of firms is asked by."""
        stage = self.stage.key if self.stage else None
        asked = {"figure": self.figure, "part": self.part}
        return asked | {"stage": stage, "light": self.light or None, "unit": self.unit}

    def as_text(self) -> list[str]:
        head = _("Figures as of the end of %(day)s") % {"day": long_day(self.on)}
        parts = copied((whole(self.state), *self.lines))
        return [f"【{head}】", comma().join(self.facts[2:]), *parts]
