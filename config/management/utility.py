"""``manage.py``: Django's own entrance, with an unknown command told in words."""

from __future__ import annotations

import json
import sys
from difflib import get_close_matches

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import (
    BaseCommand,
    ManagementUtility,
    get_commands,
    load_command_class,
)
from django.utils.translation import gettext as _

from config.management import helping

COLUMNS = 90
NAMES = 18


class Utility(ManagementUtility):
    def main_help_text(self, commands_only: bool = False) -> str:
        """Our commands with a sentence each, then the names of Django's; shells ask for names."""
        if commands_only:
            return super().main_help_text(commands_only)
        django.setup()
        apps = get_commands()
        words = _(
            "Everything that the office does in the browser works here too. “manage.py COMMAND "
            "--help” shows what a command takes."
        )
        said = [*helping.lines(words, COLUMNS), ""]
        for name in sorted(name for name, app in apps.items() if app == "config"):
            about = helping.words(load_command_class("config", name).help)
            first, *others = helping.lines(about, COLUMNS - NAMES)
            said += [name.ljust(NAMES) + first, *(" " * NAMES + line for line in others)]
        rest = " ".join(sorted(name for name, app in apps.items() if app != "config"))
        words = _("Django's own, for whoever runs the server: %(names)s.") % {"names": rest}
        return "\n".join([*said, "", *helping.lines(words, COLUMNS)])

    def fetch_command(self, subcommand: str) -> BaseCommand:
        known = sorted(name for name, app in get_commands().items() if app == "config")
        if subcommand not in get_commands():
            near = get_close_matches(subcommand, known, 3) or known
            words = _("There is no command “%(name)s”. There is: %(known)s.")
            told = words % {"name": subcommand, "known": " ".join(near)}
            if "--json" in self.argv:
                # as every command answers a program (``Spoken.say_error``)
                error = {"error": {"code": "wrong_input", "words": told}}
                sys.stdout.write(json.dumps(error, ensure_ascii=False, indent=1) + "\n")
            sys.stderr.write(f"{told}\n")
            sys.exit(2)
        return super().fetch_command(subcommand)


def run(argv: list[str]) -> None:
    """A setting that cannot be meant is said in its one line; ``--traceback`` shows where."""
    try:
        Utility(argv).execute()
    except ImproperlyConfigured as wrong:
        if "--traceback" in argv:
            raise
        sys.stderr.write(f"{wrong}\n")
        sys.exit(1)
