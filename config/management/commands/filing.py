"""``manage.py filing FILE --programme P --month M``: what firms filed in the provincial system."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config import importing
from config.commanding import Door
from enterprises.importing import column_maps
from enterprises.importing.column_maps import Sighted
from enterprises.importing.filing_apply import filing_batch
from enterprises.importing.filing_plan import FilingPlan, preview_filing, read_filing
from enterprises.importing.guards import check_may_import
from enterprises.importing.tables import Headings
from organisations import clock
from organisations.models import Region
from organisations.scope import Actor


class Command(Door):
    help = "Imports a filing list: which firms are registered, have filed, and have what."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the workbook (.xlsx)")
        parser.add_argument("--programme", required=True, help="key of an issued programme")
        parser.add_argument("--month", required=True, metavar="YYYY-MM", help="what it is about")
        parser.add_argument(
            "--known-on",
            metavar="DAY",
            help="since when it was known; default: the month's last day, also while the month "
            "still runs (figures as of an earlier day then leave the list out; to count it at "
            "once, give the day on which it was drawn up)",
        )
        parser.add_argument(
            "--correction",
            default="",
            metavar="REASON",
            help="why figures of past days are changed: needed where --known-on lies before a "
            "list that is in already",
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=HEADING",
            help="what a column of the list is; saved for the programme (repeatable); an empty "
            "FIELD: the column is not read",
        )
        parser.add_argument(
            "--columns", action="store_true", help="only say what each column is taken for"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        parser.add_argument("--money-source", default="", help="lawful source: keep the amounts")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        city = importing.city_of(options["programme"])
        month = importing.month_from(options["month"])
        known_on = importing.day_from(options["known_on"]) if options["known_on"] else None
        if known_on is not None and known_on < month:
            raise CommandError(_("--known-on cannot lie before the month that the list is about."))
        by = self.actor(options)
        check_may_import(city, by)  # in a dry run too
        headings = self._headings(options, city, by)
        if options["columns"]:
            self._show(column_maps.columns_in(Path(options["file"]), "", headings), options)
            return
        plan = preview_filing(
            city,
            read_filing(Path(options["file"]), headings=headings),
            about_month=month,
            known_on=known_on,
            money_source=options["money_source"],
            correction=options["correction"],
            today=clock.today(),
        )
        batch_id = None
        if not options["dry_run"]:
            batch_id = filing_batch(plan, by=by, at=clock.now()).batch.pk
        if options["json"]:
            self.say_json(plan.as_json())
        else:
            self._say(plan, batch_id)

    def _headings(self, options: dict[str, Any], city: Region, by: Actor) -> Headings:
        """With ``--map`` what is said here, kept unless it is a dry run."""
        own, key = importing.headings_of(options["programme"]), options["programme"]
        named: dict[str, list[str]] = {}
        for pair in options["map"]:
            field, sign, heading = pair.partition("=")
            if not (sign and heading.strip()):
                words = _("“%(text)s” is not FIELD=HEADING, such as filed=Reported.")
                raise CommandError(words % {"text": pair})
            named.setdefault(field.strip(), []).append(heading.strip())
        looks = options["dry_run"] or options["columns"]
        if not named:
            return column_maps.headings_for(city, key, own)
        if looks:
            return column_maps.merged(column_maps.checked(named), own)
        column_maps.save_map(city, key, named, by=by, at=clock.now())
        return column_maps.headings_for(city, key, own)

    def _show(self, found: list[Sighted], options: dict[str, Any]) -> None:
        if options["json"]:
            self.say_json({"columns": [one.as_json() for one in found]})
            return
        for one in found:
            field = one.field or "—"
            guess = _(" (suggested by its name)") if one.is_guess else ""
            self.stdout.write(f"{one.letter}\t{one.header}\t{field}{guess}")

    def _say(self, plan: FilingPlan, batch_id: int | None) -> None:
        lines = importing.report_lines(plan.counts())
        lines += importing.refused_lines(plan)
        lines += importing.finding_lines(_("Warnings"), plan.warnings)
        if batch_id is None:
            lines.append(_("Dry run: nothing was written."))
        else:
            lines.append(_("Written as import no. %(id)s.") % {"id": batch_id})
        self.stdout.write("\n".join(lines))
