"""工作日历: days that differ from their weekday; announced ones are entered with a preview."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cases.actions import recalendar
from cases.actions.recalendar import Redating
from cases.dates import holiday_words
from cases.errors import Refused
from cases.views.acts import status_of
from organisations import clock
from organisations.markers import ActorRequest, office
from organisations.numbers_sent import number_of
from organisations.roles import Act
from workflows.announcements import AnnouncementError, Days, read_days
from workflows.models import CalendarDay, load_calendar

LONGEST = 20_000  # characters of a pasted notice
YEARS = range(2000, 2100)


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.MANAGE_SETTINGS, Act.ISSUE_PACK)
def working_days(request: ActorRequest) -> HttpResponse:
    """URL name ``working_days`` (``?year=2027``): paste → see what moves → enter."""
    if request.method != "POST":
        return _page(request)
    text = _text_of(request)
    try:
        known = load_calendar().known_until + timedelta(days=1)
        days = read_days(text, whole_from=known if request.POST.get("whole") else None)
        if request.POST.get("step") != "confirm":
            found = recalendar.preview(days)
            return _page(request, found=found, held=text, days=len(days))
        found = recalendar.enter_days(days, by=request.actor, at=clock.now())
    except AnnouncementError as wrong:
        return _page(request, status=422, held=text, wrong=wrong.wrong)
    except Refused as refusal:
        return _page(request, status=status_of(refusal), held=text, error=refusal.words)
    words = ngettext(
        "%(n)d day was entered; %(moved)d open dates moved.",
        "%(n)d days were entered; %(moved)d open dates moved.",
        len(found.days),
    )
    messages.success(request, words % {"n": len(found.days), "moved": len(found.moved)})
    return redirect(f"{request.path}?year={_year_of(days, request)}")


def _text_of(request: ActorRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return str(request.POST.get("text", ""))[:LONGEST].replace("\r\n", "\n")
    data = file.read(LONGEST * 4)
    for encoding in ("utf-8-sig", "gb18030"):  # what spreadsheets write as .csv
        try:
            return str(data.decode(encoding))[:LONGEST]
        except UnicodeDecodeError:
            continue
    return ""


def _year_of(days: Days, request: ActorRequest) -> int:
    return max((day.year for day in days), default=clock.today().year)


def _page(
    request: ActorRequest,
    status: int = 200,
    *,
    found: Redating | None = None,
    held: str = "",
    **more: Any,
) -> HttpResponse:
    asked = request.GET.get("year", "")
    year = number_of(asked) if number_of(asked) in YEARS else clock.today().year
    calendar = load_calendar()
    context = {
        "year": year,
        "is_announced": calendar.is_known(date(year, 12, 31)),
        "known_until": calendar.known_until,
        "special": _special(year),
        "may_enter": request.actor.may(Act.MANAGE_SETTINGS),
        "fields": _fields(held, more.get("error", "")),
        "held": held,
        "whole": bool(request.POST.get("whole")) if request.method == "POST" else True,
        "found": found,
        "counties": found.by_county() if found else [],
        **more,
    }
    return render(request, "cases/working_days.html", context, status=status)


def _special(year: int) -> list[dict[str, Any]]:
    """The days of a year that are not what their weekday says, in spans of one kind and name."""
    calendar = load_calendar()
    names = dict(CalendarDay.objects.filter(day__year=year).values_list("day", "name"))
    spans: list[dict[str, Any]] = []
    day = date(year, 1, 1)
    while day.year == year:
        worked = calendar.is_working(day)
        name = names.get(day, "")
        named = holiday_words(name)
        if worked != (day.weekday() < 5) or (name and not worked):
            last = spans[-1] if spans else None
            joined = last and (last["until"] == day - timedelta(days=1), last["worked"]) == (
                True,
                worked,
            )
            if last and joined and last["name"] == named:
                last["until"] = day
            else:
                spans.append({"from": day, "until": day, "worked": worked, "name": named})
        day += timedelta(days=1)
    return spans


def _fields(held: str, error: str) -> list[dict[str, Any]]:
    return [
        {
            "kind": "textarea",
            "name": "text",
            "rows": 10,
            "label": _("The State Council's notice, or a table"),
            "hint": _(
                "Paste the notice as published, or lines with a day, whether it is off or worked, "
                "and a name, such as 2027-02-06 off Spring Festival."
            ),
            "value": held,
            "error": error,
            "required": None,
        },
        {
            "kind": "file",
            "name": "file",
            "label": _("Or a file with such lines"),
            "accept": ".csv,.txt",
            "kept": True,
            "required": False,
        },
    ]
