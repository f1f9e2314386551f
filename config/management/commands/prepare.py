"""``manage.py prepare``: tables, catalogues and static files as ``up`` makes them, then stop."""

from typing import Any

from django.utils.translation import gettext as _

from config.commanding import Spoken
from config.prepare import prepare


class Command(Spoken):
    help = "Migrates, compiles the catalogues and collects static files; repeatable."

    def handle(self, *args: Any, **options: Any) -> None:
        prepare()
        self.stdout.write(_("Tables, texts and static files are ready."))
