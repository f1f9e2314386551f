"""``manage.py rank P --month M``: counties in their order by the gap to the planned line."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from config import importing
from config.commanding import Door
from config.management import arguments
from organisations import clock
from organisations.errors import Refused
from reports.figures.increments import Gain, gains
from reports.figures.months import before_of, month_before, month_end, ranking, state_on, zones_of
from reports.figures.ranking import Place
from reports.figures.terms import ranking_terms
from reports.indicators import indicators_of


class Command(Door):
    help = "Ranks the counties of a month: as frozen where it is, else as known now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--month", metavar="YYYY-MM", help="default: the month that has ended")
        parser.add_argument("--as-of", metavar="DAY", help="in place of a month: a day")
        parser.add_argument("--plain", action="store_true", help="all counties in one list")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        programme, today = arguments.programme(options["programme"]), clock.today()
        if options["as_of"]:
            on = arguments.day(options["as_of"])
        elif options["month"]:
            # of the month that runs: as far as it has come
            on = min(month_end(importing.month_from(options["month"])), today)
        else:
            on = month_before(today)
        if on > today or (options["month"] and f"{on:%Y-%m}" != options["month"]):
            raise Refused("day_in_future", _("This month has not begun yet."))
        now = state_on(programme, on, today=today)
        before = before_of(now, today=today)
        by_zone = not options["plain"] and bool(zones_of(now.pack))
        found = ranking(now, before, by_zone=by_zone)
        gained = gains(now.pack, indicators_of(now), indicators_of(now, before))
        if options["json"]:
            freeze = now.freeze
            self.say_json(
                {
                    "programme": programme.key,
                    "as_of": on,
                    "frozen": freeze is not None,
                    "version": freeze.number if freeze else None,
                    "by": "zone" if by_zone else "plain",
                    "rule": ranking_terms(by_zone=by_zone),
                    "increments": _gains(gained.get(programme.city.name, [])),
                    "counties": [
                        as_json(place) | {"increments": _gains(gained.get(place.name, []))}
                        for place in found
                    ],
                }
            )
            return
        heads = _("Rank"), _("County"), _("Coverage rate"), _("Planned line"), _("Gap to the line")
        self.stdout.write("\t".join((*heads, _("On last month"), _("Change of rank"))))
        for place in found:
            cells = (place.rank, place.name, place.rate, place.planned, place.gap)
            self.stdout.write("\t".join(_text(c) for c in (*cells, place.change, place.moved)))
        self.stdout.write(ranking_terms(by_zone=by_zone))


def as_json(place: Place) -> dict[str, Any]:
    return {
        "name": place.name,
        "zone": place.zone,
        "rank": place.rank,
        "covered": place.share.part,
        "base": place.share.whole,
        "coverage_rate": place.rate,
        "target": place.share.target,
        "planned": place.planned,
        "gap": place.gap,
        "firms_to_the_line": place.short,
        "change": place.change,
        "moved": place.moved,
        "above_average": place.above,
        "first_tier": place.first_tier,
    }


def _gains(lines: Sequence[Gain]) -> list[dict[str, Any]]:
    return [{**vars(one), "reached": one.reached} for one in lines]


def _text(value: object) -> str:
    return "—" if value is None else str(value)
