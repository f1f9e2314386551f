"""The office at the import wizard: uploads, pages and acts by a test client."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config.imports.reading import read_now
from enterprises.models import ImportBatch
from tests.enterprises.sheets import firm, write
from tests.world import at

NOW = at(date(2022, 3, 1))
DATA = Path(__file__).resolve().parent / "data"
State = ImportBatch.State
COUNTIES = ("涧西区", "嵩县")


def rows(count: int) -> list[list[Any]]:
    return [firm(n, county=COUNTIES[n % 2]) for n in range(1, count + 1)]


def upload(
    client: Client, tmp_path: Path, cells: list[list[Any]], day: str = "2022-01-31"
) -> ImportBatch:
    """Posts a register and reads it, as the worker would."""
    content = write(tmp_path / "名单.xlsx", cells).read_bytes()
    file = SimpleUploadedFile("../../名单 <b>.xlsx", content)
    answer = client.post(
        "/imports/new/register/", {"programme": "luoyang-2022", "file": file, "as_of": day}
    )
    assert answer.status_code == 302, answer.content.decode()
    batch = ImportBatch.objects.latest("id")
    read_now(batch.pk, at=NOW)
    batch.refresh_from_db()
    return batch


def page(client: Client, batch: ImportBatch, query: str = "") -> str:
    answer = client.get(f"/imports/{batch.pk}/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, batch: ImportBatch, act: str, **data: Any) -> str:
    """The words that the next page says."""
    answer = client.post(f"/imports/{batch.pk}/{act}/", data, follow=True)
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])
