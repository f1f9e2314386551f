"""``manage.py simulate P --register FILE --until D --seed N``: a plan before it is issued."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config.commanding import Door
from config.management import arguments
from config.simulation import asking
from config.simulation.adjusting import adjusted
from config.simulation.figures import as_json
from config.simulation.findings import findings
from config.simulation.firms import Register, from_database, from_workbooks
from config.simulation.outcome import WAVES, CountyLine, Outcome, Range, simulate
from organisations.regions import find_city
from workflows.models import load_calendar
from workflows.packs import Pack, PackError

CHANGE = "NAME=NUMBER"


class Command(Door):
    help = "Plays a plan in virtual time: load, lateness and coverage. Nothing is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pack", help="a pack (.yaml), its key, or a version (luoyang-2022@1)")
        parser.add_argument("--register", metavar="FILE", help="default: the one imported")
        parser.add_argument("--filing", metavar="FILE", help="the province's list beside it")
        parser.add_argument("--from", dest="start", metavar="DAY", help="when cases are opened")
        parser.add_argument("--until", metavar="DAY", help="default: the end of the programme")
        parser.add_argument(
            "--seed", type=arguments.count, default=1, help="same seed, same answer"
        )
        parser.add_argument("--runs", type=arguments.at_least_one, default=9, help="default: 9")
        parser.add_argument("--wave", choices=WAVES, default=WAVES[0], help="default: once")
        parser.add_argument(
            "--every", type=arguments.at_least_one, default=15, help="working days between waves"
        )
        parser.add_argument(
            "--set", dest="changes", action="append", default=[], metavar=CHANGE,
            help="an assumption: visits=30, assistance.survey=3-15",
        )  # fmt: skip
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        try:
            pack = asking.pack_named(options["pack"])
        except PackError as wrong:
            raise CommandError(str(wrong)) from wrong
        plan = asking.plan_of(
            pack,
            start=arguments.day(options["start"]) if options["start"] else None,
            until=arguments.day(options["until"]) if options["until"] else None,
            **{name: options[name] for name in ("seed", "runs", "wave", "every")},
        )
        register = _register(pack, options)
        assumed = adjusted(pack, options["changes"])
        outcome = simulate(pack, register, load_calendar(), assumed, plan)
        if options["json"]:
            self.say_json(as_json(outcome))
        else:
            self._say(outcome)

    def _say(self, outcome: Outcome) -> None:
        for finding in findings(outcome):
            self.stdout.write(("! " if finding.is_warning else "  ") + finding.words)
        months = [month[-2:] for month in outcome.months]
        self._table(_("To-dos open at once, at the most"), months, _loads(outcome))
        late = [(line.unit, line.late) for line in outcome.units]
        self._table(_("Overdue at the end of the month"), months, late)
        self._table(_("Coverage at the end of the month, per cent"), months, _rates(outcome))
        rungs = [(line.title, line.months) for line in outcome.rungs]
        self._table(_("Reminders and drafts"), months, rungs)

    def _table(self, title: str, months: list[str], lines: list[tuple[str, Any]]) -> None:
        self.stdout.write("")
        self.stdout.write("\t".join([title, *months]))
        for name, found in lines:
            if any(_plain(one) not in ("0", "0.0") for one in found):
                self.stdout.write("\t".join([name, *map(_plain, found)]))


def _loads(outcome: Outcome) -> list[tuple[str, Any]]:
    return [(line.unit, line.open) for line in outcome.units]


def _rates(outcome: Outcome) -> list[tuple[str, Any]]:
    def line(county: CountyLine) -> tuple[str, Any]:
        return county.name, [county.rate(found.middle) for found in county.covered]

    return [line(outcome.city), *map(line, outcome.counties)]


def _plain(found: Any) -> str:
    return str(found.middle) if isinstance(found, Range) else str(found)


def _register(pack: Pack, options: dict[str, Any]) -> Register:
    """A workbook, or the register that the city imported for the first day."""
    if options["register"]:
        filing = Path(options["filing"]) if options["filing"] else None
        return from_workbooks(pack, Path(options["register"]), filing)
    if options["filing"]:
        raise CommandError(_("A filing list needs its register: --register."))
    city = find_city(pack.city)
    register = from_database(city, arguments.day(None)) if city is not None else None
    if register is None or not register.firms:
        words = _("No register was imported for %(city)s. Name a file: --register.")
        raise CommandError(words % {"city": pack.city})
    return register
