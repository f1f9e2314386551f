"""Every mechanism of the papers has a home and a test, and the table says so."""

from __future__ import annotations

import pytest

from tests.mechanisms import TABLE, cited, ids, listed, mechanisms, table

# their names alone: where each is cited is looked up in the worker that asks
KEYS = tuple(listed())


def test_all_of_them_are_listed() -> None:
    assert len(KEYS) == 128
    counts = [sum(key.startswith(paper) for key in KEYS) for paper in ("000", "001", "002")]
    assert counts == [35, 27, 17]


@pytest.mark.parametrize("key", KEYS)
def test_each_has_a_test_or_a_reason(key: str) -> None:
    one = mechanisms()[key]
    assert one.tests or one.reason, f"{key} ({one.asks}) has neither a test nor a reason"


@pytest.mark.parametrize("key", KEYS)
def test_each_is_cited_by_a_pack_or_code_or_has_a_reason(key: str) -> None:
    one = mechanisms()[key]
    assert one.packs or one.code or one.reason, f"{key} lives nowhere"


def test_the_table_is_of_today() -> None:
    assert TABLE.read_text("utf-8") == table(), "run .venv/bin/python -m tests.mechanisms"


def test_what_is_cited() -> None:
    assert list(ids("# 001-02…04, 004-25; not 2001-02, 001-022 or 000-12345678")) == [
        "001-02", "001-03", "001-04", "004-25",
    ]  # fmt: skip
    assert list(ids("# inferred, as 001-13, 001-23")) == []
    assert list(ids("# 001-13, the rest as 004-17")) == ["001-13"]
    source = "# 001-01\n@mark  # 001-02\ndef test_a():\n    pass  # 001-03\n\n\nx = 1  # 001-04\n"
    assert list(cited(source)) == [
        ("001-01", ""), ("001-02", "test_a"), ("001-03", "test_a"), ("001-04", ""),
    ]  # fmt: skip
