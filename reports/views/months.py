"""月度封账: what is proposed and frozen, one frozen month, and what the province published."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from cases.errors import Refused
from cases.workbooks import write_ledger
from organisations import clock
from organisations.days import long_day
from organisations.downloads import send_workbook
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from reports.figures.breakdown import BY, breakdown
from reports.figures.definitions import BY_KEY, INDICATORS
from reports.figures.freezing import facts_in, freeze
from reports.figures.months import State, before_of, ranking, state_of
from reports.figures.nouns import Freeze
from reports.figures.publishing import publish
from reports.figures.tally import Tally
from reports.views.chosen import chosen
from reports.views.month_columns import firm_columns
from reports.views.month_words import (
    Typed,
    bases_words,
    called,
    freeze_dialogs,
    province_dialog,
)
from reports.views.ranking import no_figures, pace_of, published_of
from reports.views.sight import firms_in_sight
from workflows.models import Programme

SHOWN = ("current", "assessed", "entered", "entered_covered", "filing_rate", "coverage_rate",
         "four_haves_rate", "closed", "overdue", "lacks_one")  # fmt: skip


@require_safe
@scoped(Act.READ)
def months(request: ActorRequest) -> HttpResponse:
    """URL name ``months``: every month with its state; the office freezes here."""
    choices, programme = chosen(request)
    if programme is None:
        return render(request, "reports/figures/months.html", {"empty": no_figures()})
    may = request.actor.may_in(Act.ISSUE_DOCUMENT, programme.city)
    rows = list(Freeze.objects.visible_to(request.actor).filter(programme=programme))
    today = clock.today()
    context = {
        "programme": programme,
        "choices": choices if len(choices) > 1 else [],
        "lines": _lines(rows),
        "may": may,
        "facts": _facts(programme, rows, today) if may else None,
        "dialogs": freeze_dialogs(programme, rows, today) if may else [],
        "waiting": sum(row.state == Freeze.State.PROPOSED for row in rows),
    }
    return render(request, "reports/figures/months.html", context)


@require_POST
@scoped(Act.ISSUE_DOCUMENT)
def month_freeze(request: ActorRequest) -> HttpResponse:
    """URL name ``month_freeze``: freezes the day and edition given; a refusal is said."""
    programme, post = _programme(request), request.POST
    as_of, until = _day(post.get("as_of", "")), _day(post.get("known_until", ""))
    edition = post.get("edition", "")
    if as_of is None or edition not in ("", *Freeze.Edition.values):
        messages.error(request, _("Choose a day."))
        return redirect(_months_url(programme))
    try:
        row = freeze(
            programme,
            as_of,
            by=request.actor,
            at=clock.now(),
            edition=Freeze.Edition(edition) if edition else None,
            known_until=until,
            reason=post.get("reason", ""),
        )
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect(_months_url(programme))
    messages.success(request, _("Frozen. Circular and ranking read it from now on."))
    return redirect("month", pk=row.pk)


@require_safe
@scoped(Act.READ)
def month(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``month``: the figures of a freeze by county, with bases and definitions."""
    return render(request, "reports/figures/month.html", _month(request, _state(request, pk)))


def _month(request: ActorRequest, state: State, typed: Typed | None = None) -> dict[str, Any]:
    """``typed``: what was pasted of the province's figures and not taken."""
    row, programme = state.freeze, state.programme
    assert row is not None
    like = Freeze.objects.frozen().filter(programme=programme, edition=row.edition, as_of=row.as_of)
    earlier = Freeze.objects.frozen().filter(programme=programme, as_of__lt=row.as_of).first()
    places = {place.name: place for place in ranking(state, before_of(state, today=row.as_of))}
    published = published_of(programme, row.as_of)
    indicators = [BY_KEY[key] for key in SHOWN]
    per = request.GET.get("per", "")
    per = per if per in BY else "county"
    lines = []
    for part in breakdown(state, per):
        place = places.get(part.name) if per == "county" else None
        lines.append(
            {
                "name": part.name,
                "cells": _cells(part.tally),
                "place": place,
                "pace": None if place is None or place.gap is None else pace_of(place.gap),
                "published": published.get(int(part.key)) if per == "county" and part.key else None,
            }
        )
    return {
        "freeze": row,
        "title": called(row),
        "programme": programme,
        "bases": bases_words(state, published.get(0, {}).get("base")),
        "versions": list(like),
        "earlier": earlier,
        "heads": indicators,
        "lines": lines,
        "parts": list(BY.items()),
        "per": per,
        "total": {"cells": _cells(state.total), "published": published.get(0)},
        "firms": len(state.rows),
        "definitions": _definitions(date.fromisoformat(str(state.more["lacking_on"]))),
        "may": request.actor.may_in(Act.ISSUE_DOCUMENT, programme.city),
        "dialogs": [province_dialog(state, row, published, typed)],
        "print_head": {"title": str(programme), "facts": [called(row)]},
    }


