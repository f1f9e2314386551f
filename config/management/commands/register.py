"""``manage.py register FILE --programme P --as-of D``: the statistics bureau's list comes in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from config import importing
from config.commanding import Door
from config.management import arguments
from enterprises.importing.guards import check_may_import
from enterprises.importing.register_apply import mostly_refused
from enterprises.importing.register_plan import RegisterPlan
from enterprises.importing.registers import plan_register
from organisations import clock
from organisations.errors import Refused
from organisations.scope import Actor


class Command(Door):
    help = "Imports a register of above-scale firms: new, changed and leaving firms, dated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the workbook (.xlsx)")
        parser.add_argument("--programme", required=True, help="key of an issued programme")
        parser.add_argument("--as-of", required=True, metavar="DAY", help="the day it describes")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        parser.add_argument(
            "--accept-code",
            action="append",
            default=[],
            metavar="ROW=REASON",
            help="take this row although the check digit of its code is wrong",
        )
        parser.add_argument(
            "--confirm-leaving", type=arguments.count, metavar="N", help="N firms may leave"
        )
        parser.add_argument("--money-source", default="", help="lawful source: keep the revenue")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        city = importing.city_of(options["programme"])
        by = self.actor(options)
        check_may_import(city, by)  # in a dry run too
        as_of = importing.day_from(options["as_of"])
        accept = importing.accepted_from(options["accept_code"])
        headings = importing.headings_of(options["programme"])
        plan = plan_register(
            city,
            Path(options["file"]),
            headings=headings,
            as_of=as_of,
            accept=accept,
            is_strict=True,
            money_source=options["money_source"],
            today=clock.today(),
        )
        batch_id = None
        if not options["dry_run"]:
            batch_id = _taken(plan, by, options["confirm_leaving"])
        if options["json"]:
            self.say_json(plan.as_json())
        else:
            self._say(plan, batch_id)

    def _say(self, plan: RegisterPlan, batch_id: int | None) -> None:
        # by a list that is refused as a whole nothing would be new, and nobody would leave
        is_refused = plan.whole is not None or plan.is_mostly_refused
        lines = [] if is_refused else importing.report_lines(plan.counts())
        lines += importing.refused_lines(plan)
        lines += importing.finding_lines(_("Warnings"), plan.warnings)
        if plan.whole is None and is_refused:
            lines.append(mostly_refused(plan))
        elif not is_refused:
            before_after = {"before": plan.members, "after": plan.members_after}
            lines.append(_("On the register: %(before)s → %(after)s") % before_after)
        if batch_id is None:
            lines.append(_("Dry run: nothing was written."))
        else:
            lines.append(_("Written as import no. %(id)s.") % {"id": batch_id})
        self.stdout.write("\n".join(lines))


def _taken(plan: RegisterPlan, by: Actor, confirmed: int | None) -> int:
    """The number of the import; what the page asks for in a field is an option here."""
    try:
        outcome = importing.take_register(plan, by=by, at=clock.now(), confirm_leaving=confirmed)
    except Refused as refusal:
        if refusal.code != "too_many_leaving":
            raise
        more = _(" Here: --confirm-leaving %(n)s.") % {"n": len(plan.leaving)}
        raise Refused(refusal.code, refusal.words + more) from refusal
    return int(outcome.batch.pk)
