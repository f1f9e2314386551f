"""The schema for editors: it accepts the packs that ship, and marks what is misspelt."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.plain import loaded
from workflows.pack_schema import pack_schema
from workflows.packs import SHIPPED, shipped_text

SCHEMA = pack_schema()
PACKS = sorted(file.stem for file in SHIPPED.glob("*.yaml"))


def read(text: str) -> Any:
    """As an editor reads it: keys are words, days are texts."""
    return _plain(loaded(text))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def faults(data: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(data)]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("key", PACKS)
def test_packs_that_ship_are_valid(key: str) -> None:
    assert faults(read(shipped_text(key))) == []


@pytest.mark.parametrize(
    ("stands", "written"),
    [
        ("owner: county #", "ownr: county #"),
        ("owner: county #", "owner: mayor #"),
        ("closes_when: {all: [institution", "closes_when: {every: [institution"),
        ("quiet_season: true", "quiet_season: sometimes"),
        ("from: 01-01", "from: 1 January"),
        ("key: luoyang-2022", "kye: luoyang-2022"),
        ("release: person", "release: robot"),
        ("time: {within: 15 working_days}", "time: {whitin: 15 working_days}"),
    ],
)
def test_what_is_misspelt_is_marked(stands: str, written: str) -> None:
    text = shipped_text("luoyang-2022")
    assert stands in text
    assert faults(read(text.replace(stands, written, 1)))


def test_every_model_is_described_in_english() -> None:
    defs = SCHEMA["$defs"]
    assert SCHEMA["description"].startswith("All rules of a programme.")
    assert [name for name, model in defs.items() if not model.get("description")] == []
    assert all(model["title"] == name for name, model in defs.items())
