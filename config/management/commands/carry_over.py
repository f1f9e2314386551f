"""``manage.py carry_over P --to Q``: a year's open cases go on in the next programme (结转)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import carry_undo, carrying
from cases.actions.carry_undo import TakenBack
from cases.actions.carrying import CarriedOver
from cases.actions.rehearsal import rehearse
from cases.carry_sums import by_county
from cases.models import Case
from config.commanding import Door
from config.management import arguments
from workflows.models import Programme


class Command(Door):
    help = "Carries the open cases of a year to the next year's programme; repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of the old programme, such as luoyang-2022")
        parser.add_argument("--to", required=True, metavar="P", help="the key of the next one")
        parser.add_argument("--reason", default="", help="why they were not finished; compulsory")
        parser.add_argument(
            "--case",
            action="append",
            default=[],
            metavar="NUMBER",
            help="only this one; repeatable",
        )
        parser.add_argument("--undo", action="store_true", help="take it back where nobody acted")
        parser.add_argument("--dry-run", action="store_true", help="say what would go over")
        parser.add_argument("--at", metavar="MOMENT", help="a bare date means 09:00 of that day")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        dry_run = options["dry_run"]
        by = (self.actor if dry_run else self.person)(options, timezone.localdate(at))
        programme, to = (arguments.programme(options[key]) for key in ("programme", "to"))
        ids = _ids(programme, options["case"]) if options["case"] else None

        if options["undo"]:
            self._undo(programme, to, options, by=by, at=at, ids=ids)
            return

        def act() -> CarriedOver:
            reason = options["reason"] or ("—" if dry_run else "")
            return carrying.carry_over(programme, to, by=by, at=at, reason=reason, ids=ids)

        found = rehearse(act) if dry_run else act()
        if options["json"]:
            self.say_json({"dry_run": dry_run, **_figures(found)})
        else:
            self._say(found, dry_run)

    def _undo(
        self, programme: Programme, to: Programme, options: dict[str, Any], **given: Any
    ) -> None:
        dry_run = options["dry_run"]

        def act() -> TakenBack:
            reason = options["reason"] or ("—" if dry_run else "")
            return carry_undo.undo_carry_over(programme, to, reason=reason, **given)

        found = rehearse(act) if dry_run else act()
        refused = [
            {"case": found.cases[pk].number, "words": words} for pk, words in found.refused.items()
        ]
        if options["json"]:
            cases = [case.number for case in found.done]
            self.say_json({"dry_run": dry_run, "taken_back": cases, "refused": refused})
            return
        words = _("Taken back %(n)s cases; %(refused)s stay carried over.")
        self.stdout.write(words % {"n": len(found.done), "refused": len(refused)})
        for one in refused:
            self.stdout.write(f"{one['case']}\t{one['words']}")

    def _say(self, found: CarriedOver, dry_run: bool) -> None:
        words = (
            _("Would carry over %(n)s cases with %(remedies)s remedies; %(refused)s stay.")
            if dry_run
            else _("Carried over %(n)s cases with %(remedies)s remedies; %(refused)s stay.")
        )
        parts = {"n": len(found.done), "remedies": found.remedies, "refused": len(found.refused)}
        self.stdout.write(words % parts)
        papers = _("%(kept)s papers still count, %(left)s are proved anew (%(anew)s new remedies).")
        self.stdout.write(papers % {"kept": found.kept, "left": found.left, "anew": found.anew})
        for line in by_county(found):
            self.stdout.write(f"{line.county}\t{line.carried}\t{line.refused}")
        for pk, why in found.refused.items():
            self.stdout.write(f"{found.cases[pk].number}\t{why}")
        if dry_run:
            self.stdout.write(_("Dry run: nothing was written."))


def _ids(programme: Programme, numbers: list[str]) -> list[int]:
    """Cases by their numbers, of this programme."""
    found = []
    for number in numbers:
        serial = number.rpartition("-")[2]
        rows = Case.objects.filter(programme=programme, parent=None)
        pk = (
            rows.filter(serial=int(serial)).values_list("pk", flat=True).first()
            if serial.isdecimal() and len(serial) < 8
            else None
        )
        if pk is None:
            raise CommandError(_("There is no case %(number)s.") % {"number": number})
        found.append(pk)
    return found


def _figures(found: CarriedOver) -> dict[str, Any]:
    return {
        "carried": len(found.done),
        "joined": sum(pair.is_joined for pair in found.done),
        "remedies": found.remedies,
        "remedies_anew": found.anew,
        "papers_kept": found.kept,
        "papers_left": found.left,
        "cases": [{"from": pair.old.number, "to": pair.new.number} for pair in found.done],
        "refused": [
            {"case": found.cases[pk].number, "words": words} for pk, words in found.refused.items()
        ],
        "counties": [
            {"county": line.county, "carried": line.carried, "refused": line.refused}
            for line in by_county(found)
        ],
    }
