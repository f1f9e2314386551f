"""A wrong pack is refused with the line and the reason; every text has its English twin."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from workflows.pack_source import LONGEST, load
from workflows.packs import Pack, PackError, parse_pack, shipped_text
from workflows.text import Rule, Text

TEXT = shipped_text("luoyang-2022")


def findings(text: str) -> set[tuple[int, str]]:
    with pytest.raises(PackError) as caught:
        parse_pack(text, "wrong.yaml")
    assert all(finding.message for finding in caught.value.findings)
    return {(finding.line, finding.code) for finding in caught.value.findings}


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) >= 1, old
    return TEXT.replace(old, new, 1)


def test_a_missing_part_is_named() -> None:
    text = TEXT.replace("root_procedure: assistance # 001-23\n", "")
    with pytest.raises(PackError) as caught, override("en"):
        parse_pack(text, "wrong.yaml")
    [finding] = caught.value.findings
    assert finding.message == "“root_procedure” is missing."


def test_an_error_names_file_line_and_reason() -> None:
    text = changed("unit: 市国资委", "unit: 市国资局")
    with pytest.raises(PackError) as caught, override("en"):
        parse_pack(text, "wrong.yaml")
    line = line_of(text, "unit: 市国资局")
    words = f"wrong.yaml line {line}: “市国资局” is not defined in this pack."
    words += " Did you mean “市国资委”?"
    assert caught.value.args[0] == words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "yaml"),
        ("- 1", "yaml"),
        ("a: &x [1]\nb: *x", "alias"),
        ("a: !!python/object:os.system 1", "yaml"),
        ("a: 2022-13-45", "yaml"),
        ("? [1, 2]\n: 3", "yaml"),
        ("a: " + "[" * 40 + "]" * 40, "alias"),
        ("a" * (LONGEST + 1), "too_long"),
    ],
)
def test_text_that_is_no_pack_is_refused_not_read(text: str, code: str) -> None:
    assert code in {found for _line, found in findings(text)}


def test_dates_count_from_the_day_of_issue() -> None:
    text = (
        "a: issued\nb: issued - 9 months\nc: end_of issued + 2 months\nd: start_of issued - 1 month"
    )
    data = load(text, issued_on=date(2026, 11, 30)).data
    assert list(data.values()) == [
        date(2026, 11, 30),
        date(2026, 2, 28),
        date(2027, 1, 31),
        date(2026, 10, 1),
    ]


def texts(value: Any, path: str = "") -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, Rule):
        for key in type(value).model_fields:
            yield from texts(getattr(value, key), f"{path}.{key}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, f"{path}.{key}")
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from texts(item, f"{path}.{place}")


@pytest.mark.parametrize("key", ["luoyang-2022", "demo"])
def test_every_text_of_a_shipped_pack_has_an_english_twin(key: str) -> None:
    found = list(texts(parse_pack(shipped_text(key))))
    chinese = re.compile(r"[一-鿿]")
    assert len(found) > 300
    assert [path for path, text in found if chinese.search(text.zh) and not text.en] == []
    assert [path for path, text in found if chinese.search(text.en)] == []


def test_placeholders_of_both_languages_agree() -> None:
    for key, text in parse_pack(TEXT).texts.items():
        zh, en = (set(re.findall(r"\{(\w+)\}", words)) for words in (text.zh, text.en))
        assert zh == en, key


def test_a_pack_cannot_be_changed() -> None:
    pack: Pack = parse_pack(TEXT)
    with pytest.raises(ValueError, match="frozen"):
        pack.city = "别处"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("chased: false", "chased: perhaps", "“chased” cannot be “perhaps”; it should be “true”"),
        (
            "city_target: 50",
            "city_target: half",
            "“city_target” cannot be “half”; it should be a n",
        ),
        ("from: 01-01", "from: 13-01", "a day of the year is written “03-31”"),
        ("industry: [301-303]", "industry: [303-301]", "the range “303-301” runs backwards"),
        ("{all: [has_spending]}", "{some: [has_spending]}", "a rule is “all”, “any”, or “at_least"),
        (
            "time: {next_batch_day: true, not_after: 2022-12-20}",
            "time: {roll: back}",
            "a deadline has exactly one of: within, by",
        ),
        (
            "counting: calendar_days",
            "counting: moons",
            "possible: 'working_days' or 'calendar_days'",
        ),
        ("zones: # 001-08", "zones: 3\nzonen:", "“zones” cannot be “3”; it should be a list of"),
        (
            "min_rows: 1",
            "min_rows: one",
            "“min_rows” cannot be “one”; it should be a whole number.",
        ),
        ("work_from: 2022-01-01", "work_from: soon", "it should be a date such as 2022-03-31."),
        ("key: luoyang-2022", "key: Luoyang 2022", "small letters, digits and hyphens only"),
        ("key: watching", "key: survey", "the stage “survey” is given twice"),
    ],
)
def test_the_reason_is_given_in_plain_words(old: str, new: str, words: str) -> None:
    with pytest.raises(PackError) as caught, override("en"):
        parse_pack(changed(old, new), "wrong.yaml")
    assert any(words in finding.message for finding in caught.value.findings), caught.value


def with_department_review() -> str:
    """Luoyang's plan with a department's review (部门会签) between county and city."""
    stage = """
      - key: department_review # inferred
        title: 部门会签 | Department review
        state_label: 待部门会签 | For the department's review
        firm_label: 材料审核中 | Papers under review
        phase: closure
        owner: department
        time: {within: 3 working_days}
        ladder: department
        waits_higher: true
        moves:
          - {verb: advance, to: confirmation, label: 同意 | Agree}
          - {verb: send_back, to: rectification, label: 退回补正 | Send back}
      - key: confirmation"""
    text = changed("to: confirmation, label: 审核通过", "to: department_review, label: 审核通过")
    return text.replace("\n      - key: confirmation", stage, 1)


def test_a_department_may_review_between_county_and_city() -> None:
    """A city that wants it puts a stage in: no code changes."""
    pack = parse_pack(with_department_review())
    [move] = [m for m in pack.root.moves("county_review") if m.verb == "advance"]
    assert move.to == "department_review"
    assert pack.root.stage("department_review").owner == "department"


def test_an_issued_plan_may_still_say_english_names() -> None:
    """ADR 13: they are read and left aside; no county, unit or schema knows them."""
    text = shipped_text("luoyang-2022")
    county, office = "  - {name: 洛龙区,", "    short_name: 市专班办\n"
    assert county in text
    assert office in text
    text = text.replace(county, "  - {name: 洛龙区, en: Luolong,")
    text = text.replace(office, office + "    en: Office\n") + "\ncity_en: Luoyang\n"
    assert parse_pack(text).counties == parse_pack(shipped_text("luoyang-2022")).counties
    assert "city_en" not in json.dumps(Pack.model_json_schema())
