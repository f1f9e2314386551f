"""``manage.py papers work|scan|sweep|seen``: looks after the files of papers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import permissions
from cases.actions import paper_files
from cases.errors import NotYours
from cases.models import Case, Evidence, PaperFile
from config.commanding import Door
from config.management import arguments
from organisations.roles import Act
from organisations.scope import Actor

MOST = 200  # files in one run by hand


class Command(Door):
    help = "Scans and draws what was uploaded, sweeps up waste, says who has seen a paper."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="work|scan|sweep|seen")
        parts.add_parser("work", help="scan what waits, draw what came; may be called at any time")
        scan = parts.add_parser("scan", help="scan what waits")
        scan.add_argument("--all", action="store_true", help="and what came before the scanner")
        sweep = parts.add_parser("sweep", help="remove uploads that no paper names, a day old")
        sweep.add_argument("--dry-run", action="store_true", help="only name them")
        seen = parts.add_parser("seen", help="who has looked at a paper or downloaded it")
        seen.add_argument("paper", type=arguments.number, help="the number of the paper")
        for part in parts.choices.values():
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        by = self.actor(options, timezone.localdate(at))
        if options["part"] == "seen":
            self._seen(by, options)
            return
        if not (by.is_system or by.may(Act.MANAGE_SETTINGS)):
            words = _("Only the system administrator looks after the files of papers.")
            raise NotYours("not_yours", words)
        if options["part"] == "sweep":
            # files are as old as the machine's own clock says
            names = paper_files.sweep_up(timezone.now(), dry=options["dry_run"])
            self._say(options, {"removed": names}, names)
            return
        done: dict[str, Any] = {"asked_again": 0}
        if options.get("all"):
            done["asked_again"] = paper_files.ask_scanner_again()
        done |= paper_files.scan_due(at, MOST)
        if options["part"] == "work":
            done["drawn"] = paper_files.draw_due(timezone.now, MOST)
        done["waiting"] = PaperFile.objects.filter(scan=PaperFile.Scan.WAITING).count()
        self._say(options, done, [f"{name}\t{figure}" for name, figure in done.items()])

    def _seen(self, by: Actor, options: dict[str, Any]) -> None:
        rows = Evidence.objects.filter(case__in=Case.objects.visible_to(by))
        paper = rows.filter(pk=options["paper"]).select_related("case").first()
        if paper is None:
            raise CommandError(_("This paper does not exist."))
        if not by.is_system:
            permissions.check(by, Act.REVIEW_EVIDENCE, paper.case)
        found = [
            {"who": str(one.by), "how": one.how, "times": one.times, "last_at": one.at}
            for one in paper.sights.select_related("by")
        ]
        lines = [
            f"{sight.by}\t{sight.get_how_display()}\t{sight.times}"
            f"\t{timezone.localtime(sight.at):%Y-%m-%d %H:%M}"
            for sight in paper.sights.select_related("by")
        ]
        self._say(options, found, lines)

    def _say(self, options: dict[str, Any], found: Any, lines: list[str]) -> None:
        if options["json"]:
            self.say_json(found)
            return
        for line in lines:
            self.stdout.write(line)
