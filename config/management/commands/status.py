"""``manage.py status``: how the installation is, as the page of that name tells it."""

from __future__ import annotations

import sys
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.commanding import Door
from config.health import lines_of
from config.vitals import vitals
from organisations import clock
from organisations.errors import Refused
from organisations.roles import Act

MARKS = {True: "!", False: " "}


class Command(Door):
    help = "Says what ran last, what waits, what failed; ends with 1 when something needs you."

    def work(self, options: dict[str, Any]) -> None:
        by = self.actor(options)
        if not any(by.may(act) for act in (Act.MANAGE_SETTINGS, Act.MANAGE_DELIVERIES)):
            raise Refused(
                "may_not",
                _("The state of the system is for the office and the system administrator."),
            )
        found = vitals(clock.of_the_machine())
        lines = lines_of(found)
        if options["json"]:
            self.say_json({"at": found.at, "is_well": found.is_well, "lines": lines})
        else:
            for line in lines:
                self.stdout.write("\t".join(_cells(line)))
        if not found.is_well:
            sys.exit(1)


def _cells(line: dict[str, Any]) -> list[str]:
    ran, since = line.get("at"), line.get("since")
    said = f"{timezone.localtime(ran):%Y-%m-%d %H:%M:%S}" if ran else line["words"]
    if since:
        said += " " + _("oldest %(at)s") % {"at": f"{timezone.localtime(since):%Y-%m-%d %H:%M}"}
    return [MARKS[line["bad"]], str(line["name"]), said, str(line.get("note", ""))]
