"""``manage.py migrate``: Django's own, and the guards that a remade table has lost are put back."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from enterprises import paired
from organisations import place_marks, trail


class Command(migrate.Command):
    """On SQLite a change of a table remakes it, and its triggers go without a word: whoever updates
    by this command alone would be left with a trail that can be changed."""

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            connection = connections[options["database"]]
            trail.guard(connection)
            place_marks.watch(connection)
            paired.keep(connection)
