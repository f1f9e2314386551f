"""``manage.py restore FILE``: checks a backup, puts it back, counts what is there."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.commanding import Door
from config.restoring import check, restore


class Command(Door):
    help = "Puts a backup in the place of this installation's database and uploads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="what manage.py backup wrote")
        parser.add_argument("--check", action="store_true", help="only look whether it is whole")
        parser.add_argument(
            "--replace", action="store_true", help="the database holds people already"
        )
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        path, begun = Path(options["file"]), time.monotonic()
        done = check(path) if options["check"] else restore(path, replace=options["replace"])
        seconds = round(time.monotonic() - begun, 1)
        found = {**asdict(done), "seconds": seconds}
        if options["json"]:
            self.say_json(found)
            return
        words = (
            _("The backup of %(made_at)s is whole: %(rows)s rows, %(files)s files.")
            if options["check"]
            else _("Restored as of %(made_at)s: %(rows)s rows, %(files)s files, %(seconds)s s.")
        )
        made = timezone.localtime(datetime.fromisoformat(done.made_at))
        self.stdout.write(words % {**found, "made_at": f"{made:%Y-%m-%d %H:%M:%S}"})
