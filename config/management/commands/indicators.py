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
from reports.figures.besides import besides
from reports.figures.breakdown import BY, breakdown, stage_lines, whole
from reports.figures.definitions import BESIDES, INDICATORS
from reports.figures.matters import matters_of
from reports.figures.months import State, frozen_at, live, state_of
from reports.indicators import Indicators, Row, indicators, indicators_of

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
    "rank": gettext_lazy("Rank by coverage"),
}


class Command(Door):
    help = "Prints the indicators of a programme as of the end of a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--as-of", metavar="DAY", help="default: today")
        parser.add_argument(
            "--per", choices=sorted(BY), help="every indicator by zone, department, group …"
        )
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        as_of = arguments.day(options["as_of"])
        if as_of > clock.today():
            words = _("%(day)s has not come yet. Ask for today or an earlier day.")
            raise Refused("day_in_future", words % {"day": as_of})
        programme = arguments.programme(options["programme"])
        pack, freeze = programme.current.pack, frozen_at(programme, as_of)
        state = state_of(freeze) if freeze else None
        found = indicators_of(state) if state else indicators(programme, as_of, pack)
        if options["json"] or options["per"]:
            state = state or live(programme, as_of, today=clock.today(), pack=pack)
            if options["json"]:
                version = freeze.number if freeze else None
                frozen = {"frozen": freeze is not None, "version": version}
                self.say_json({**_json(found), **frozen, **_everything(state, options["per"])})
            else:
                self._say_lines(state, options["per"])
            return
        self.stdout.write("\t".join([str(found.as_of), *map(str, FIGURES.values())]))
        for row in (found.city, *found.counties):
            self.stdout.write("\t".join([row.name, *(_text(row, name) for name in FIGURES)]))

    def _say_lines(self, state: State, per: str) -> None:
        """Every indicator of every part, then what each means (口径)."""
        self.stdout.write("\t".join([str(state.as_of), *(str(one.label) for one in INDICATORS)]))
        for line in breakdown(state, per):
            values = line.figures().values()
            cells = ("—" if value is None else str(value) for value in values)
            self.stdout.write("\t".join([line.name, *cells]))
        for one in INDICATORS:
            self.stdout.write(f"{one.label}\t{one.says}")


def _everything(state: State, per: str | None) -> dict[str, Any]:
    """Every indicator of the city with its definition, by stage, and by part where one is asked."""
    more = matters_of(state)
    done, measures = more.measures
    found: dict[str, Any] = {
        "indicators": whole(state).figures(),
        "definitions": {one.key: str(one.says) for one in INDICATORS}
        | {key: str(says) for key, _label, says in BESIDES},
        "stages": stage_lines(state),
        "needs": {"collected": sum(more.needs.values()), "matched": sum(more.matched.values())},
        "measures": {"done": done, "in_all": measures},
        "spending_growth": {"firms": more.growth.firms, "rate": more.growth.rate},
    }
    if per:
        found["per"] = per
        found["lines"] = [
            {"name": line.name, **line.figures(), "stages": stage_lines(state, line.tally)}
            for line in breakdown(state, per)
        ]
        beside = besides(state, per, more)
        found["needs"]["lines"] = [
            {"name": one.name, "collected": one.values["needs"], "matched": one.values["matched"]}
            for one in beside
            if one.values["needs"]
        ]
        found["besides"] = [{"name": one.name, **one.values} for one in beside]
    return found


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
