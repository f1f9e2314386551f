"""``manage.py groups check``: groups that are not made as their city's pack asks."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.groups import as_json, groups
from config.commanding import Door
from config.management import arguments


class Command(Door):
    help = "Checks what groups are made of against the pack (members, ranks, technical titles)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("part", choices=["check"])
        parser.add_argument("--all", action="store_true", help="sound ones too")
        parser.add_argument("--as-of", metavar="DAY", help="default: today")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        on = arguments.day(options["as_of"])
        states = groups(self.actor(options, on), on)
        found = [state for state in states if state.is_broken or options["all"]]
        if options["json"]:
            self.say_json(as_json(found))
            return
        for state in found:
            self.stdout.write(f"{state.unit}\t{state.fault_words or '✓'}")
        if not any(state.is_broken for state in states):
            self.stdout.write(_all_well(len(states)))


def _all_well(n: int) -> str:
    if not n:
        return _("There is no group to check: the plan asks nothing of any, or none is yours.")
    words = ngettext(
        "%(n)d group checked: it is made as the plan asks.",
        "%(n)d groups checked: all are made as the plan asks.",
        n,
    )
    return words % {"n": n}
