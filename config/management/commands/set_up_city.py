"""``manage.py set_up_city PACK``: a city's map, units and posts as its pack names them."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config.commanding import Door
from organisations import clock
from organisations.setup import set_up_city
from workflows.city import city_spec
from workflows.models import ProgrammeVersion
from workflows.packs import Pack, PackError, parse_pack, shipped_text


class Command(Door):
    help = "Makes the regions, units and posts of the city that a programme pack describes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pack", help="a pack file, or the key of a programme")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        pack = _pack(options["pack"])
        made = set_up_city(city_spec(pack), by=self.actor(options), at=clock.now())
        result = {
            "city": made.city.name,
            "counties": made.counties,
            "units": made.units,
            "posts": made.posts,
        }
        if options["json"]:
            self.say_json(result)
        else:
            words = _("%(city)s: %(counties)s counties, %(units)s units, %(posts)s posts added.")
            self.stdout.write(words % result)


def _pack(name: str) -> Pack:
    source = Path(name)
    try:
        text = source.read_text(encoding="utf-8") if source.is_file() else _known_text(name)
        return parse_pack(text, source.name, issued_on=clock.today())
    except PackError as wrong:
        raise CommandError(str(wrong)) from wrong


def _known_text(name: str) -> str:
    """The newest issued version of a programme, else the pack of this name that is shipped."""
    version = ProgrammeVersion.objects.filter(programme__key=name).order_by("-number").first()
    if version is not None:
        return version.source
    try:
        return shipped_text(name)
    except OSError as wrong:
        words = _("There is no pack “%(name)s”.") % {"name": name}
        raise CommandError(words) from wrong
