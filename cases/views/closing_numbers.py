"""销号编号: the series of closing numbers, with what is revoked and why; page and workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from cases.closing_register import (
    REVOKED,
    UNKNOWN,
    VALID,
    Line,
    Register,
    lines_of,
    register_of,
    state_words,
)
from cases.views.rows import officials_cases
from cases.workbooks import write_ledger
from organisations import clock
from organisations.downloads import send_workbook
from organisations.keyset import ListPage
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act
from workflows.models import Programme

A_PAGE = 50
STATES = (VALID, REVOKED, UNKNOWN)


@dataclass(frozen=True)
class Column:
    title: str | Promise
    text: Callable[[Line], str]
    width: int = 12
    value: Callable[[Line], date | int | None] | None = None


COLUMNS = (
    Column(gettext_lazy("Closing number"), lambda line: line.number, 14),
    Column(gettext_lazy("State"), lambda line: line.state, 10),
    Column(gettext_lazy("Firm"), lambda line: line.firm, 38),
    Column(gettext_lazy("County"), lambda line: line.county),
    Column(gettext_lazy("Confirmed on"), lambda line: "", 12, lambda line: line.on),
    Column(gettext_lazy("Revoked on"), lambda line: "", 12, lambda line: line.revoked_on),
    Column(gettext_lazy("Explanation"), lambda line: line.words, 60),
)


@require_safe
@scoped(Act.READ)
def closing_numbers(request: ActorRequest) -> HttpResponse:
    """URL name ``closing_numbers`` (``?state=revoked``): the newest number first."""
    programmes = _programmes(request)
    register = _register(request, programmes)
    asked = request.GET.get("state", "")
    state = asked if asked in STATES else ""
    given = list(register.given) if register else []
    chosen = [one for one in reversed(given) if state in ("", one.state)]
    page = ListPage(chosen, lambda one: (-one.serial,), request.GET, A_PAGE)
    context = {
        "register": register,
        "lines": lines_of(register, list(page.object_list)) if register else [],
        "page": page,
        "strays": left_out(request.GET, {"state": state}, searches=False),
        "given": len(given),
        "valid": register.count(VALID) if register else 0,
        "revoked": len(given) - register.count(VALID) if register else 0,
        "chips": _chips(register, state) if register else [],
        "programmes": programmes if len(programmes) > 1 else [],
        "at": clock.now(),
        "papers": register is not None
        and request.actor.may_in(Act.ISSUE_DOCUMENT, register.programme.city),
    }
    return render(request, "cases/closing/numbers.html", context)


@require_safe
@scoped(Act.READ)
def closing_numbers_export(request: ActorRequest) -> FileResponse:
    """URL name ``closing_numbers_export``: the whole series in its order; the trail keeps it."""
    register = _register(request, _programmes(request))
    if register is None:
        raise Http404
    on = clock.today()
    write = partial(
        write_ledger,
        title=_("Closing numbers"),
        facts=[str(register.programme), _("as of %(day)s") % {"day": on.isoformat()}],
        definition=_(
            "A number is given once. A reopened firm loses it and gets a new one when its closing "
            "is confirmed again."
        ),
        columns=COLUMNS,
        rows=lines_of(register, register.given),
        sheet_name=_("Closing numbers"),
    )
    name = f"{pgettext('file name', 'Closing numbers')}_{on:%Y%m%d}.xlsx"
    return send_workbook("closing_numbers", name, write, by=request.actor, at=clock.now())


def _programmes(request: ActorRequest) -> list[Programme]:
    rows = Programme.objects.filter(city_id__in=request.actor.city_ids)
    return list(rows.select_related("city").order_by("-statistical_year", "key"))


def _register(request: ActorRequest, programmes: list[Programme]) -> Register | None:
    """Of the programme asked for, else of the newest one."""
    key = request.GET.get("programme", "")
    rows = [one for one in programmes if key in ("", one.key)]
    return register_of(rows[0], officials_cases(request.actor).roots()) if rows else None


def _chips(register: Register, state: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key in STATES:
        count = register.count(key)
        if count or key == state:
            url = "?" if key == state else f"?state={key}"
            if key != state:
                url += f"&programme={register.programme.key}"
            label = state_words(key)
            found.append({"label": label, "count": count, "url": url, "current": key == state})
    return found
