"""``manage.py tick --at D``: whatever is due: deadlines, reminders, drafts, notices."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config import ticking
from config.commanding import Door
from config.management import arguments
from notifications import pulse
from organisations import clock


class Command(Door):
    help = "Fires the rungs that are due and delivers notices; may be called at any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", metavar="MOMENT", help="a bare date means 09:00 of that day")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        # whoever calls it, the sweep acts in the system's name; a wrong name is told all the same
        self.actor(options, timezone.localdate(at))
        done = ticking.tick(at)
        pulse.beat("tick", clock.of_the_machine(), **done)
        if options["json"]:
            self.say_json(done)
        else:
            self.stdout.write(_("%(rungs)s rungs fired, %(notices)s notices made.") % done)
