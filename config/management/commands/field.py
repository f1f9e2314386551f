"""``manage.py field route|plan|visit|call|visits``: what the phone does, without one."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.management import CommandError
from django.utils.translation import gettext as _

from cases import uploads
from cases.actions import calling, routing, visiting
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.meanwhile import Basis, Changed
from cases.route import Route, as_json
from cases.visits import visits_between
from config.commanding import Door
from config.management import arguments
from config.management.case_naming import find_case
from config.management.firm_file import find_firm
from config.management.form_answers import from_file
from organisations.days import day_of

# whose route it is, who was there, who called
PERSONAL = ("route", "plan", "visit", "call")


class Command(Door):
    help = "Work in the field: today's route, visits with photos, notes of calls."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        route = parts.add_parser("route", help="somebody's route of a day, and what else is due")
        plan = parts.add_parser("plan", help="set the whole route of a day, in this order")
        plan.add_argument("firms", nargs="*", metavar="FIRM", help="names, credit codes or numbers")
        for part in (route, plan):
            part.add_argument("--on", metavar="DAY", help="the day of the route; default: today")
        visit = parts.add_parser("visit", help="write up a visit as a phone sends it")
        visit.add_argument("--on", metavar="DAY", help="the day of the visit; default: today")
        visit.add_argument("--people", default="", help="who went")
        visit.add_argument("--met", default="", help="whom they met at the firm")
        visit.add_argument("--found", default="", help="what was found or agreed")
        visit.add_argument("--way", help="kind of visit; default: the first of the plan's form")
        visit.add_argument("--next-contact", metavar="DAY", help="to be in touch again on")
        visit.add_argument("--answers", metavar="FILE", help="to what else the plan's form asks")
        visit.add_argument("--case", action="append", metavar="NUMBER", help="serves; repeatable")
        visit.add_argument("--photo", action="append", metavar="FILE", help="JPG, PNG; repeatable")
        visit.add_argument("--place", metavar="NORTH,EAST", help="where it was written, in degrees")
        visit.add_argument(
            "--basis", metavar="BASIS", help="from firm show; refused if others acted since"
        )
        call = parts.add_parser("call", help="note what came of a telephone call")
        call.add_argument("--result", default="", help="what came of it")
        call.add_argument("--next", default="", help="what is next")
        call.add_argument("--next-on", metavar="DAY", help="by when")
        call.add_argument("--to", default="", help="whom one spoke to")
        call.add_argument("--said", default="", help="in a sentence")
        call.add_argument("--on", metavar="DAY", help="the day of the call; default: today")
        for part in (visit, call):
            part.add_argument("firm", help="name, credit code or number")
            part.add_argument(
                "--sent-as", type=UUID, metavar="UUID", help="sent again: not doubled"
            )
        seen = parts.add_parser("visits", help="the visits of a span, as far as one sees them")
        seen.add_argument("--from", dest="start", metavar="DAY", help="default: the month's first")
        seen.add_argument("--until", metavar="DAY", help="default: today")
        for part in (route, plan, visit, call, seen):
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        who = self.person if options["part"] in PERSONAL else self.actor
        options |= {"at": at, "today": day_of(at), "by_actor": who(options, day_of(at))}
        getattr(self, f"_{options['part']}")(options)

    def _route(self, options: dict[str, Any]) -> None:
        self._say_route(options)

    def _plan(self, options: dict[str, Any]) -> None:
        by, at = options["by_actor"], options["at"]
        firms = [find_firm(name, by).pk for name in options["firms"]]
        routing.plan_route(firms, on=self._day(options), by=by, at=at)
        self._say_route(options)

    def _say_route(self, options: dict[str, Any]) -> None:
        held = Route(options["by_actor"], self._day(options), options["today"])
        near = [stop for _area, stops in held.suggested for stop in stops]
        if options["json"]:
            told = {"on": held.on, "route": as_json(held.stops), "suggested": as_json(near)}
            self.say_json(told)
            return
        for place, stop in enumerate(held.stops, start=1):
            self.stdout.write(f"{place}\t{stop.area}\t{stop.name}\t{stop.address}\t{stop.phone}")
        if near:
            self.stdout.write(_("Late or due soon"))
        for stop in near:
            light = stop.row.light.words if stop.row else ""
            self.stdout.write(f"\t{stop.area}\t{stop.name}\t{light}")

    def _visit(self, options: dict[str, Any]) -> None:
        by, at = options["by_actor"], options["at"]
        firm = find_firm(options["firm"], by)
        cases = options["case"] and [find_case(name, "", by).pk for name in options["case"]]
        try:
            visit = visiting.record_visit(
                firm,
                visited_on=self._day(options),
                way=options["way"],
                people=options["people"],
                met=options["met"],
                found=options["found"],
                next_on=arguments.day(options["next_contact"]) if options["next_contact"] else None,
                answers=from_file(options["answers"]) if options["answers"] else None,
                cases=cases,
                photos=[_photo(name) for name in options["photo"] or ()],
                place=_place(options["place"]),
                sent_as=options["sent_as"],
                basis=_basis(options["basis"]),
                by=by,
                at=at,
            )
        except Changed as changed:
            last = _("To record it all the same: --basis %(basis)s") % {"basis": changed.basis}
            words = "\n".join([changed.words, *changed.changes, last])
            raise Refused(changed.code, words) from changed
        served = [case.number for case in visit.cases.select_related("programme").order_by("pk")]
        n = visit.photos.count()
        if options["json"]:
            self.say_json({"visit": visit.pk, "serves": served, "photos": n})
            return
        words = _("Visit %(id)s is on record; it serves %(cases)s.")
        self.stdout.write(words % {"id": visit.pk, "cases": "、".join(served) or "—"})

    def _call(self, options: dict[str, Any]) -> None:
        by = options["by_actor"]
        note = calling.note_call(
            find_firm(options["firm"], by),
            result=options["result"],
            next_step=options["next"],
            next_on=arguments.day(options["next_on"]) if options["next_on"] else None,
            spoke_to=options["to"],
            said=options["said"],
            called_on=self._day(options),
            sent_as=options["sent_as"],
            by=by,
            at=options["at"],
        )
        if options["json"]:
            served = list(note.cases.order_by("pk").values_list("pk", flat=True))
            told = {"call": note.pk, "result": note.result, "next": note.next_step}
            self.say_json({**told, "serves": len(served)})
        else:
            self.stdout.write(_("The call is on record."))

    def _visits(self, options: dict[str, Any]) -> None:
        until = arguments.day(options["until"]) if options["until"] else options["today"]
        start = arguments.day(options["start"]) if options["start"] else until.replace(day=1)
        found = visits_between(options["by_actor"], start, until)
        if options["json"]:
            self.say_json({"from": start, "until": until, "visits": found})
            return
        for one in found:
            self.stdout.write(f"{one['day']}\t{one['firm']}\t{one['people']}\t{one['found']}")

    def _day(self, options: dict[str, Any]) -> Any:
        return arguments.day(options["on"]) if options["on"] else options["today"]


def _photo(name: str) -> Paper:
    path = Path(name)
    return uploads.check(ContentFile(path.read_bytes(), name=path.name), path.name)


def _place(text: str | None) -> visiting.Place | None:
    if not text:
        return None
    north, _comma, east = text.partition(",")
    place = visiting.Place.read(north, east)
    if place is None:
        raise CommandError(_("A place is written as NORTH,EAST in degrees: 34.66,112.45"))
    return place


def _basis(text: str | None) -> Basis | None:
    if not text:
        return None
    found = Basis.read(text)
    if found is None:
        raise CommandError(_("A basis is two numbers, as the refusal named them: 12-345"))
    return found
