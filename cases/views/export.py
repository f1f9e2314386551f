"""What is on the screen as a workbook: same filter, same order, same columns (and contacts)."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from cases.ledger import CHIPS, SCOPES, SITUATIONS
from cases.ledger_export import write_page
from cases.views.ledger import LedgerPage
from organisations import clock, files
from organisations.downloads import send_workbook
from organisations.errors import Refused
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act

NARROWED = 4  # filters that the name of a file can hold


@require_safe
@scoped(Act.READ)
def export(request: ActorRequest) -> HttpResponseBase:
    """导出Excel: ``台账_涧西区_逾期_20221120.xlsx``; the trail keeps who took what.

    A long one is written in the background: the answer is the page that says how far it is.
    """
    page = LedgerPage(request, per_page=1, chips=(), remembers=False)
    name, query, at = file_name(page), page.asked.as_query(), clock.now()
    total = page.counts["shown"]
    if total <= files.AT_ONCE:
        write = partial(write_page, page=page, at=at)
        return send_workbook("ledger", name, write, by=request.actor, at=at, query=query)
    try:
        job = files.queue("ledger", name, {"query": query}, by=request.actor, at=at, total=total)
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("file_jobs")
    return redirect("file_job", job.pk)


def file_name(page: LedgerPage) -> str:
    """Ledger, where, what, by what it is narrowed, day: two lists have two names."""
    chip = CHIPS.get(page.asked.chip) or SITUATIONS.get(page.asked.chip)
    is_told = page.asked.stage or page.finds_finished()
    label = chip or (page.stages() if is_told else _("Open cases"))
    county = page.asked.ids.get("county")
    where = next((r.county for r in page.rows), "") if county else page.place()
    scope = str(SCOPES[page.asked.of]) if page.asked.of else ""
    narrowed = [scope, *(words for words in page.chosen() if words != where)]
    parts = [
        pgettext("file name", "Ledger"),
        where,
        page.kind(),
        str(label),
        *narrowed[:NARROWED],
        page.ledger.on.strftime("%Y%m%d"),
    ]
    return "_".join(part.replace("/", "-") for part in parts if part) + ".xlsx"
