"""Tables that are no app's to write out or to bring back."""

from __future__ import annotations

from typing import Any


class KeptByTriggers:
    """``dumpdata`` leaves the table of names out: SQLite has none, PostgreSQL fills it itself with
    the firms that ``loaddata`` brings (docs/adr/0065)."""

    def allow_migrate(
        self, _database: str, app_label: str, model_name: str | None = None, **_hints: Any
    ) -> bool | None:
        return False if (app_label, model_name) == ("enterprises", "pairedname") else None
