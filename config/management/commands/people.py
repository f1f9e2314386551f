"""``manage.py people FILE``: units, posts and people from a workbook; ``--template`` makes one."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config.commanding import Door
from config.management.talking import disk_words
from organisations import clock
from organisations.importing import Report, import_people
from organisations.people_template import people_template


class Command(Door):
    help = "Takes units, posts and people of a city from an .xlsx workbook."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help="the filled-in workbook")
        parser.add_argument("--city", default="", help="the city that the workbook is about")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        parser.add_argument("--template", metavar="OUT", help="write an empty workbook and stop")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        if options["template"]:
            Path(options["template"]).write_bytes(people_template())
            if options["json"]:
                self.say_json({"out": options["template"]})
            return
        if not (options["file"] and options["city"]):
            raise CommandError(_("Give a file and --city, or --template OUT."))
        report = import_people(
            _content(options["file"]),
            city=self.city(options["city"]),
            by=self.actor(options),
            at=clock.now(),
            dry_run=options["dry_run"],
        )
        if options["json"]:
            self.say_json(asdict(report))
        else:
            self._say(report)

    def _say(self, report: Report) -> None:
        words = _("New %(new)s, changed %(changed)s, unchanged %(unchanged)s, refused %(refused)s")
        counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
        self.stdout.write(words % {**counts, "refused": len(report.refused)})
        place = _("%(sheet)s row %(row)s, %(column)s: %(reason)s")
        for finding in (*report.refused, *report.warnings):
            self.stdout.write(place % asdict(finding))
        for account in report.accounts:
            self.stdout.write(f"{account.username}\t{account.name}\t{account.password}")


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as wrong:
        raise CommandError(disk_words(wrong)) from wrong
