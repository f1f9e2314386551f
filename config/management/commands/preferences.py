"""``manage.py preferences ACCOUNT``: what a person is sent; shows it, or changes it."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import time
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config.commanding import Door
from notifications import preferring
from organisations import clock
from organisations.actions import users
from organisations.errors import Refused
from organisations.models import User

SWITCHES = ("by_mail", "by_sms", "digest", "singles")
ON = {"on": True, "off": False}


class Command(Door):
    help = "Shows what a person is sent, where and when, and his number; with options changes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help="whose")
        parser.add_argument("--email", help="the mail address; empty: none")
        parser.add_argument("--phone", help="the telephone number; empty: none")
        for name in SWITCHES:
            parser.add_argument(f"--{name.replace('_', '-')}", choices=sorted(ON))
        parser.add_argument("--digest-at", metavar="HH:MM", help="when the digest comes")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        user = User.objects.filter(username=options["account"]).first()
        if user is None:
            words = _("There is no account “%(name)s”.")
            raise CommandError(words % {"name": options["account"]})
        by = self.actor(options)
        if not by.is_system and by.user != user:
            raise Refused("not_yours", _("Everybody chooses his own messages."))
        kept = preferring.preference_of(user)
        if options["phone"] is not None:
            users.set_own_phone(user, phone=options["phone"], by=by, at=clock.now())
        email = user.email if options["email"] is None else options["email"]
        chosen: dict[str, Any] = {name: getattr(kept, name) for name in SWITCHES}
        chosen |= {name: ON[options[name]] for name in SWITCHES if options[name]}
        chosen["digest_at"] = (
            _time(options["digest_at"]) if options["digest_at"] else kept.digest_at
        )
        if any(options[name] is not None for name in (*SWITCHES, "email", "digest_at")):
            preferring.prefer(user, by=by, at=clock.now(), email=email, **chosen)
        self._say(
            {"account": user.username, "email": email.strip(), "phone": user.phone, **chosen},
            options,
        )

    def _say(self, found: dict[str, Any], options: dict[str, Any]) -> None:
        found["digest_at"] = f"{found['digest_at']:%H:%M}"
        if options["json"]:
            self.say_json(found)
            return
        for name, value in found.items():
            self.stdout.write(f"{name}\t{value}")


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as wrong:
        raise CommandError(_("“%(text)s” is no time. Write 08:30.") % {"text": text}) from wrong
