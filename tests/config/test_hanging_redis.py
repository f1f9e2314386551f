"""Redis that accepts and never answers: every page in less than three seconds, no work lost."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from enterprises.models import ImportBatch
from organisations import wake
from tests.config.test_commands import as_json
from tests.enterprises.sheets import firm as line
from tests.house.test_wake import PATIENCE_SECONDS, broker, silent_port
from tests.wizard import upload
from tests.world import World

__all__ = ["broker", "silent_port"]
BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGES = ("workbench", "ledger", "notices", "status", "deliveries", "imports", "healthz", "readyz")


def test_no_page_waits_for_redis(
    world: World,
    broker: Any,
    silent_port: int,
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = f"redis://127.0.0.1:{silent_port}/0"
    broker(url)
    patience = {"socket_connect_timeout": 1, "socket_timeout": 1}
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": url, "OPTIONS": patience}}
    client, before = Client(), wake.failures
    client.force_login(world.people["office/1"], backend=BACKEND)
    took = {}
    for name in PAGES:
        begun = time.monotonic()
        assert client.get(reverse(name)).status_code == 200, name
        took[name] = time.monotonic() - begun
    # the one deed that wakes the worker: a large register that is handed in
    monkeypatch.setattr("config.imports.reading.READ_AT_ONCE", 0)
    begun = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        batch = upload(client, tmp_path, [line(1)])
    took["upload"] = time.monotonic() - begun
    assert max(took.values()) < PATIENCE_SECONDS, took
    assert wake.failures == before + 1
    assert ImportBatch.objects.filter(pk=batch.pk).exists()  # the page reads it by itself
    assert as_json("tick", "--at", "2022-03-01")["rungs"] == 0
