"""``manage.py meeting NUMBER -o FILE``: the papers of a dispatch meeting (调度会材料)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from cases.agenda import is_meeting
from cases.rulebook import rules_of
from config.commanding import Door
from config.management.case_naming import find_case
from organisations import clock
from reports.documents.meeting_kept import papers_of
from reports.meeting_file import ENDINGS, write_meeting
from reports.views.materials import write_workbook


class Command(Door):
    help = (
        "Writes the papers of a dispatch meeting: agenda, ranking, the last meeting's orders, a "
        "page for each county. FILE ends in .pdf, .docx or .xlsx."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the meeting's case number, e.g. 2026-00317")
        parser.add_argument("-o", "--out", metavar="FILE", required=True, help="to this file")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        at, path = clock.now(), Path(options["out"])
        by = self.actor(options)
        meeting = find_case(options["number"], "", by)
        if not is_meeting(rules_of(meeting).procedure):
            words = _("%(number)s is no meeting.")
            raise CommandError(words % {"number": options["number"]})
        ending = path.suffix.lstrip(".")
        if ending not in (*ENDINGS, "xlsx"):
            raise CommandError(_("The file must end in .pdf, .docx or .xlsx."))
        with path.open("wb") as target:
            if ending == "xlsx":
                write_workbook(target, papers_of(meeting, by=by, at=at).content)
            else:
                asked = {"case": meeting.pk, "ending": ending}
                write_meeting(target, asked, by, at, lambda _done, _total: None)
        self.took("meeting", str(path), by=by)
        if options["json"]:
            self.say_json({"file": str(path), "number": meeting.number, "on": clock.today()})
        else:
            self.stdout.write(str(path))
