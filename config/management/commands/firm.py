"""``manage.py firm show|visit|take_back|number|numbers|reuse``: a firm's file over all years."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import reusing, visiting
from cases.actions.rehearsal import rehearse
from cases.visits import visits_of
from config.commanding import Door
from config.management import arguments
from config.management.case_naming import find_case
from config.management.firm_file import as_json, find_firm
from config.management.form_answers import from_file
from enterprises.actions import numbers
from enterprises.actions.numbers import Noted, NumberWish

# four eyes ask who handed a paper in, a visit who was there
PERSONAL = ("visit", "take_back", "reuse")


class Command(Door):
    help = "A firm's file: shown; visits, numbers of other platforms, papers handed in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        show = parts.add_parser("show", help="everything about a firm, by year")
        visit = parts.add_parser("visit", help="write up a visit")
        visit.add_argument("--on", metavar="DAY", help="the day of the visit; default: today")
        visit.add_argument("--people", default="", help="who went")
        visit.add_argument("--met", default="", help="whom they met at the firm")
        visit.add_argument("--found", default="", help="what was found or agreed")
        visit.add_argument("--way", help="kind of visit; default: the first of the plan's form")
        visit.add_argument("--next-contact", metavar="DAY", help="to be in touch again on")
        visit.add_argument("--answers", metavar="FILE", help="to what else the plan's form asks")
        visit.add_argument("--case", action="append", metavar="NUMBER", help="serves; repeatable")
        back = parts.add_parser("take_back", help="a visit entered by mistake")
        back.add_argument("visit", type=arguments.at_least_one, help="its id, from firm show")
        back.add_argument("--reason", default="", help="why; compulsory")
        number = parts.add_parser("number", help="a number in another platform; none removes it")
        for part in (show, visit, number):
            part.add_argument("firm", help="name or credit code")
        number.add_argument("platform", help="rd_statistics, sme, … or the platform's name")
        number.add_argument("number", help="none: the firm has none any more")
        number.add_argument("--since", metavar="DAY")
        number.add_argument("--until", metavar="DAY")
        read = parts.add_parser("numbers", help="a workbook of numbers")
        read.add_argument("file", help="the workbook (.xlsx)")
        read.add_argument("--dry-run", action="store_true", help="say what would be noted")
        again = parts.add_parser("reuse", help="hand in an accepted paper again")
        again.add_argument("paper", type=arguments.at_least_one, help="its id, from firm show")
        again.add_argument("case", help="number, id or credit code")
        again.add_argument("criterion", help="for which item")
        again.add_argument("--programme", default="", help="where a code means several cases")
        for part in (show, visit, back, number, read, again):
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        who = self.person if options["part"] in PERSONAL else self.actor
        options |= {"at": at, "by_actor": who(options, timezone.localdate(at))}
        getattr(self, f"_{options['part']}")(options)

    def _show(self, options: dict[str, Any]) -> None:
        by, on = options["by_actor"], timezone.localdate(options["at"])
        found = as_json(find_firm(options["firm"], by), by, on)
        if options["json"]:
            self.say_json(found)
            return
        self.stdout.write(f"{found['firm']}\t{found['credit_code'] or ''}")
        for one in found["numbers"]:
            self.stdout.write(f"{one['platform']}\t{one['number']}")
        if found["visits"]["advice"]:
            self.stdout.write(found["visits"]["advice"])
        for year in found["years"]:
            words = _("%(year)s: filed in %(filed)s of %(months)s months, %(visits)s visits")
            parts = {"year": year["year"], "filed": year["months_filed"]}
            parts |= {"months": year["months_known"], "visits": year["visits"]}
            self.stdout.write(words % parts)
            for line in year["lines"]:
                self.stdout.write(f"  {line['day']}\t{line['words']}")

    def _visit(self, options: dict[str, Any]) -> None:
        by, at = options["by_actor"], options["at"]
        firm = find_firm(options["firm"], by)
        cases = options["case"] and [find_case(name, "", by).pk for name in options["case"]]
        day = arguments.day(options["on"]) if options["on"] else timezone.localdate(at)
        visit = visiting.record_visit(
            firm,
            visited_on=day,
            way=options["way"],
            people=options["people"],
            met=options["met"],
            found=options["found"],
            next_on=arguments.day(options["next_contact"]) if options["next_contact"] else None,
            answers=from_file(options["answers"]) if options["answers"] else None,
            cases=cases,
            by=by,
            at=at,
        )
        called = visits_of(firm, by, timezone.localdate(at))
        served = [case.number for case in visit.cases.select_related("programme").order_by("pk")]
        if options["json"]:
            told = {"visit": visit.pk, "serves": served, "this_year": called.tally.in_year}
            self.say_json(told | {"advice": called.advice})
            return
        words = _("Visit %(id)s is on record; it serves %(cases)s.")
        self.stdout.write(words % {"id": visit.pk, "cases": "、".join(served) or "—"})
        self.stdout.write(called.words)

    def _take_back(self, options: dict[str, Any]) -> None:
        by, at = options["by_actor"], options["at"]
        visit = visiting.take_back_visit(options["visit"], by=by, at=at, reason=options["reason"])
        if options["json"]:
            self.say_json({"visit": visit.pk, "taken_back": True})
        else:
            self.stdout.write(_("The visit is taken back and no longer counted."))

    def _number(self, options: dict[str, Any]) -> None:
        since, until = (
            arguments.day(options[name]) if options[name] else None for name in ("since", "until")
        )
        wish = NumberWish(1, options["firm"], options["platform"], options["number"], since, until)
        done = numbers.note_numbers([wish], by=options["by_actor"], at=options["at"])
        if done.refused:
            raise CommandError(done.refused[0][2])
        self._say_numbers(done, options)

    def _numbers(self, options: dict[str, Any]) -> None:
        wishes = numbers.of_workbook(Path(options["file"]).read_bytes())

        def run() -> Noted:
            return numbers.note_numbers(wishes, by=options["by_actor"], at=options["at"])

        self._say_numbers(rehearse(run) if options["dry_run"] else run(), options)

    def _say_numbers(self, done: Noted, options: dict[str, Any]) -> None:
        counts = {name: len(getattr(done, name)) for name in ("new", "changed", "removed")}
        refused = [{"row": n, "firm": firm, "reason": why} for n, firm, why in done.refused]
        if options["json"]:
            self.say_json({**counts, "unchanged": done.unchanged, "refused": refused})
            return
        words = _("Numbers: %(new)d new, %(changed)d changed, %(removed)d removed.")
        self.stdout.write(words % counts)
        for row in refused:
            self.stdout.write(f"{row['row']}\t{row['firm']}\t{row['reason']}")

    def _reuse(self, options: dict[str, Any]) -> None:
        by = options["by_actor"]
        case = find_case(options["case"], options["programme"], by)
        row = reusing.hand_in_again(
            options["paper"],
            case.pk,
            criterion=options["criterion"],
            by=by,
            at=options["at"],
        )
        if options["json"]:
            told = {"paper": row.pk, "reused_from": row.reused_from_id, "state": row.state}
            self.say_json({"case": case.number, "criterion": row.criterion, **told})
        else:
            self.stdout.write(_("Handed in again; it waits for a reviewer."))
