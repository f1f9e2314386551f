"""The files of papers from the command line: worked through, swept, and who has seen them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.test import Client
from django.urls import reverse

from cases.models import Evidence, PaperFile
from tests.cases.standing import LEAD, WORKER, rectifying
from tests.cases.test_paper_files import hand_in
from tests.config.test_commands import as_json, run
from tests.world import World

DAY = "2022-03-02"


def name_of(world: World, who: str) -> str:
    return world.people[who].username


def test_the_worker_s_round_by_hand(world: World, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)  # without what other tests have left to be swept up
    row = hand_in(world, rectifying(world))
    assert as_json("papers", "work", "--at", DAY)["drawn"] == 1
    # the scanner that is set up later is not there yet
    settings.CLAMD = "unix:/nowhere/clamd.ctl"
    done = as_json("papers", "scan", "--all", "--at", DAY)
    assert done == {"asked_again": 1, "clean": 0, "infected": 0, "waiting": 1}
    assert PaperFile.objects.get(sha256=row.sha256).scan == "waiting"
    assert run("papers", "sweep", "--dry-run") == ""


def test_who_has_seen_a_paper(world: World) -> None:
    row = hand_in(world, rectifying(world))
    client = Client()
    client.force_login(world.people[LEAD], "django.contrib.auth.backends.ModelBackend")
    client.get(reverse("evidence_file", args=[row.pk])).getvalue()
    [seen] = as_json("papers", "seen", str(row.pk), "--by", name_of(world, "office/1"), "--at", DAY)
    assert (seen["who"], seen["how"], seen["times"]) == (str(world.people[LEAD]), "fetched", 1)
    with pytest.raises(CommandError):
        run("papers", "seen", str(row.pk), "--by", name_of(world, "supervisor"), "--at", DAY)
    assert Evidence.objects.get().pk == row.pk
    assert world.people[WORKER] not in {sight.by for sight in row.sights.all()}
