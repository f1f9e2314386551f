"""``manage.py indicators P --as-of D``: rates, targets and ranks of the city and its counties."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.commanding import Door
from config.management import arguments
from organisations import clock
from organisations.errors import Refused
from reports.indicators import Indicators, Row, indicators

# the keys of --json, and what a person reads over the columns
FIGURES = {
    "listed": gettext_lazy("On the register"),
    "registered": gettext_lazy("Registered"),
    "filed": gettext_lazy("Filed"),
    "with_rd": gettext_lazy("With R&D"),
    "four_haves": gettext_lazy("Four Haves"),
    "filing_rate": gettext_lazy("Filing rate"),
    "coverage_rate": gettext_lazy("Coverage rate"),
    "four_haves_rate": gettext_lazy("Four Haves rate"),
    "target": gettext_lazy("Target"),
    "gap": gettext_lazy("Gap (points)"),
    "rank": gettext_lazy("Rank"),
}


class Command(Door):
    help = "Prints the indicators of a programme as of the end of a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--as-of", metavar="DAY", help="default: today")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        as_of = arguments.day(options["as_of"])
        if as_of > clock.today():
            words = _("%(day)s has not come yet. Ask for today or an earlier day.")
            raise Refused("day_in_future", words % {"day": as_of})
        found = indicators(arguments.programme(options["programme"]), as_of)
        if options["json"]:
            self.say_json(_json(found))
            return
        self.stdout.write("\t".join([str(found.as_of), *map(str, FIGURES.values())]))
        for row in (found.city, *found.counties):
            self.stdout.write("\t".join([row.name, *(_text(row, name) for name in FIGURES)]))


def _json(found: Indicators) -> dict[str, Any]:
    city = _figures(found.city)
    del city["rank"]
    return {
        "as_of": found.as_of,
        "city": city,
        "counties": [_figures(row) for row in found.counties],
    }


def _figures(row: Row) -> dict[str, Any]:
    return {"name": row.name, **{name: getattr(row, name) for name in FIGURES}}


def _text(row: Row, name: str) -> str:
    value = getattr(row, name)
    return "—" if value is None else str(value)
