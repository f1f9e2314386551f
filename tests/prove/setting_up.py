"""A process of the proofs: Django on a database of its own, with the tests' quick settings."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import django


def set_up(database: str = "") -> None:
    """``database``: a DATABASE_URL; without one a SQLite file."""
    for name in ("REDIS_URL", "XIAOHAO_DEMO", "XIAOHAO_DEBUG", "XIAOHAO_HTTPS", "DATABASE_URL"):
        os.environ.pop(name, None)
    if database:
        os.environ["DATABASE_URL"] = database
    os.environ["XIAOHAO_VAR"] = tempfile.mkdtemp(prefix="xiaohao-prove-var-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from django.conf import settings
    from django.utils import translation

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_BROKER_URL = "memory://"
    settings.CELERY_BROKER_TRANSPORT = None
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    translation.activate(settings.LANGUAGE_CODE)
    from tests.kept import recall_the_calendar

    recall_the_calendar()


def catalogues() -> None:
    from config.prepare import compile_catalogues

    compile_catalogues(Path(__file__).resolve().parents[2])
