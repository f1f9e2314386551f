"""``manage.py demo``: the made-up city and its history, quick part first."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.commanding import Door
from config.demo import courtesy, people, state
from config.demo.build import Builder
from organisations import clock


class Command(Door):
    help = "Builds the demo: a made-up city in the ninth month of its campaign."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prepare", action="store_true", help="only what sign-in needs")
        parser.add_argument("--travel", metavar="7d", help="then move the demo's clock")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        if not settings.DEMO:
            raise CommandError(_("Set XIAOHAO_DEMO=1: a real city's database is left alone."))
        if people.is_foreign():
            raise CommandError(
                _("This database holds other data. The demo only starts on one of its own.")
            )
        with translation.override("zh-hans"):
            self._build(prepare_only=options["prepare"], said=options["verbosity"] > 1)
        if options["travel"] and not options["prepare"]:
            clock.travel(_days(options["travel"]))
        if options["json"]:
            self.say_json({"programme": people.KEY, "day": clock.today().isoformat()})

    def _build(self, *, prepare_only: bool, said: bool) -> None:
        now = timezone.now()
        if not people.is_prepared():
            people.prepare(now)
        if prepare_only:
            return
        if not state.is_building():
            return
        builder = Builder(people.city(), now, self.stdout.write if said else lambda _words: None)
        with courtesy.giving_way():
            campaign = builder.run()
        if campaign.refused and said:
            self.stdout.write(str(dict(campaign.refused)))


def _days(text: str) -> float:
    number = text.removesuffix("d")
    try:
        return float(number)
    except ValueError as wrong:
        raise CommandError(_("Give the days as a number, such as 7d.")) from wrong
