"""``manage.py changes P --from M --to M``: why the figures changed, firm by firm (变动清单)."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config import importing
from config.commanding import Door
from config.management import arguments
from organisations import clock
from reports.figures.changes import WORDS, changes, explained
from reports.figures.months import month_end, state_on


class Command(Door):
    help = "Explains firm by firm what changed between two months or days, frozen where they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        for name in ("--from", "--to"):
            parser.add_argument(
                name, required=True, metavar="MONTH|DAY", help="2022-09, 2022-09-15"
            )
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        programme, today = arguments.programme(options["programme"]), clock.today()
        first, last = _day(options["from"]), _day(options["to"])
        if not first < last <= today:
            raise CommandError(_("Give two days that have come, the earlier one first."))
        before, after = (state_on(programme, day, today=today) for day in (first, last))
        bases = before.pack.base, after.pack.base
        sums = explained(before.rows, after.rows, bases)
        firms = changes(before.rows, after.rows, bases)
        names = after.names.counties
        if options["json"]:
            self.say_json(
                {
                    "from": first,
                    "to": last,
                    "figures": [
                        {"figure": s.figure, "before": s.before, "after": s.after, **s.by_kind}
                        for s in sums
                    ],
                    "firms": [
                        {
                            "name": one.name,
                            "credit_code": one.code,
                            "county": names.get(one.county, ""),
                            "changes": one.kinds,
                        }
                        for one in firms
                    ],
                }
            )
            return
        for one in firms:
            words = " ".join(str(WORDS[kind]) for kind in one.kinds)
            self.stdout.write("\t".join((names.get(one.county, ""), one.name, one.code, words)))


def _day(text: str) -> date:
    if len(text) == len("2022-09"):
        return min(month_end(importing.month_from(text)), clock.today())
    return arguments.day(text)
