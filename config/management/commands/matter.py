"""``manage.py matter kinds|open|measures|listed|list``: cases besides the firms' own.

Issues, needs, supervision orders, meetings, reports and the plan's measures; once opened each is
worked on with ``manage.py case VERB NUMBER``.
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import listed, matters, offering, plan_measures
from cases.actions.matters import Asked
from cases.models import Case, CaseEvent
from cases.rulebook import pack_of
from config.commanding import Door
from config.management import arguments, form_answers
from config.management.case_figures import lines, whole
from config.management.firm_file import firm_in
from organisations.roles import Role
from organisations.scope import Actor
from workflows.models import Programme
from workflows.procedure import Procedure
from workflows.text import localised


class Command(Door):
    help = "Opens and lists issues, needs, orders, meetings, reports and the plan's measures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="WHAT")
        self._common(parts.add_parser("kinds", help="the kinds that can be opened by hand"))
        opened = parts.add_parser("open", help="open one")
        opened.add_argument("kind", help="such as issue, need, supervision, meeting")
        opened.add_argument("--title", default="", help="what it is about, if no answer says so")
        opened.add_argument("--unit", default="", help="short name of whoever must do it")
        opened.add_argument("--lead", default="", help="short name of whoever leads it")
        opened.add_argument("--helping", default="", help="helping units: A,B")
        opened.add_argument("--joint", default="", help="units that answer jointly: A,B")
        opened.add_argument("--firm", default="", help="credit code or name of the firm")
        opened.add_argument("--parent", default="", help="number of the case that it belongs to")
        opened.add_argument(
            "--about", default="", help="of an order: number of the case it is about"
        )
        opened.add_argument(
            "--instruction", action="store_true", help="it comes of the newest instruction there"
        )
        opened.add_argument("--class", dest="grade", default="", help="its class")
        opened.add_argument("--due", default="", metavar="DAY", help="by when")
        opened.add_argument(
            "--form", default="", metavar="FILE", help="answers of its form: JSON or YAML"
        )
        opened.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", help="one answer"
        )
        opened.add_argument("--reason", default="")
        self._common(opened)
        self._common(parts.add_parser("measures", help="open the plan's measures; repeatable"))
        also = "open what the register asks for beside the firms' main cases; repeatable"
        self._common(parts.add_parser("listed", help=also))
        listed = parts.add_parser("list", help="cases besides the firms' own")
        listed.add_argument("--kind", default="", help="one kind only")
        listed.add_argument("--all", action="store_true", help="finished ones too")
        self._common(listed)

    def _common(self, part: ArgumentParser) -> None:
        part.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        part.add_argument("--at", metavar="MOMENT", help="a bare date means 09:00 of that day")
        super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        # what the plan or the register asks for is opened by rule; the rest is somebody's word
        who = self.person if options["part"] == "open" else self.actor
        by = who(options, timezone.localdate(at))
        programme = arguments.programme(options["programme"])
        if options["part"] == "kinds":
            self._kinds(programme, by, options)
        elif options["part"] == "list":
            self._list(programme, by, options)
        elif options["part"] == "listed":
            self._say_listed(listed.open_listed(programme, by=by, at=at), programme, options)
        elif options["part"] == "measures":
            opened = plan_measures.open_measures(programme, by=by, at=at)
            offered = offering.offer_to_new_firms(programme, by=by, at=at)
            self._say_opened(opened, sum(offered.values()), options)
        else:
            case = matters.open_matter(programme, _asked(programme, by, options), by=by, at=at)
            self._say_open(case, matters.alike(case, by), at, options)

    def _say_open(
        self, case: Case, alike: list[Case], at: datetime, options: dict[str, Any]
    ) -> None:
        if options["json"]:
            also = {"alike": [one.number for one in alike]} if alike else {}
            self.say_json(whole(case, timezone.localdate(at)) | also)
            return
        self.stdout.write(f"{case.number}\t{case.title}")
        if alike:
            self.stdout.write(matters.alike_words(alike))

    def _kinds(self, programme: Programme, by: Actor, options: dict[str, Any]) -> None:
        kinds = [_described(one) for one in matters.may_open(programme.current.pack, by)]
        if options["json"]:
            self.say_json(kinds)
            return
        for kind in kinds:
            self.stdout.write(f"{kind['kind']}\t{kind['title']}")

    def _list(self, programme: Programme, by: Actor, options: dict[str, Any]) -> None:
        cases = Case.objects.visible_to(by).filter(programme=programme, is_main=False, criterion="")
        if options["kind"]:
            _check_kind(programme, options["kind"])
            cases = cases.filter(procedure=options["kind"])
        if not options["all"]:
            cases = cases.open()
        related = cases.select_related("enterprise", "county", "programme").order_by("id")
        on = timezone.localdate(arguments.moment(options["at"]))
        found = lines(related, on)
        if options["json"]:
            self.say_json(found)
            return
        if not found:
            self.stdout.write(_("There is none.") if options["all"] else _("None is open."))
        for row in found:
            words = [row["number"], row["firm"], row["unit"] or "—", row["stage_label"]]
            self.stdout.write("\t".join([*words, str(row["due_on"] or "—"), row["light"]["words"]]))

    def _say_listed(
        self, opened: dict[str, int], programme: Programme, options: dict[str, Any]
    ) -> None:
        if options["json"]:
            self.say_json(opened)
            return
        for key, count in opened.items():
            title = localised(programme.current.pack.procedure(key).title)
            self.stdout.write(f"{title}\t{count}")

    def _say_opened(self, opened: list[Case], offered: int, options: dict[str, Any]) -> None:
        if options["json"]:
            children = Case.objects.filter(parent__in=opened).count()
            self.say_json({"opened": len(opened), "children": children, "offered": offered})
        else:
            self.stdout.write(_("%(n)s measures opened.") % {"n": len(opened)})
            if offered:
                self.stdout.write(_("%(n)s offers to firms that fit now.") % {"n": offered})


def _described(procedure: Procedure) -> dict[str, Any]:
    opening = procedure.opening("hand")
    return {
        "kind": procedure.key,
        "title": localised(procedure.title),
        "about": procedure.about,
        "form": opening.form if opening else None,
        "classes": {grade.key: localised(grade.label) for grade in procedure.grades},
    }


def _check_kind(programme: Programme, kind: str) -> None:
    known = pack_of(programme.current.pk).procedures
    if kind not in known:
        words = _("This programme knows no such kind of case. It knows: %(known)s")
        raise CommandError(words % {"known": ", ".join(known)})


def _asked(programme: Programme, by: Actor, options: dict[str, Any]) -> Asked:
    firm, parent = options["firm"].strip(), options["parent"].strip()
    about = _parent(programme, options["about"].strip(), by) if options["about"] else None
    return Asked(
        procedure=options["kind"],
        title=options["title"],
        unit=options["unit"],
        lead=options["lead"],
        helping=_names(options["helping"]),
        joint=_names(options["joint"]),
        enterprise_id=firm_in(programme.city, firm) if firm else None,
        parent_id=_parent(programme, parent, by) if parent else None,
        about_id=about,
        instruction_id=_instruction(about) if options["instruction"] else None,
        grade=options["grade"],
        due_on=arguments.day(options["due"]) if options["due"] else None,
        answers=_answers(options),
        reason=options["reason"],
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.replace("，", ",").split(",") if name.strip()]


def _answers(options: dict[str, Any]) -> dict[str, Any]:
    name = options["form"]
    answers: dict[str, Any] = form_answers.from_file(name) if name else {}
    for pair in options["set"]:
        key, equals, value = pair.partition("=")
        if not equals:
            raise CommandError(_("Write answers as KEY=VALUE, not “%(text)s”.") % {"text": pair})
        answers[key] = arguments.typed(value)
    return answers


def _parent(programme: Programme, number: str, by: Actor) -> int:
    _year, _dash, serial = number.partition("-")
    cases = Case.objects.visible_to(by).filter(programme=programme)
    found = cases.filter(serial=int(serial)).first() if serial.isdecimal() else None
    if found is None:
        raise CommandError(_("There is no case %(number)s.") % {"number": number})
    return int(found.pk)


def _instruction(about: int | None) -> int | None:
    """The newest 批示 on the case that an order is about."""
    events = CaseEvent.objects.filter(case=about, verb="comment", by_post__role=Role.LEADER)
    found = events.order_by("-id").values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(_("There is no leader's instruction on this case."))
    return found
