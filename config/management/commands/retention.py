"""``manage.py retention show|set|run``: how long what is kept, and deleting what is over it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from config import retention
from config.commanding import Door
from config.management import arguments
from notifications import pulse
from organisations import clock
from organisations.actions.keeping import check_may_keep, keep_for
from organisations.keeping import KINDS, days_kept


class Command(Door):
    help = "Shows and sets how long what is kept; deletes what is over its time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="show|set|run")
        show = parts.add_parser("show", help="kinds, days, whose rule it is")
        chosen = parts.add_parser("set", help="keep a kind for so many days")
        chosen.add_argument("kind", choices=[key for key, one in KINDS.items() if one.is_open])
        chosen.add_argument("days", type=arguments.count)
        run = parts.add_parser("run", help="delete what is over its time, as each night")
        run.add_argument("--dry-run", action="store_true", help="count, delete nothing")
        for part in (show, chosen, run):
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        by, at = self.actor(options), clock.now()
        check_may_keep(by)
        if options["part"] == "run":
            done = retention.delete_old(at, dry=options["dry_run"])
            if not options["dry_run"]:
                pulse.beat("sweep_up", clock.of_the_machine(), **done)
            if options["json"]:
                self.say_json(done)
                return
            for kind, count in done.items():
                self.stdout.write(f"{KINDS[kind].label}\t{count}")
            return
        if options["part"] == "set":
            keep_for(options["kind"], days=options["days"], by=by, at=at)
        days = days_kept()
        if options["json"]:
            self.say_json(days)
            return
        for kind, one in KINDS.items():
            told = _("%(n)d days") % {"n": days[kind]}
            self.stdout.write(f"{kind}\t{one.label}\t{told}\t{one.rule}")
