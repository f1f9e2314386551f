"""``manage.py ledger FILE --programme P --as-of D``: takes over a running ledger (存量台账)."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cases.actions.running_ledger import check_may_take, take_ledger
from cases.errors import NotYours
from cases.importing.ledger_plan import LedgerPlan, preview_ledger, read_ledger
from cases.permissions import refusal
from config import importing
from config.commanding import Door
from config.management import arguments
from organisations import clock
from organisations.models import User
from organisations.roles import Act


class Command(Door):
    help = "Makes the cases of a campaign that has run already, at their stage; repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the workbook (.xlsx)")
        parser.add_argument("--programme", required=True, help="key of an issued programme")
        parser.add_argument("--as-of", required=True, metavar="DAY", help="the day of the ledger")
        parser.add_argument(
            "--second", metavar="ACCOUNT", help="who answers for the closings beside --by"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        programme = arguments.programme(options["programme"])
        as_of = arguments.day(options["as_of"])
        by = self.actor(options, as_of)
        check_may_take(programme, by)  # in a dry run too
        plan = preview_ledger(
            programme,
            read_ledger(Path(options["file"]), headings=programme.current.pack.own_headings),
            as_of=as_of,
        )
        result = plan.as_json()
        if not options["dry_run"]:
            taken = take_ledger(
                plan,
                by=by,
                at=arguments.moment(as_of.isoformat()),
                now=clock.now(),
                second=self._second(options["second"], as_of),
            )
            result |= {"closed": taken.closed, "without_unit": taken.without_unit}
        if options["json"]:
            self.say_json(result)
        else:
            self._say(plan, dry=options["dry_run"])

    def _second(self, account: str | None, on: date) -> User | None:
        """Somebody who may take a ledger over himself."""
        if not account:
            return None
        actor = self.actor({"by": account}, on)
        if not actor.may(Act.OPEN):
            raise NotYours("not_yours", refusal(Act.OPEN))
        return actor.user

    def _say(self, plan: LedgerPlan, *, dry: bool) -> None:
        words = _("New %(new)s (of which closed %(closed)s), there already %(skipped)s")
        lines = [words % plan.counts()]
        lines += importing.finding_lines(_("Refused"), plan.refused)
        lines += importing.finding_lines(_("Warnings"), plan.warnings)
        if dry:
            lines.append(_("Dry run: nothing was written."))
        self.stdout.write("\n".join(lines))
