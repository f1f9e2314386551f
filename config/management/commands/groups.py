"""``manage.py groups check``: groups that are not made as their city's pack asks."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

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
