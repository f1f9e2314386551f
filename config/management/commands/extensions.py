"""``manage.py extensions list|grant|refuse``: requests for more time, and the answers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import extensions, time_words
from cases.actions import extending
from cases.models import Case, Extension
from config.commanding import Door
from config.management import arguments
from organisations.scope import Actor

STATES = {
    "waiting": Q(decided_at=None, item__finished=None),
    "granted": Q(is_granted=True),
    "refused": Q(is_granted=False),
    "all": Q(),
}
WITH = ("case__enterprise", "case__county", "case__programme", "item", "asked_by", "decided_by")


class Command(Door):
    help = "Lists requests for more time; a person grants or refuses them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="list|grant|refuse")
        listed = parts.add_parser("list", help="the requests that the actor may see")
        listed.add_argument("--state", default="waiting", choices=list(STATES))
        listed.add_argument("--mine", action="store_true", help="only what --by may decide")
        listed.add_argument("--programme", help="the key of a programme")
        grant = parts.add_parser("grant", help="grant requests as asked for, or to --until")
        grant.add_argument("--until", metavar="DAY", help="an earlier day than asked for")
        refuse = parts.add_parser("refuse", help="do not grant requests; needs a reason")
        for part in (grant, refuse):
            part.add_argument("ids", nargs="+", type=arguments.count, metavar="ID")
            part.add_argument("--reason", default="", help="the answer")
        for part in (listed, grant, refuse):
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        who = self.actor if options["part"] == "list" else self.person
        by = who(options, timezone.localdate(at))
        if options["part"] == "list":
            self._list(by, options)
            return
        rows = _visible(by).filter(pk__in=options["ids"], decided_at=None)
        ids = dict(rows.values_list("pk", "case"))
        for missing in sorted(set(options["ids"]) - set(ids)):
            words = _("No request no. %(id)s waits for a decision.")
            raise CommandError(words % {"id": missing})
        is_granted = options["part"] == "grant"
        until = options.get("until")
        if until and len(ids) > 1:
            raise CommandError(_("--until goes with one request."))
        if len(ids) == 1:
            day = arguments.day(until) if until else None
            extending.decide(
                next(iter(ids.values())),
                by=by,
                at=at,
                is_granted=is_granted,
                until=day,
                reason=options["reason"],
            )
            refused: dict[int, str] = {}
        else:
            refused = extending.decide_many(
                list(ids.values()), by=by, at=at, is_granted=is_granted, reason=options["reason"]
            ).refused
        self._say(Extension.objects.filter(pk__in=ids), options, refused)

    def _list(self, by: Actor, options: dict[str, Any]) -> None:
        rows = extensions.waiting_for(by) if options["mine"] else _visible(by)
        rows = rows.filter(STATES[options["state"]])
        if options["programme"]:
            rows = rows.filter(case__programme=arguments.programme(options["programme"]))
        self._say(rows, options, {})

    def _say(
        self, rows: QuerySet[Extension], options: dict[str, Any], refused: dict[int, str]
    ) -> None:
        found = [_figures(row, refused.get(row.case_id, "")) for row in rows.select_related(*WITH)]
        if options["json"]:
            self.say_json(found)
            return
        for row in found:
            words = "%(id)s\t%(number)s\t%(county)s\t%(firm)s\t%(old_due)s → %(wished)s\t%(state)s"
            self.stdout.write("\t".join(filter(None, [words % row, row["refused"]])))


def _visible(by: Actor) -> QuerySet[Extension]:
    return Extension.objects.filter(case__in=Case.objects.visible_to(by).values("pk"))


def _figures(row: Extension, refused: str) -> dict[str, Any]:
    case = row.case
    return {
        "id": row.pk,
        "number": case.number,
        "county": case.county.name,
        "firm": case.enterprise.name if case.enterprise else case.title,
        "stage": row.item.stage,
        "old_due": row.old_due,
        "wished": row.wished_on,
        "working_days": row.days,
        "reason": row.reason,
        "asked_by": str(row.asked_by),
        "asked_at": row.asked_at,
        "to_office": row.to_office,
        "state": time_words.state_of(row, is_open=row.item.is_open),
        "granted": row.is_granted,
        "new_due": row.new_due,
        "decided_by": str(row.decided_by) if row.decided_by else None,
        "decided_at": row.decided_at,
        "answer": row.answer,
        "refused": refused,
    }
