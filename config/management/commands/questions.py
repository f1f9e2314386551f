"""``manage.py questions list|ask|answer|rate``: what firms ask, are answered, and think of it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import asking
from cases.asking import ANSWERS, QUESTION
from cases.models import Case
from config.commanding import Door
from config.management import arguments
from config.management.case_figures import lines, whole
from config.management.case_naming import find_case
from config.management.firm_file import find_firm


class Command(Door):
    help = "Firms' questions to their task force, the answers, and how content firms are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        listed = parts.add_parser("list", help="questions that wait for an answer")
        listed.add_argument("--all", action="store_true", help="answered ones too")
        ask = parts.add_parser("ask", help="a question of the firm, by its own account")
        ask.add_argument("--follows", default="", help="number of the question it goes on from")
        answer = parts.add_parser("answer", help="the answer, by whoever owes it")
        answer.add_argument("number", help="the question's number")
        rate = parts.add_parser("rate", help="how content the firm is; no opens an issue")
        for part in (ask, rate):
            part.add_argument("firm", help="name or credit code")
        rate.add_argument("satisfied", choices=ANSWERS)
        for part in (ask, answer, rate):
            part.add_argument("--text", default="", help="what is said")
        for part in (listed, ask, answer, rate):
            part.add_argument("--at", metavar="MOMENT", help="a bare date means 09:00 of that day")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        who = self.actor if options["part"] == "list" else self.person
        by = who(options, timezone.localdate(at))
        given = {"text": options.get("text", ""), "by": by, "at": at}
        if options["part"] == "list":
            rows = Case.objects.visible_to(by).filter(procedure=QUESTION)
            rows = rows if options["all"] else rows.open()
            self._say(list(rows.select_related("enterprise", "programme").order_by("pk")), options)
        elif options["part"] == "ask":
            firm = find_firm(options["firm"], by)
            self._say([asking.ask(firm.pk, follows=options["follows"], **given)], options)
        elif options["part"] == "answer":
            case = find_case(options["number"], "", by)
            self._say([asking.answer(case.pk, **given)], options)
        else:
            firm = find_firm(options["firm"], by)
            opened = asking.rate(firm.pk, satisfied=options["satisfied"], **given)
            if options["json"]:
                self.say_json({"firm": firm.name, "issue": opened.number if opened else None})
            else:
                self.stdout.write(_("Thank you for telling us."))

    def _say(self, cases: list[Case], options: dict[str, Any]) -> None:
        on = timezone.localdate(arguments.moment(options["at"]))
        if options["json"]:
            texts = zip(lines(cases, on), cases, strict=True)
            told = [line | {"text": case.title} for line, case in texts]
            self.say_json(told if options["part"] == "list" else whole(cases[0], on))
            return
        for case in cases:
            self.stdout.write(f"{case.number}\t{case.enterprise}\t{case.title}")
