"""``manage.py case show|list|VERB NUMBER``: the same verbs as in the browser."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import elsewhere, leaving
from cases.errors import Refused, Stale
from cases.ledger import CHIPS, SITUATIONS, Asked, Ledger
from cases.models import Case
from config.commanding import Door
from config.management import arguments, form_answers
from config.management.case_figures import lines, whole
from config.management.case_naming import find_case, several
from config.management.case_verbs import VERBS
from config.management.filter_words import check_words
from config.management.verb_calls import Call
from organisations.permissions import can_open
from organisations.regions import find_region
from organisations.scope import Actor
from workflows.models import Programme

# what is refused once, so that it is read
SAID = (leaving.CODE, elsewhere.CODE)


class Command(Door):
    help = "Shows and lists cases, and acts on one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="VERB")
        listed = parts.add_parser("list", help="the ledger")
        listed.add_argument("--county", default="", help="name of a county")
        listed.add_argument("--stage", default="", help="such as survey; finished ones too")
        listed.add_argument("--chip", default="", help=", ".join([*CHIPS, *SITUATIONS]))
        listed.add_argument("--of", default="", help="mine or remedies; default: firms' cases")
        listed.add_argument("--procedure", default="", help="a kind of case, such as issue or need")
        listed.add_argument(
            "--search", type=arguments.search, default="", help="firm, code, pinyin or number"
        )
        listed.add_argument(
            "--limit",
            type=arguments.at_least_one,
            metavar="N",
            help="at most N lines; default: all",
        )
        self._common(listed)
        self._one_case(parts.add_parser("show", help="everything about a case"))
        self._number(parts.add_parser("form", help="the form of its step, to be filled in"))
        for name, verb in VERBS.items():
            part = parts.add_parser(name, help=verb.help)
            verb.add_to(part)
            self._one_case(part)

    def _one_case(self, part: ArgumentParser) -> None:
        part.add_argument(
            "--seen-version",
            type=arguments.count,
            metavar="N",
            help="refuse when the case has changed since",
        )
        self._number(part)

    def _number(self, part: ArgumentParser) -> None:
        part.add_argument(
            "number",
            help="such as 2022-00317; also the id in its address, or the firm's credit code",
        )
        self._common(part)

    def _common(self, part: ArgumentParser) -> None:
        part.add_argument("--at", metavar="MOMENT", help="a bare date means 09:00 of that day")
        part.add_argument("--programme", default="", help="where a number stands in several")
        super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        who = self.actor if options["part"] in ("list", "show", "form") else self.person
        by = who(options, timezone.localdate(at))
        if options["part"] == "list":
            self._list(by, options)
            return
        case = find_case(options["number"], options["programme"], by)
        if options["part"] == "form":
            self._form(form_answers.described(case, by, timezone.localdate(at)), options)
            return
        if options["part"] != "show":
            given = {**options, "version": options["seen_version"]}
            _act(options["part"], Call(case, by, at, given))
            # by the system: who gave a case away is still told where it went
            case = find_case(options["number"], options["programme"], Actor.system())
        figures = whole(case, timezone.localdate(at))
        if options["json"]:
            self.say_json(figures)
        else:
            self._say(figures)

    def _list(self, by: Actor, options: dict[str, Any]) -> None:
        on = timezone.localdate(arguments.moment(options["at"]))
        cases = Ledger(by, on, _asked(options, by)).rows()
        if options["programme"]:
            cases = cases.filter(programme=arguments.programme(options["programme"]))
        found = lines(cases[: options["limit"]], on)
        if options["limit"] and (total := cases.count()) > len(found):
            # beside the lines: whoever reads them as JSON must not take a part for the whole
            cut = _("%(n)d of %(total)d cases: --limit leaves out the others.")
            self.stderr.write(cut % {"n": len(found), "total": total})
        if options["json"]:
            self.say_json(found)
            return
        for row in found:
            due = row["due_on"] or "—"
            words = [row["number"], row["county"], row["firm"], row["stage_label"]]
            self.stdout.write("\t".join([*words, str(due), row["light"]["words"]]))

    def _form(self, told: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.say_json(told)
        else:
            self.stdout.write(form_answers.as_yaml(told))

    def _say(self, figures: dict[str, Any]) -> None:
        head = [figures["number"], figures["firm"], figures["county"], figures["stage_label"]]
        self.stdout.write("\t".join(head))
        due = figures["due_on"] or "—"
        self.stdout.write(f"{due}\t{figures['light']['words']}\t{figures['unit'] or '—'}")
        for event in figures["events"]:
            moment = timezone.localtime(event["at"])
            self.stdout.write(f"{moment:%Y-%m-%d %H:%M}\t{event['words']}")


def _act(verb: str, call: Call) -> None:
    try:
        VERBS[verb].run(call)
    except Stale as refusal:
        # what a page shows beside the refusal
        raise Stale(refusal.code, f"{refusal.words} (case show {call.case.number})") from refusal
    except Refused as refusal:
        if refusal.code not in SAID:
            raise
        # “send it again”: here that is said by an option
        raise Refused(refusal.code, f"{refusal.words} (--knowing)") from refusal


def _asked(options: dict[str, Any], by: Actor) -> Asked:
    check_words(options, programme=options["programme"])
    query = {"chip": options["chip"], "stage": options["stage"], "of": options["of"]}
    query |= {"q": options["search"], "procedure": options["procedure"]}
    if options["county"]:
        county = _county(options["county"], options["programme"])
        if not (by.is_system or _sees(by, county)):
            words = _("“%(name)s” is not among the counties that you see.")
            raise CommandError(words % {"name": options["county"]})
        query["county"] = str(county)
    return Asked.of_query(query)


def _sees(by: Actor, county: int) -> bool:
    """A list of nothing would be taken for a county without cases."""
    cases = Case.objects.visible_to(by).filter(county_id=county)
    return can_open(by, str(county)) or bool(cases.exists())


def _county(name: str, programme: str) -> int:
    """A county by any name that the city's map knows; 开发区 exists in several cities."""
    programmes = Programme.objects.select_related("city")
    if programme:
        programmes = programmes.filter(key=programme)
    found = {}
    for one in programmes:
        county = find_region(one.city, name)
        if county is not None:
            found[county.pk] = one.key
    if not found:
        if programme:
            arguments.programme(programme)
        raise CommandError(_("There is no county “%(name)s”.") % {"name": name})
    if len(found) > 1:
        raise several(found.values())
    return next(iter(found))
