"""``manage.py bulk urge|reassign|extend|supervise|undo``: the ledger's acts upon many cases."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import batches, people, remarks
from cases.actions.people import BulkResult
from cases.actions.rehearsal import rehearse
from cases.errors import NotYours
from cases.ledger import Ledger
from cases.models import Case
from cases.permissions import refusal
from config.commanding import Door
from config.management import arguments
from config.management.case_naming import find_case
from config.management.filter_words import asked_of
from organisations.models import Post, Unit
from organisations.roles import Act
from organisations.scope import Actor

RIGHTS = {
    "urge": Act.URGE,
    "reassign": Act.REASSIGN,
    "extend": Act.REQUEST_EXTENSION,
    "supervise": Act.RELEASE_DRAFT,
}


class Command(Door):
    help = "Acts upon many cases of the ledger; --dry-run says which go and which do not, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        urge = parts.add_parser("urge", help="remind whoever owes them; not undone")
        reassign = parts.add_parser("reassign", help="give them to another unit or post")
        reassign.add_argument("--unit", default="", help="name of the unit that takes over")
        reassign.add_argument("--post", default="", help="UNIT/POST that takes over")
        extend = parts.add_parser("extend", help="ask for more time")
        extend.add_argument("--until", required=True, metavar="DAY", help="the day wished for")
        supervise = parts.add_parser("supervise", help="draft one letter a county into the tray")
        for part in (urge, reassign, extend, supervise):
            part.add_argument("numbers", nargs="*", help="cases, by number, id or credit code")
            part.add_argument("--query", help="or all of a filter, such as chip=overdue&county=3")
            part.add_argument("--reason", default="", help="the reason, or the message")
            part.add_argument("--dry-run", action="store_true", help="say what would be done")
        undo = parts.add_parser("undo", help="take back a reassign or an extend, for 30 minutes")
        undo.add_argument("batch", help="as the act printed it")
        for part in parts.choices.values():
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        by = self.person(options, timezone.localdate(at))
        if options["part"] == "undo":
            self._say(_undo(options["batch"], by, at), options)
            return
        right = RIGHTS[options["part"]]
        if not by.may(right):
            raise NotYours("not_yours", refusal(right))
        ids = _chosen(options, by, timezone.localdate(at))
        act = _act(options, ids, by, at)
        self._say(rehearse(act) if options["dry_run"] else act(), options)

    def _say(self, result: BulkResult, options: dict[str, Any]) -> None:
        names = {
            case.pk: case
            for case in Case.objects.select_related("programme", "enterprise").filter(
                pk__in=[*(case.pk for case in result.done), *result.refused]
            )
        }
        found = {
            "done": [names[case.pk].number for case in result.done],
            "refused": [
                {"number": names[pk].number, "firm": names[pk].subject, "why": why}
                for pk, why in result.refused.items()
                if pk in names
            ],
            "batch": result.batch if result.done and not options.get("dry_run") else "",
        }
        if options["json"]:
            self.say_json(found)
            return
        words = _("Done %(done)d, left out %(refused)d")
        counts = {"done": len(result.done), "refused": len(result.refused)}
        self.stdout.write(words % counts)
        for pk, why in result.refused.items():
            self.stdout.write(f"{names[pk].number}\t{names[pk].subject}\t{why}")
        if found["batch"]:
            self.stdout.write(f"bulk undo {found['batch']}")


def _act(
    options: dict[str, Any], ids: Sequence[int], by: Actor, at: datetime
) -> Callable[[], BulkResult]:
    reason = options["reason"]
    if options["part"] == "urge":
        return lambda: remarks.urge_many(ids, by=by, at=at, text=reason)
    if options["part"] == "supervise":
        return lambda: batches.draft_supervision(ids, by=by, at=at)
    if options["part"] == "extend":
        until = arguments.day(options["until"])
        return lambda: batches.request_many(ids, by=by, at=at, until=until, reason=reason)
    unit, post = _taker(options, by)
    return lambda: people.reassign_many(ids, by=by, at=at, reason=reason, unit=unit, post=post)


def _undo(batch: str, by: Actor, at: datetime) -> BulkResult:
    if batches.asked_in(batch, by=by):
        return batches.undo_requests(batch, by=by, at=at)
    return people.undo_reassign(batch, by=by, at=at)


def _chosen(options: dict[str, Any], by: Actor, on: date) -> list[int]:
    if bool(options["numbers"]) == bool(options["query"]):
        raise CommandError(_("Name the cases, or give a filter with --query; not both."))
    if options["query"]:
        return Ledger(by, on, asked_of(options["query"])).ids()
    return sorted({find_case(number, "", by).pk for number in options["numbers"]})


def _taker(options: dict[str, Any], by: Actor) -> tuple[Unit | None, Post | None]:
    """By name, among the units of the actor's cities."""
    unit_name, _slash, post_name = (options["post"] or options["unit"]).partition("/")
    units = Unit.objects.filter(region__path__regex="|".join(f"/{pk}/" for pk in by.city_ids))
    unit = units.filter(name=unit_name).first() or units.filter(short_name=unit_name).first()
    if not unit_name or unit is None:
        raise CommandError(_("Say who takes over: --unit NAME, or --post UNIT/POST."))
    if not options["post"]:
        return unit, None
    post = unit.posts.select_related("unit").filter(name=post_name).first()
    if post is None:
        raise CommandError(_("This unit has no post “%(name)s”.") % {"name": post_name})
    return None, post
