"""``manage.py backup FOLDER``: database and uploads of one moment as one file, with its list."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.backing_up import MEDIA, back_up
from config.commanding import Door
from config.management import arguments
from notifications import pulse
from organisations import clock


class Command(Door):
    help = "Writes database and uploads as one file; may run while people work."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", help="where the file goes, on another disk")
        parser.add_argument(
            "--keep", type=arguments.count, default=0, help="only the newest stay (0: all)"
        )
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        path, manifest = back_up(Path(options["folder"]), timezone.now(), options["keep"])
        done = {
            "file": str(path),
            "bytes": path.stat().st_size,
            "tables": len(manifest.tables),
            "rows": sum(manifest.tables.values()),
            "files": sum(name.startswith(MEDIA) for name in manifest.files),
        }
        pulse.beat("backup", clock.of_the_machine(), **done)
        if options["json"]:
            self.say_json(done)
            return
        words = _("%(file)s: %(rows)s rows in %(tables)s tables, %(files)s files.")
        self.stdout.write(words % done)
