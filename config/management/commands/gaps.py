"""``manage.py gaps --city CITY``: firms, items, posts, units and counties without an owner."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from cases.gaps import as_json, gaps
from config.commanding import Door
from config.management import arguments
from organisations.models import Region


class Command(Door):
    help = "Says what has no owner (004-04)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--city", default="", help="default: the only one there is")
        parser.add_argument("--as-of", metavar="DAY", help="default: today")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        on = arguments.day(options["as_of"])
        found = gaps(self.actor(options, on), on, self._city(options["city"]))
        if options["json"]:
            self.say_json(as_json(found))
            return
        for gap in found:
            self.stdout.write(f"{gap.title}\t{gap.count}")
            for name, where, _address in gap.lines:
                self.stdout.write(f"  {name}\t{where}")
            if gap.count > len(gap.lines):
                words = _("  … the first %(shown)s of %(count)s; the rest is not listed here")
                self.stdout.write(words % {"shown": len(gap.lines), "count": gap.count})

    def _city(self, name: str) -> Region:
        if name:
            return self.city(name)
        cities = list(Region.objects.cities()[:2])
        if len(cities) != 1:
            raise CommandError(_("Say which city: --city."))
        return cities[0]
