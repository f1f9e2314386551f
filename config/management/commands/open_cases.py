"""``manage.py open_cases P --at D [--wave …]``: every listed firm not covered gets its case."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import opening
from config.commanding import Door
from config.management import arguments


class Command(Door):
    help = "Opens cases for the firms on the register that are not covered; repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--at", metavar="MOMENT", help="a bare date means 09:00 of that day")
        parser.add_argument(
            "--wave", default="", help="county=A,B or number=200 or class=A; default: all"
        )
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        done = opening.open_cases(
            arguments.programme(options["programme"]),
            by=self.actor(options, timezone.localdate(at)),
            at=at,
            wave=options["wave"],
        )
        if options["json"]:
            self.say_json(done)
        else:
            words = _(
                "%(opened)s cases opened, %(covered)s firms covered already, "
                "%(without_unit)s firms without a unit."
            )
            self.stdout.write(words % asdict(done))
