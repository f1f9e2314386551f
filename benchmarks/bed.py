"""A database of its own for a part, with the small city of the tests in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django


@contextmanager
def on_postgresql(memory: str = "") -> Iterator[None]:
    """PostgreSQL as a city would run it: what is committed is on the disk.

    ``memory``: what docs/operations.md asks to give it for a country (shared_buffers)."""
    from tests.servers import postgres

    with postgres(is_durable=True, memory=memory) as url, _django(url):
        yield


@contextmanager
def on_sqlite() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, _django(f"sqlite:///{folder}/bench.sqlite3"):
        yield


@contextmanager
def _django(url: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": url,
            "XIAOHAO_VAR": str(Path(folder)),
        }
        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        try:
            yield
        finally:
            connections.close_all()
