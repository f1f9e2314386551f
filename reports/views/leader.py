"""一屏总览: the state, who lags and what needs a word before the meeting, for a leader: on one
screen and on one printed page.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from cases import oversight
from cases.ledger import Asked, Ledger
from cases.lights import light_of
from organisations import clock
from organisations.days import long_day
from organisations.downloads import note_taken
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from organisations.rounding import percent
from organisations.scope import Actor
from reports.charts import bar_svg, legend
from reports.documents.faces import FACES
from reports.documents.nouns import Document
from reports.documents.render import NoPdf, our_fonts, render_pdf
from reports.documents.setting import font_of
from reports.figures.months import state_on
from reports.outlook.glance import Glance, Line, glance, glance_then
from reports.outlook.outlooks import Outlooks, outlooks
from reports.views.chosen import chosen, pack_shown
from reports.views.opening import figure_url, ledger_url
from reports.views.outlook_words import headline, how, reach_words, trend_svg
from reports.views.progress import day_asked, pace_of_row
from reports.views.progress_parts import order_kind, part_of
from reports.views.ranking import moved_words, no_figures
from workflows.models import Programme
from workflows.packs import Pack
from workflows.text import localised

WORST = 5
LOW = 150  # of the chart beside the counties: all must fit on one screen
# where a day and the span around it may part: the column of the paper holds either in a line
SPAN = re.compile(r"(?=[（(])")
MANY = 20  # counties from which the page of paper is set closer


@require_safe
@scoped(Act.READ)
def leader(request: ActorRequest) -> HttpResponse:
    """URL name ``leader``: totals for every official; links where the reader may open them."""
    choices, programme = chosen(request)
    if programme is None:
        return render(request, "reports/no_programme.html", {"empty": no_figures()})
    today, pack = clock.today(), pack_shown(programme)
    as_of, refusal = day_asked(request.GET.get("as_of", ""), today)
    found = glance_on(programme, pack, as_of, request.actor, today=today)
    asked = f"&as_of={as_of:%Y-%m-%d}" if as_of != today else ""
    context = {
        **leader_context(found, request.actor),
        "choices": choices if len(choices) > 1 else [],
        "today": today,
        "as_of": as_of,
        "is_past": as_of != today,
        "refusal": refusal and {"kind": "soon", "words": refusal},
        "query": f"programme={programme.key}{asked}",
    }
    return render(request, "reports/progress/leader.html", context)


@require_safe
@scoped(Act.READ)
def leader_side(request: ActorRequest) -> HttpResponse:
    """URL name ``leader_side``: what is expected, with the trend; loaded by itself."""
    _choices, programme = chosen(request)
    if programme is None:
        return part_of(request, "leader_side", {})
    pack = pack_shown(programme)
    as_of, _refusal = day_asked(request.GET.get("as_of", ""), clock.today())
    found = outlooks(programme, pack, as_of)
    context = {
        "chart": trend_svg(found, pack, height=LOW),
        "headline": headline(found),
        "query": programme.key,
    }
    return part_of(request, "leader_side", context)


@require_safe
@scoped(Act.READ)
def leader_words(request: ActorRequest) -> HttpResponse:
    """URL name ``leader_words``: what waits for the reader's word, and the longest overdue; loaded
    by itself."""
    _choices, programme = chosen(request)
    if programme is None:
        return part_of(request, "leader_words", {})
    pack = pack_shown(programme)
    context = {
        "needs": needs(request.actor, pack, clock.today()),
        "worst": worst(request.actor, pack, clock.today()),
    }
    return part_of(request, "leader_words", context)


@require_safe
@scoped(Act.READ)
def leader_pdf(request: ActorRequest) -> HttpResponse:
    """URL name ``leader_pdf`` (``?as_of=2022-05-31``): the same on one page of A4; 503 where this
    machine cannot print."""
    _choices, programme = chosen(request)
    if programme is None:
        raise Http404
    today = clock.today()
    as_of, _refusal = day_asked(request.GET.get("as_of", ""), today)
    try:
        data = leader_paper(programme, as_of, request.actor, today=today)
    except NoPdf as refusal:
        return render(
            request, "reports/documents/no_paper.html", {"words": refusal.words}, status=503
        )
    name = f"{pgettext('file name', 'Overview')}_{as_of:%Y%m%d}.pdf"
    note_taken("leader", name, by=request.actor, at=clock.now(), subject=programme)
    headers = {"Content-Disposition": content_disposition_header(False, name) or "inline"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)


def leader_paper(programme: Programme, on: date, actor: Actor, *, today: date) -> bytes:
    """One page of A4, as of a day; what waits for a word stands on today's alone. Raises
    ``NoPdf``."""
    pack = programme.current.pack
    found, ahead = (
        glance_on(programme, pack, on, actor, today=today),
        outlooks(programme, pack, on),
    )
    context = {**leader_context(found, actor), **_paper(found, ahead), "is_past": on != today}
    if on == today:
        context |= {"needs": needs(actor, pack, on), "worst": worst(actor, pack, on)}
    fonts = our_fonts()
    context["fonts"] = {face.name: font_of(fonts, face.name) for face in FACES}
    return render_pdf(render_to_string("reports/progress/leader_paper.html", context))


def glance_on(programme: Programme, pack: Pack, on: date, actor: Actor, *, today: date) -> Glance:
    """As it is today, or as it stood at the end of a past day."""
    if on == today:
        return glance(programme, pack, on, actor)
    return glance_then(programme, pack, state_on(programme, on, today=today, pack=pack), actor)


def _paper(found: Glance, ahead: Outlooks) -> dict[str, Any]:
    expected = ahead.forecast.counties or {}
    told = {
        pk: SPAN.split(reach_words(ahead, one.reach)) if one.reach else ["—"]
        for pk, one in expected.items()
    }
    return {
        "chart": trend_svg(ahead, found.pack),
        "headline": headline(ahead),
        "how": how(ahead),
        "told": told,
        "close": len(found.lines) > MANY,
        "as_of": long_day(found.as_of),
    }


def leader_context(found: Glance, actor: Actor) -> dict[str, Any]:
    titles = {key: localised(title) for key, title in found.pack.zones.items()}
    kind = order_kind(found.pack, actor)
    groups: dict[str, list[dict[str, Any]]] = {}
    for line in found.lines:
        name = titles.get(line.place.zone, "") if found.by_zone else ""
        groups.setdefault(name, []).append(_line(found, line, kind))
    return {
        "programme": found.programme,
        "found": found,
        "groups": [{"name": name, "lines": lines} for name, lines in groups.items()],
        "figures": _figures(found),
        "legend": legend(),
        "state": state_words(found),
        "orders": bool(kind),
        "writes": actor.may_in(Act.ISSUE_DOCUMENT, found.programme.city),
        "title": localised(found.pack.title),
    }


def _line(found: Glance, line: Line, kind: str) -> dict[str, Any]:
    row, programme = line.row, found.programme
    asked = f"county={row.county_id}"

    def url(query: str, figure: str) -> str:
        if not line.mine:
            return ""
        if found.is_past:
            return figure_url(programme, found.as_of, figure, row.county_id)
        return ledger_url(programme, f"{asked}&{query}" if query else asked)

    unit = found.pack.units.county_unit.short_name.replace("{county}", row.name)
    return {
        "row": row,
        "place": line.place,
        "cases": line.cases,
        "pace": pace_of_row(row),
        "moved": moved_words(line.place.moved),
        "bar": bar_svg(row.coverage_rate, planned=row.planned, target=row.target, behind=line.lags),
        "url": url("", "running"),
        "overdue_url": url("chip=overdue", "overdue"),
        "closed_url": url("stage=closed", "closed"),
        "one_url": url("chip=lacks_one", "lacks_one"),
        "order": f"{reverse('matter_open', args=[kind])}?unit={unit}"
        if kind and line.lags and not found.is_past
        else "",
    }


def _figures(found: Glance) -> list[dict[str, Any]]:
    """Four figures, each with its base."""
    city, cases = found.city, found.counts
    one = found.cases["lacks_one"]
    firms = pgettext("firms, counted", "firms")

    def url(query: str, figure: str) -> str:
        if not found.sees_all:
            return ""
        if found.is_past:
            return figure_url(found.programme, found.as_of, figure)
        return ledger_url(found.programme, query)

    of = _("%(part)s of %(whole)s firms") % {
        "part": str(city.with_rd),
        "whole": str(city.listed),
    }
    change = (
        ""
        if found.change is None
        else _("%(n)s points on last month") % {"n": _signed(found.change)}
    )
    rate = "—" if city.coverage_rate is None else str(city.coverage_rate)
    closed = percent(cases["closed"], cases["opened"])
    share = "—" if closed is None else str(closed)
    return [
        {"name": _("Coverage"), "value": rate, "unit": "%", "base": [of, change]},
        {
            "name": _("Closed in all"),
            "value": str(cases['closed']),
            "unit": firms,
            "base": [_("%(share)s%% of those opened") % {"share": share},
                     _("%(n)s open") % {"n": str(cases['running'])}],
            "url": url("stage=closed", "closed"),
        },
        {
            "name": _("Overdue"),
            "value": str(cases['overdue']),
            "unit": firms,
            "bad": cases["overdue"] > 0,
            "base": [_("%(n)d late by 10 working days or more") % {"n": cases["overdue_long"]}],
            "url": url("chip=overdue", "overdue"),
        },
        {
            "name": _("Only one missing"),
            "value": "—" if one is None else str(one),
            "unit": "" if one is None else firms,
            "base": [_("not kept of a past day") if one is None else _("to be closed first")],
            "url": url("chip=lacks_one", "lacks_one"),
        },
    ]  # fmt: skip


def _signed(points: Any) -> str:
    return f"+{points}" if points > 0 else f"−{abs(points)}" if points < 0 else "0.0"


def state_words(found: Glance) -> str:
    """Where the city stands and who lags, in two sentences."""
    city = found.city
    if city.coverage_rate is None:
        return _("No firm is on the register yet.")
    parts = []
    if city.planned_gap is not None:
        words = (
            _("The city stands %(n)s points above its planned line.")
            if city.planned_gap >= 0
            else _("The city stands %(n)s points below its planned line.")
        )
        parts.append(words % {"n": abs(city.planned_gap)})
    lagging = found.lagging
    if not lagging:
        parts.append(_("No county lies behind its line."))
        return "".join(parts) if _is_chinese(parts) else " ".join(parts)
    comma = pgettext("list of names", ", ")
    named = comma.join(
        _("%(county)s (−%(n)s)") % {"county": one.row.name, "n": abs(one.place.gap or 0)}
        for one in lagging[:WORST]
    )
    words = ngettext(
        "%(n)d county lies behind its line: %(names)s.",
        "%(n)d counties lie behind their lines: %(names)s.",
        len(lagging),
    )
    parts.append(words % {"n": len(lagging), "names": named})
    return "".join(parts) if _is_chinese(parts) else " ".join(parts)


def _is_chinese(parts: list[str]) -> bool:
    return parts[0].endswith("。")


# --- what needs a word ---------------------------------------------------------------------------
def needs(actor: Actor, pack: Pack, on: date) -> list[dict[str, Any]]:
    """What waits for a decision above the office: letters to decide, orders and remedies past their
    day, papers to be signed; empty kinds are left out. At most six statements."""
    kind = next((k for k, p in pack.procedures.items() if p.opening("rung") is not None), "")
    found: list[tuple[int, str, str]] = []
    letters = oversight.tray_counts(actor, on).get("drafts", 0)
    words = ngettext("%(n)d letter to be decided", "%(n)d letters to be decided", letters)
    found.append((letters, words, reverse("drafts")))
    if kind:
        ledger = Ledger(actor, on, Asked(of="all", procedure=kind, chip="overdue"))
        late = len(ledger.ids())
        words = ngettext(
            "%(n)d supervision order past its day", "%(n)d supervision orders past their day", late
        )
        found.append((late, words, f"{reverse('ledger')}?{ledger.asked.as_query()}"))
    remedies = Ledger(actor, on, Asked(of="remedies", chip="overdue"))
    behind = len(remedies.ids())
    words = ngettext("%(n)d remedy past its day", "%(n)d remedies past their day", behind)
    found.append((behind, words, f"{reverse('ledger')}?{remedies.asked.as_query()}"))
    signing = Document.objects.visible_to(actor).filter(state="to_sign").count()
    words = ngettext("%(n)d document to be signed", "%(n)d documents to be signed", signing)
    found.append((signing, words, reverse("documents")))
    return [{"words": words % {"n": n}, "url": url} for n, words, url in found if n]


def worst(actor: Actor, pack: Pack, on: date) -> list[dict[str, Any]]:
    """The longest overdue, each with the ways to say a word about it. One statement."""
    kind, may = order_kind(pack, actor), actor.may(Act.COMMENT)
    return [
        {
            "firm": case.enterprise.name if case.enterprise else case.title,
            "url": f"{reverse('case', args=[case.pk])}?chip=overdue",
            "light": vars(light_of(case, case.item, on)),
            "order": f"{reverse('matter_open', args=[kind])}?about={case.pk}" if kind else "",
            "word": reverse("case_act", args=[case.pk, "comment"]) if may else "",
        }
        for case in oversight.latest(actor, on, WORST)
    ]
