"""变动清单: why figures changed between two frozen months, in sums and firm by firm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from cases.workbooks import write_ledger
from organisations import clock
from organisations.downloads import send_workbook
from organisations.keyset import ListPage
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from reports.figures.changes import EXPLAINED, WORDS, Change, changes, explained, in_order
from reports.figures.definitions import BY_KEY
from reports.figures.months import State, state_of
from reports.figures.nouns import Freeze
from reports.figures.tally import ASSESSMENT, CURRENT
from reports.views.chosen import chosen
from reports.views.month_columns import CHANGED, Changed
from reports.views.month_words import called
from reports.views.ranking import no_figures
from reports.views.sight import firms_in_sight
from workflows.models import Programme

A_PAGE = 50
# the explained figures by the name that the definitions give them
LABELS = {"covered": "with_rd"}


@require_safe
@scoped(Act.READ)
def month_changes(request: ActorRequest) -> HttpResponse:
    """URL name ``month_changes`` (``?from=1&to=2``): sums for all, firms for whoever sees them."""
    choices, programme = chosen(request)
    if programme is None:
        return render(request, "reports/figures/changes.html", {"empty": no_figures()})
    frozen = _frozen(request, programme)
    pair = _pair(request, frozen)
    context: dict[str, Any] = {
        "programme": programme,
        "choices": choices if len(choices) > 1 else [],
        "freezes": [(row.pk, called(row)) for row in frozen],
        "pair": pair,
        "empty": {
            "words": _("Two frozen months are needed"),
            "more": _("What changed is explained between two frozen months, or cuts of a day."),
        },
    }
    if pair:
        before, after = (state_of(row) for row in pair)
        found = _changes(request, before, after)
        page = ListPage(found, in_order, request.GET, A_PAGE)
        page.object_list = _told(page.object_list, before, after)
        context["sums"] = _sums(before, after)
        context["page"] = page
        context["query"] = f"programme={programme.key}&from={pair[0].pk}&to={pair[1].pk}"
    return render(request, "reports/figures/changes.html", context)


@require_safe
@scoped(Act.READ)
def month_changes_export(request: ActorRequest) -> FileResponse:
    """URL name ``month_changes_export``: the whole list as a workbook."""
    _choices, programme = chosen(request)
    if programme is None:
        raise Http404
    frozen = _frozen(request, programme)
    pair = _pair(request, frozen)
    if pair is None:
        raise Http404
    before, after = (state_of(row) for row in pair)
    words = _("from %(first)s to %(last)s") % {"first": called(pair[0]), "last": called(pair[1])}
    write = partial(
        write_ledger,
        title=_("List of changes"),
        facts=[str(programme), words],
        columns=CHANGED,
        rows=_told(_changes(request, before, after), before, after),
        sheet_name=_("List of changes"),
    )
    name = f"{pgettext('file name', 'Changes')}_{pair[0].as_of:%Y%m%d}_{pair[1].as_of:%Y%m%d}.xlsx"
    return send_workbook("month_changes", name, write, by=request.actor, at=clock.now())


def _frozen(request: ActorRequest, programme: Programme) -> list[Freeze]:
    rows = Freeze.objects.visible_to(request.actor).filter(programme=programme).frozen()
    return list(rows.select_related("programme__city"))


def _pair(request: ActorRequest, frozen: list[Freeze]) -> tuple[Freeze, Freeze] | None:
    """The two asked for, else the newest and the one of another day before it."""
    by_id = {str(row.pk): row for row in frozen}
    first, last = (by_id.get(request.GET.get(name, "")) for name in ("from", "to"))
    last = last or (frozen[0] if frozen else None)
    if last is None:
        return None
    first = first or next((row for row in frozen if row.as_of < last.as_of), None)
    first = first or next((row for row in frozen if row.pk != last.pk), None)
    if first is None or first.pk == last.pk:
        return None
    earlier, later = sorted((first, last), key=lambda row: (row.as_of, row.number))
    return earlier, later


def _changes(request: ActorRequest, before: State, after: State) -> list[Change]:
    seen = firms_in_sight(request)
    found = changes(before.rows, after.rows, (before.pack.base, after.pack.base))
    return [one for one in found if one.firm in seen]


def _told(found: Sequence[Change], before: State, after: State) -> list[Changed]:
    names = {**before.names.counties, **after.names.counties}
    return [Changed(one.name, one.code, names.get(one.county, ""), one.kinds) for one in found]


def _sums(before: State, after: State) -> list[dict[str, Any]]:
    bases = before.pack.base, after.pack.base
    # the base itself, by its own name where both states stand on the same one
    base = {(CURRENT, CURRENT): "current", (ASSESSMENT, ASSESSMENT): "assessed"}
    names = LABELS | {"listed": base.get(bases, "listed")}
    labels = {figure: BY_KEY[names.get(figure, figure)].label for figure in EXPLAINED}
    return [
        {
            "label": labels[one.figure],
            "before": one.before,
            "after": one.after,
            "difference": one.after - one.before,
            "kinds": [(WORDS[kind], one.by_kind[kind]) for kind in WORDS if kind in one.by_kind],
        }
        for one in explained(before.rows, after.rows, bases)
    ]
