"""``manage.py ledger P -o FILE``: the working ledger of a programme as a workbook.

``manage.py ledger FILE --programme P --as-of D`` takes over a running ledger (存量台账).
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from cases.actions.running_ledger import check_may_take, take_ledger
from cases.errors import NotYours
from cases.importing.ledger_plan import LedgerPlan, preview_ledger, read_ledger, witness_of
from cases.ledger import CHIPS, SITUATIONS, Asked
from cases.ledger_file import ProgrammeLedger, write_file
from cases.permissions import refusal
from config import importing
from config.commanding import Door
from config.management import arguments
from config.management.filter_words import check_words
from organisations import clock
from organisations.models import Region, User
from organisations.roles import Act


class Command(Door):
    help = (
        "With -o: writes a programme's ledger to a workbook. With --programme: makes the cases of "
        "a campaign that has run already, at their stage; repeatable."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", help="a programme's key with -o; a workbook (.xlsx) without")
        parser.add_argument("-o", "--out", metavar="FILE", help="write the ledger to this file")
        parser.add_argument("--chip", choices=sorted(CHIPS | SITUATIONS), help="a situation")
        parser.add_argument("--county", help="of this county only")
        parser.add_argument("--stage", default="", help="in this stage only")
        parser.add_argument("--grade", default="", help="of this class only")
        parser.add_argument(
            "--search", type=arguments.search, default="", help="firm, credit code, pinyin, number"
        )
        parser.add_argument("--programme", help="to take over: the key of an issued programme")
        parser.add_argument("--as-of", metavar="DAY", help="to take over: the day of the ledger")
        parser.add_argument(
            "--second", metavar="ACCOUNT", help="who answers for the closings beside --by"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        if options["out"]:
            self._write(options)
            return
        if not (options["programme"] and options["as_of"]):
            words = _(
                "Say where to write with -o FILE, or name --programme and --as-of to take over."
            )
            raise CommandError(words)
        programme = arguments.programme(options["programme"])
        as_of = arguments.day(options["as_of"])
        by = self.actor(options, as_of)
        check_may_take(programme, by)  # in a dry run too
        plan = preview_ledger(
            programme,
            read_ledger(Path(options["what"]), headings=programme.current.pack.own_headings),
            as_of=as_of,
        )
        second = self._second(options["second"], as_of)
        result = plan.as_json() | {"closed": plan.closed if witness_of(by, second) else 0}
        if not options["dry_run"]:
            taken = take_ledger(
                plan,
                by=by,
                at=arguments.moment(as_of.isoformat()),
                now=clock.now(),
                second=second,
            )
            result |= {"closed": taken.closed, "without_unit": taken.without_unit}
        if options["json"]:
            self.say_json(result)
        else:
            self._say(plan, result["closed"], dry=options["dry_run"])

    def _second(self, account: str | None, on: date) -> User | None:
        """Somebody who may take a ledger over himself."""
        if not account:
            return None
        actor = self.actor({"by": account}, on)
        if not actor.may(Act.OPEN):
            raise NotYours("not_yours", refusal(Act.OPEN))
        return actor.user

    def _write(self, options: dict[str, Any]) -> None:
        """What is open, or what the filters ask for, in the order of the page."""
        programme, on = arguments.programme(options["what"]), clock.today()
        asked = {
            "chip": options["chip"] or "",
            "stage": options["stage"],
            "grade": options["grade"],
        }
        check_words(asked, programme=options["what"])
        asked["q"] = options["search"]
        if options["county"]:
            county = Region.objects.counties_of(programme.city).filter(name=options["county"])
            asked["county"] = str(getattr(county.first(), "pk", "") or "")
            if not asked["county"]:
                words = _("There is no county “%(name)s” in this city.")
                raise CommandError(words % {"name": options["county"]})
        ledger = ProgrammeLedger(
            self.actor(options, on),
            on,
            Asked.of_query(asked),
            version=programme.current.pk,
            programme=programme,
        )
        with Path(options["out"]).open("wb") as target:
            rows = write_file(target, ledger)
        self.took("ledger", options["out"], by=ledger.actor, rows=rows)
        if options["json"]:
            self.say_json({"file": options["out"], "rows": rows, "on": on})
        else:
            self.stdout.write(_("%(n)d rows: %(file)s") % {"n": rows, "file": options["out"]})

    def _say(self, plan: LedgerPlan, closed: int, *, dry: bool) -> None:
        words = _("New %(new)s (of which closed %(closed)s), there already %(skipped)s")
        lines = [words % {**plan.counts(), "closed": closed}]
        if waiting := plan.closed - closed:
            words = _(
                "%(n)s closings wait for their confirmation: nobody answers for them beside "
                "whoever imports (--second ACCOUNT)."
            )
            lines.append(words % {"n": waiting})
        lines += importing.finding_lines(_("Refused"), plan.refused)
        lines += importing.finding_lines(_("Warnings"), plan.warnings)
        if dry:
            lines.append(_("Dry run: nothing was written."))
        self.stdout.write("\n".join(lines))
