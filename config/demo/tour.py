"""The five-step tour: what to look at, and as whom."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from config.demo.people import FIRM
from config.navigation import address
from organisations.markers import public


@dataclass(frozen=True)
class Step:
    """One step: an account of the demo and the page that it opens."""

    account: str
    url: str
    title: str
    words: str
    button: str


def steps() -> list[Step]:
    return [
        Step(
            "demo-office",
            address("imports", "ledger"),
            _("List in"),
            _(
                "The statistics bureau's list becomes assigned cases: every firm without R&D gets "
                "a unit, a post and a deadline, and says which rule chose them."
            ),
            _("As the city office"),
        ),
        Step(
            "demo-county",
            address("workbench", "ledger"),
            _("What must I do today"),
            _(
                "The county handler sees the most overdue first, what is missing, and one button "
                "for the next act; on a phone too."
            ),
            _("As the county handler"),
        ),
        Step(
            FIRM,
            address("portal"),
            _("What the firm sees"),
            _("One page: what is still missing, why a paper came back, whom to call."),
            _("As the firm"),
        ),
        Step(
            "demo-supervisor",
            address("overdue", "progress", "ledger"),
            _("What is late climbs by itself"),
            _(
                "Reminders go out alone; letters are drafted and wait for a person. Press “7 days "
                "later” above and see the lights turn."
            ),
            _("As the supervision office"),
        ),
        Step(
            "demo-office-lead",
            address("closing_batch", "ledger"),
            _("Accepted evidence closes the case"),
            _("Twice a month the office confirms in a batch; a second pair of eyes, a number."),
            _("As the office's head"),
        ),
    ]


def _tour(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    return render(request, "demo/tour.html", {"steps": steps()})


tour = public(_tour)
