"""What people do wrong in a pack: each mistake is named with its line, a code and Chinese words."""

from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from tests.plain import loaded
from workflows.pack_words import names_at
from workflows.packs import PackError, parse_pack, shipped_text

TEXT = shipped_text("luoyang-2022")
LISTED = loaded(Path(__file__).with_name("mistakes.yaml").read_text("utf-8"))
MISTAKES: dict[str, dict[str, Any]] = {row.pop("mistake"): row for row in LISTED}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line(mistake: str) -> None:
    row = MISTAKES[mistake]
    assert row["stands"] in TEXT
    wrong = TEXT.replace(row["stands"], row["written"], 1)
    line = wrong[: wrong.index(row["line"])].count("\n") + 1
    with pytest.raises(PackError) as caught, override("zh-hans"):
        parse_pack(wrong, "方案.yaml")
    assert (line, row["code"], row["words"]) in caught.value.findings


def test_mistakes_are_of_many_kinds() -> None:
    assert len(MISTAKES) == len(LISTED) >= 80
    assert len({row["code"] for row in MISTAKES.values()}) >= 40


def test_every_mistake_stands_beside_the_others() -> None:
    """Several faults are told at once, in the order of lines."""
    wrong = TEXT.replace("city_target: 50", "city_target: 500", 1)
    wrong = wrong.replace("zone: core", "zone: kern", 1)
    with pytest.raises(PackError) as caught:
        parse_pack(wrong)
    found = [(finding.line, finding.code) for finding in caught.value.findings]
    assert [code for _line, code in found] == ["percent", "unknown_zone"]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ((), "root_procedure"),
        (("counties", 3), "liaison_group"),
        (("procedures", "assistance", "stages", 0), "waits_higher"),
        (("procedures", "assistance", "stages", 0, "time", 0, "phrase"), "not_after"),
        (("quiet_seasons", 0), "from"),
        (("forms", "survey", "fields", 2, "columns", 0), "required_when"),
    ],
)
def test_names_are_known_at_every_place(path: tuple[str | int, ...], name: str) -> None:
    assert name in names_at(path)


def test_an_issued_pack_is_not_judged_again() -> None:
    """A check that is newer than the pack must not stop the cases that run under it."""
    wrong = TEXT.replace("city_target: 50", "city_target: 500", 1)
    assert parse_pack(wrong, issued=True).city_target == 500
