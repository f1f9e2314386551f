"""``manage.py delivery list|send|resend|confirm``: what leaves the house."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config import morning
from config.commanding import Door
from config.management import arguments
from notifications import deciding, listing, pulse
from notifications.models import Delivery
from organisations import clock

VERBS = {"resend": deciding.resend, "confirm": deciding.confirm}


class Command(Door):
    help = "Lists what was sent, sends what is due, decides about what is in doubt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(
            dest="part", required=True, metavar="list|send|resend|confirm"
        )
        listed = parts.add_parser("list", help="the messages of a list, newest first")
        listed.add_argument("--list", default="in_doubt", choices=sorted(listing.LISTS))
        listed.add_argument("--most", type=arguments.at_least_one, default=50, help="lines")
        parts.add_parser("send", help="send what is due; may be called at any time")
        resend = parts.add_parser("resend", help="send again what failed or is in doubt")
        confirm = parts.add_parser("confirm", help="say that what is in doubt arrived")
        for part in (resend, confirm):
            part.add_argument("message", type=arguments.number, help="the number of the message")
        for part in parts.choices.values():
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        who = self.person if options["part"] in VERBS else self.actor
        by = who(options, timezone.localdate(at))
        if options["part"] == "send":
            done = morning.send(at)
            pulse.beat("send", clock.of_the_machine(), **done)
            self._say(done, options)
        elif options["part"] == "list":
            mine = Delivery.objects.visible_to(by).select_related("recipient")
            rows = mine.filter(state__in=listing.LISTS[options["list"]])[: options["most"]]
            self._list([listing.line(row) for row in rows], options)
        else:
            found = VERBS[options["part"]](options["message"], by=by, at=at)
            self._list([listing.line(found)], options)

    def _say(self, done: dict[str, int], options: dict[str, Any]) -> None:
        if options["json"]:
            self.say_json(done)
            return
        words = _("%(sent)s sent, %(in_doubt)s in doubt, %(failed)s failed, %(postponed)s later.")
        self.stdout.write(words % done)

    def _list(self, lines: list[dict[str, Any]], options: dict[str, Any]) -> None:
        if options["json"]:
            self.say_json(lines)
            return
        if not lines:
            self.stdout.write(_("There is no message in this list."))
        for one in lines:
            made = timezone.localtime(one["made_at"])
            cells = (one["id"], f"{made:%Y-%m-%d %H:%M}", one["state_label"], one["channel_label"])
            more = (one["recipient"], one["subject"] or one["kind_label"], one["answer"])
            self.stdout.write("\t".join(str(cell) for cell in (*cells, *more)))