@require_POST
@scoped(Act.ISSUE_DOCUMENT)
def month_published(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``month_published``: 省通报口径 of the month of a freeze, pasted as lines."""
    row, post = _freeze(request, pk), request.POST
    lines, source = post.get("lines", ""), post.get("source", "")
    cut_off = _day(post.get("cut_off", "")) or row.as_of
    try:
        count = publish(
            row.programme,
            row.as_of,
            lines,
            cut_off=cut_off,
            source=source,
            by=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        # a pasted table is not lost for one wrong line
        context = _month(request, state_of(row), Typed(lines, cut_off, source, refusal))
        return render(request, "reports/figures/month.html", context, status=422)
    messages.success(request, _("Kept: %(n)d lines as the province published them.") % {"n": count})
    return redirect("month", pk=pk)


@require_safe
@scoped(Act.READ)
def month_firms(request: ActorRequest, pk: int) -> FileResponse:
    """URL name ``month_firms``: the frozen firms in sight as a workbook; the trail keeps it."""
    state = _state(request, pk)
    row = state.freeze
    assert row is not None
    seen = firms_in_sight(request)
    rows = [firm for firm in state.rows if firm.firm in seen]
    write = partial(
        write_ledger,
        title=called(row),
        facts=[str(state.programme), _("as of %(day)s") % {"day": long_day(row.as_of)}],
        definition=_("As frozen; what a firm filed and what its case showed on that day."),
        columns=firm_columns(state),
        rows=rows,
        sheet_name=_("Frozen firms"),
    )
    name = f"{pgettext('file name', 'Frozen month')}_{row.as_of:%Y%m%d}_v{row.number}.xlsx"
    return send_workbook("month_firms", name, write, by=request.actor, at=clock.now(), subject=row)


# --- small things --------------------------------------------------------------------------------
def _definitions(lacking_on: date) -> list[tuple[str, str]]:
    """口径 of everything that was frozen; what lacks one item with its own day."""
    words = {one.key: (str(one.label), str(one.says)) for one in INDICATORS}
    told = _("as of the freezing on %(day)s") % {"day": long_day(lacking_on)}
    label, says = words["lacks_one"]
    words["lacks_one"] = label, f"{says} {told}"
    return list(words.values())


def _cells(tally: Tally) -> list[dict[str, Any]]:
    found = []
    for key in SHOWN:
        one = BY_KEY[key]
        found.append({"label": one.label, "value": one.value(tally), "rate": bool(one.whole)})
    return found


def _lines(rows: list[Freeze]) -> list[dict[str, Any]]:
    """The newest version of each; the ones before it stand on its page."""
    found: dict[tuple[str, date], dict[str, Any]] = {}
    for row in rows:
        line = found.setdefault((row.edition, row.as_of), {"row": row, "title": called(row)})
        line["versions"] = line.get("versions", 0) + 1
    return list(found.values())


def _facts(programme: Programme, rows: list[Freeze], today: date) -> dict[str, Any] | None:
    """How many firms have facts about the newest month that waits."""
    waiting = next((row for row in rows if row.state == Freeze.State.PROPOSED), None)
    if waiting is None:
        return None
    there, members = facts_in(programme, waiting.as_of, today)
    values = {"month": called(waiting), "there": str(there), "members": str(members)}
    words = _("%(month)s: facts of %(there)s of %(members)s firms on the register are in.") % values
    return {"kind": "fine" if there == members else "soon", "words": words}


def _programme(request: ActorRequest) -> Programme:
    mine = Programme.objects.filter(city__in=request.actor.city_ids).select_related("city")
    key = request.POST.get("programme", "")
    found = mine.filter(key=key).first() if key else mine.first()
    if found is None:
        raise Http404
    return found


def _freeze(request: ActorRequest, pk: int) -> Freeze:
    rows = Freeze.objects.visible_to(request.actor).filter(pk=pk).frozen()
    row = rows.select_related("programme__city", "by").first()
    if row is None:
        raise Http404
    return row


def _state(request: ActorRequest, pk: int) -> State:
    return state_of(_freeze(request, pk))


def _months_url(programme: Programme) -> str:
    return f"{reverse('months')}?programme={programme.key}"


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
