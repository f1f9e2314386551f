"""``manage.py``: Django's own entrance, with an unknown command told in words."""

from __future__ import annotations

import sys
from difflib import get_close_matches

from django.core.management import BaseCommand, ManagementUtility, get_commands
from django.utils.translation import gettext as _


class Utility(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        known = sorted(name for name, app in get_commands().items() if app == "config")
        if subcommand not in get_commands():
            near = get_close_matches(subcommand, known, 3) or known
            words = _("There is no command “%(name)s”. There is: %(known)s.")
            sys.stderr.write(words % {"name": subcommand, "known": " ".join(near)} + "\n")
            sys.exit(2)
        return super().fetch_command(subcommand)


def run(argv: list[str]) -> None:
    Utility(argv).execute()
