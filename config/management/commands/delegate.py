"""``manage.py delegate add|list|revoke``: who stands in for a post, from when to when."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.handing_over import delegate, revoke
from config.commanding import Door
from config.management import arguments
from config.management.people_arguments import account_of, post_of
from organisations.models import Delegation

PARTS = ("post__unit", "to_user", "to_post__unit")


class Command(Door):
    help = "Sets, lists and ends stand-ins (AB posts)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="add|list|revoke")
        add = parts.add_parser("add", help="somebody stands in for a post")
        add.add_argument("post", metavar="UNIT/POST")
        add.add_argument("--to", metavar="ACCOUNT", help="a person")
        add.add_argument("--to-post", metavar="UNIT/POST", help="whoever holds this post")
        add.add_argument("--from", dest="from_on", metavar="DAY", help="default: today")
        add.add_argument("--last-day", required=True, metavar="DAY", help="the last day")
        add.add_argument("--reason", default="", help="why")
        add.add_argument("--reads-only", action="store_true", help="sees, does nothing")
        listed = parts.add_parser("list", help="running and coming ones")
        listed.add_argument("--all", action="store_true", help="ended ones too")
        ended = parts.add_parser("revoke", help="it ends today")
        ended.add_argument("delegation", type=arguments.number, help="its number")
        for part in (add, listed, ended):
            part.add_argument("--city", default="", help="where unit names exist twice")
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        {"add": self._add, "list": self._list, "revoke": self._revoke}[options["part"]](options)

    def _add(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        today = timezone.localdate(at)
        by = self.person(options, today)
        city = self.city(options["city"]) if options["city"] else None
        row = delegate(
            post_of(options["post"], city),
            to_user=account_of(options["to"]) if options["to"] else None,
            to_post=post_of(options["to_post"], city) if options["to_post"] else None,
            from_on=arguments.day(options["from_on"]) if options["from_on"] else today,
            until_on=arguments.day(options["last_day"]) + timedelta(days=1),
            reason=options["reason"],
            reads_only=options["reads_only"],
            by=by,
            at=at,
        )
        self._say([row], options)

    def _list(self, options: dict[str, Any]) -> None:
        today = timezone.localdate(arguments.moment(options["at"]))
        rows = Delegation.objects.visible_to(self.actor(options, today)).select_related(*PARTS)
        self._say(list(rows if options["all"] else rows.ahead(today)), options)

    def _revoke(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        by = self.person(options, timezone.localdate(at))
        row = Delegation.objects.visible_to(by).filter(pk=options["delegation"]).first()
        if row is None:
            raise CommandError(_("There is no such stand-in."))
        self._say([revoke(row, by=by, at=at)], options)

    def _say(self, rows: list[Delegation], options: dict[str, Any]) -> None:
        found = [_figures(row) for row in rows]
        if options["json"]:
            self.say_json(found)
            return
        for one in found:
            words = [str(one["id"]), one["post"], "→", one["to"], one["from_on"].isoformat()]
            self.stdout.write("\t".join([*words, one["last_day"].isoformat(), one["reason"]]))


def _figures(row: Delegation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "post": str(row.post),
        "to": row.to_user.username if row.to_user else str(row.to_post),
        "from_on": row.from_on,
        "last_day": row.last_on,
        "reason": row.reason,
        "reads_only": row.reads_only,
        "revoked_on": row.revoked_on,
    }
