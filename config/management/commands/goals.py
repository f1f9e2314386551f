"""``manage.py goals P --as-of D``: the plan's aims in figures and how far each is."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from config.commanding import Door
from config.management import arguments
from reports.goals import Standing, standings
from workflows.text import localised


class Command(Door):
    help = "Prints the goals of a programme as of the end of a day, with what was reached."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as puyang-2019")
        parser.add_argument("--as-of", metavar="DAY", help="default: today")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        programme = arguments.programme(options["programme"])
        found = standings(programme, arguments.day(options["as_of"]))
        if options["json"]:
            self.say_json([_figures(one) for one in found])
            return
        if not found:
            self.stdout.write(_("The plan names no goals."))
        for one in found:
            words = [localised(one.goal.title), _text(one.goal.target), _text(one.actual)]
            self.stdout.write("\t".join([*words, _text(one.gap), localised(one.goal.tier)]))


def _figures(one: Standing) -> dict[str, Any]:
    goal = one.goal
    return {
        "key": goal.key,
        "title": localised(goal.title),
        "kind": goal.kind,
        "unit": localised(goal.unit),
        "target": goal.target,
        "by": goal.by,
        "actual": one.actual,
        "of_day": one.of_day,
        "gap": one.gap,
        "reached": one.is_reached,
        "tier": localised(goal.tier),
        "assessed": goal.assessed,
    }


def _text(value: object) -> str:
    return "—" if value is None else str(value)
