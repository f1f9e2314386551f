"""``manage.py indicators P --as-of D``: rates, targets and ranks of the city and its counties."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from config.commanding import Door
from config.management import arguments
from reports.indicators import Indicators, Row, indicators

FIGURES = (
    "listed",
    "registered",
    "filed",
    "with_rd",
    "four_haves",
    "filing_rate",
    "coverage_rate",
    "four_haves_rate",
    "target",
    "gap",
    "rank",
)


class Command(Door):
    help = "Prints the indicators of a programme as of the end of a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--as-of", metavar="DAY", help="default: today")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        found = indicators(
            arguments.programme(options["programme"]), arguments.day(options["as_of"])
        )
        if options["json"]:
            self.say_json(_json(found))
            return
        self.stdout.write("\t".join([str(found.as_of), *FIGURES]))
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
