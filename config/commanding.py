"""What every command of ours does alike: ``--by``, ``--json``, refusals in words."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any, NoReturn

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config.acting import actor_for
from config.management.arguments import Told, plain
from organisations import clock
from organisations.errors import Refused
from organisations.models import Region, User
from organisations.regions import find_city
from organisations.scope import Actor


class Door(BaseCommand):
    """A command that parses, calls one verb and prints; ``run`` does the work."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", metavar="ACCOUNT", help="who acts (default: the system)")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.work(options)
        except Refused as refusal:
            self._refuse(options, refusal.code, refusal.words)
        except Told:
            raise
        except CommandError as wrong:
            self._refuse(options, "wrong_input", str(wrong))

    def _refuse(self, options: dict[str, Any], code: str, words: str) -> NoReturn:
        """The words on standard error, exit 1; with ``--json`` the code for programs too."""
        if options["json"]:
            self.say_json({"error": {"code": code, "words": words}})
        raise CommandError(words)

    def work(self, options: dict[str, Any]) -> None:
        raise NotImplementedError

    def actor(self, options: dict[str, Any], on: date | None = None) -> Actor:
        """Whoever ``--by`` names, with the posts of ``on`` (default: today); else the system."""
        if not options["by"]:
            return Actor.system()
        user = User.objects.filter(username=options["by"], is_active=True).first()
        if user is None:
            raise CommandError(_("There is no account “%(name)s”.") % {"name": options["by"]})
        return actor_for(user, on or clock.today())

    def city(self, text: str) -> Region:
        city = find_city(text)
        if city is None:
            known = "、".join(Region.objects.cities().values_list("name", flat=True)) or "—"
            words = _("There is no city “%(name)s”. There is: %(known)s.")
            raise CommandError(words % {"name": text, "known": known})
        return city

    def say_json(self, result: Any) -> None:
        if is_dataclass(result) and not isinstance(result, type):
            result = asdict(result)
        self.stdout.write(json.dumps(plain(result), ensure_ascii=False, indent=1, default=str))
