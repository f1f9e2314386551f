"""``manage.py note_sheet``: a county's progress sheet is written, handed in, undone (进展填报)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from cases.actions import note_sheets as verbs
from cases.importing.note_plan import REFUSED, STALE, NotePlan, plan_of
from cases.importing.note_rows import read_filled
from cases.ledger import CHIPS, SITUATIONS, Asked
from cases.ledger_file import ProgrammeLedger
from cases.models import NoteSheet
from cases.note_file import write_notes
from config.commanding import Door
from config.management import arguments
from organisations import clock
from organisations.models import Region


class Command(Door):
    help = (
        "Progress by Excel: a county's open cases as a sheet, filled in and handed back; only "
        "progress, problem and expected day change."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="write|take|undo")
        write = parts.add_parser("write", help="write the sheet of a programme's open cases")
        write.add_argument("programme", help="the key of a programme")
        write.add_argument("-o", "--out", metavar="FILE", required=True, help="to this file")
        write.add_argument("--county", help="of this county only")
        write.add_argument("--chip", choices=sorted(CHIPS | SITUATIONS), help="a situation")
        take = parts.add_parser("take", help="hand a filled-in sheet in")
        take.add_argument("file", help="the workbook (.xlsx)")
        take.add_argument("--dry-run", action="store_true", help="say what would be changed")
        take.add_argument(
            "--over-newer",
            action="store_true",
            help="write over rows that somebody changed since the download, too",
        )
        undo = parts.add_parser("undo", help="take a sheet back within 24 hours")
        undo.add_argument("sheet", type=arguments.number, help="its number")
        for part in (write, take, undo):
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        {"write": self._write, "take": self._take, "undo": self._undo}[options["part"]](options)

    def _write(self, options: dict[str, Any]) -> None:
        programme, on = arguments.programme(options["programme"]), clock.today()
        by = self.actor(options, on)
        verbs.check_may_fill(by)
        asked = {"chip": options["chip"] or ""}
        if options["county"]:
            found = Region.objects.counties_of(programme.city).filter(name=options["county"])
            asked["county"] = str(getattr(found.first(), "pk", "") or "")
            if not asked["county"]:
                words = _("There is no county “%(name)s” in this city.")
                raise CommandError(words % {"name": options["county"]})
        version = programme.current.pk
        ledger = ProgrammeLedger(by, on, Asked.of_query(asked), version, programme)
        with Path(options["out"]).open("wb") as target:
            rows = write_notes(target, ledger, options["county"] or str(programme))
        self.took("note_sheet", options["out"], by=by, rows=rows)
        if options["json"]:
            self.say_json({"file": options["out"], "rows": rows, "on": on})
        else:
            self.stdout.write(_("%(n)d rows: %(file)s") % {"n": rows, "file": options["out"]})

    def _take(self, options: dict[str, Any]) -> None:
        by, now, path = self.person(options), clock.now(), Path(options["file"])
        verbs.check_may_fill(by)
        filled = read_filled(path, path.name)
        sheet = None
        if options["dry_run"]:
            plan = plan_of(filled.rows, by, clock.today())
        else:
            sheet = verbs.hand_in_sheet(filled, path.name, by=by, at=now)
            plan = verbs.take_sheet(sheet, by=by, at=now, knowing=options["over_newer"])
        if options["json"]:
            self.say_json(plan.as_json() | {"sheet": sheet and sheet.pk})
        else:
            self._say(plan, sheet)

    def _say(self, plan: NotePlan, sheet: NoteSheet | None) -> None:
        words = _("New %(new)d, changed %(changed)d, unchanged %(unchanged)d")
        lines = [words % plan.counts()]
        for kind, title in ((STALE, _("Changed meanwhile")), (REFUSED, _("Refused"))):
            found = plan.of(kind)
            lines += [f"{title} {len(found)}"] if found else []
            told = (verdict.as_json() for verdict in found)
            lines += [f"  {t['sheet']}!{t['column'] or t['row']}: {t['reason']}" for t in told]
        if sheet is None:
            lines.append(_("Dry run: nothing was written."))
        else:
            lines.append(_("Written as sheet no. %(id)s.") % {"id": sheet.pk})
        self.stdout.write("\n".join(lines))

    def _undo(self, options: dict[str, Any]) -> None:
        by = self.person(options)
        sheet = NoteSheet.objects.filter(pk=options["sheet"]).first()
        if sheet is None:
            words = _("There is no sheet no. %(id)s.")
            raise CommandError(words % {"id": options["sheet"]})
        undone = verbs.undo_sheet(sheet, by=by, at=clock.now())
        result = {"undone": len(undone.cases), "stays": [case.number for case in undone.stays]}
        if options["json"]:
            self.say_json(result)
            return
        words = _("%(n)d rows are as before; %(stays)d were written to since and stay.")
        self.stdout.write(words % {"n": len(undone.cases), "stays": len(undone.stays)})
