"""``manage.py secret_key show|rotate|forget``: the key that signs, and those still accepted."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from config import secret
from config.commanding import Door
from enterprises.models import Invitation
from organisations import clock
from organisations.errors import Refused

WHAT = {"rotate": secret.rotate, "forget": secret.forget}


class Command(Door):
    help = "How many keys are accepted; puts a new one first; takes the old ones out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="show|rotate|forget")
        show = parts.add_parser("show", help="how many keys, and until when old ones are needed")
        rotate = parts.add_parser("rotate", help="a new key; the old ones are still accepted")
        forget = parts.add_parser("forget", help="only the newest stays")
        for part in (show, rotate, forget):
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        if not self.actor(options).is_system:
            raise Refused("not_system", _("The keys are kept by whoever runs the machine."))
        part = options["part"]
        if part == "show":
            keys = 1 + len(settings.SECRET_KEY_FALLBACKS)
        elif settings.SECRET_KEY_IS_GIVEN:
            words = _(
                "The key comes from XIAOHAO_SECRET_KEY. Put a new one there and the old one into "
                "XIAOHAO_SECRET_KEY_FALLBACKS (docs/operations.md)."
            )
            raise Refused("given_key", words)
        else:
            keys = WHAT[part](settings.VAR_DIR)
        needed = _last_open()
        if options["json"]:
            self.say_json({"keys": keys, "open_invitations_until": needed})
            return
        self.stdout.write(_("%(n)s keys are accepted; the first signs.") % {"n": keys})
        if part == "rotate":
            self.stdout.write(_("It is in force after a restart; nobody has to sign in again."))
        if keys > 1 and needed is not None:
            words = _("Open invitations last until %(day)s: keep the old keys until then.")
            self.stdout.write(words % {"day": needed.isoformat()})


def _last_open() -> date | None:
    """The last day on which an invitation that was made until now still opens."""
    rows = Invitation.objects.filter(revoked_at=None, until_on__gt=clock.today())
    last: date | None = rows.aggregate(last=Max("until_on"))["last"]
    return last
