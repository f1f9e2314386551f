"""How far the demo's history has come: a small file that web, worker and builder all can read."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    return Path(settings.VAR_DIR) / "demo"


def keep(day: date, *, done: bool = False) -> None:
    """Remember that the history stands up to the end of ``day``."""
    folder().mkdir(parents=True, exist_ok=True)
    fresh = _file().with_suffix(".new")
    fresh.write_text(json.dumps({"day": day.isoformat(), "done": done}))
    fresh.replace(_file())  # whole or not at all


def built_until() -> date | None:
    """The last day of history; None before the first."""
    mark = _read()
    return date.fromisoformat(str(mark["day"])) if mark else None


def is_building() -> bool:
    """Whether the demo's clock still belongs to the builder, who ticks for himself."""
    mark = _read()
    return bool(settings.DEMO) and not (mark and mark["done"])


def _file() -> Path:
    return folder() / "history.json"


def _read() -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads(_file().read_text())
    except FileNotFoundError:
        return {}
    return found
