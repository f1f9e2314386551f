"""``manage.py suspensions``: the ledger of clocks that stand or stood (暂缓台账)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from cases.models import Case, Suspension
from cases.suspended import days_of
from config.commanding import Door
from config.management import arguments

WITH = ("case__enterprise", "case__county", "case__programme", "by")


class Command(Door):
    help = "Lists suspensions: why, since when, until when, how many working days the clock stood."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="resumed ones too")
        parser.add_argument("--programme", help="the key of a programme")
        parser.add_argument("--at", metavar="MOMENT", help="default: now")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        on = timezone.localdate(arguments.moment(options["at"]))
        seen = Case.objects.visible_to(self.actor(options, on))
        if options["programme"]:
            seen = seen.filter(programme=arguments.programme(options["programme"]))
        rows = Suspension.objects.filter(case__in=seen.values("pk")).select_related(*WITH)
        if not options["all"]:
            rows = rows.filter(resumed_on=None)
        found = [
            {
                "number": row.case.number,
                "county": row.case.county.name,
                "firm": row.case.enterprise.name if row.case.enterprise else row.case.title,
                "reason": row.reason,
                "since": row.from_on,
                "until": row.until_on,
                "resumed_on": row.resumed_on,
                "working_days": days_of(row, on),
                "by": str(row.by) if row.by else None,
            }
            for row in rows.order_by("from_on", "id")
        ]
        if options["json"]:
            self.say_json(found)
            return
        for one in found:
            words = "%(number)s\t%(county)s\t%(firm)s\t%(since)s → %(until)s\t%(working_days)s"
            self.stdout.write(f"{words % one}\t{one['reason']}")
