"""The step of matching ends with one agreement a need, or with a reason why none is needed."""

from datetime import date

import pytest

from workflows import forms
from workflows.packs import PackError, parse_pack, shipped_text

DAY = date(2022, 3, 1)
ROW = {
    "kind": "university", "need": "关键技术", "partner": "示例学院", "met_on": "2022-03-01",
    "way": "on_site", "result": "talking", "next_step": "再谈",
}  # fmt: skip


def errors(*rows: dict[str, str], **values: object) -> dict[str, str]:
    form = parse_pack(shipped_text("luoyang-2022"), "luoyang-2022").form("matching")
    data = {"contacts": [ROW | row for row in rows], **values}
    return forms.validate(form, data, today=DAY)[1]


@pytest.mark.parametrize("result", ["intention", "signed"])
def test_one_agreement_a_need_is_enough(result: str) -> None:
    signed = {"result": result, "agreement": "协议", "signed_on": "2022-03-01"}
    assert errors({}, signed) == {}


def test_a_need_without_agreement_is_named() -> None:
    found = errors({"result": "intention"}, {"need": "人才引进"})
    assert list(found) == ["contacts"]
    assert "人才引进" in found["contacts"]
    assert "关键技术" not in found["contacts"]


def test_no_rows_at_all() -> None:
    assert "contacts" in errors()


def test_not_needed_takes_a_reason_instead() -> None:
    assert errors(not_needed=True, not_needed_reason="自有研究院") == {}
    assert "not_needed_reason" in errors(not_needed=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{field: contacts, column: result", "{field: nowhere, column: result"),
        ("{field: contacts, column: result", "{field: not_needed, column: result"),
        ("{field: contacts, column: result", "{field: contacts, column: nowhere"),
        ("any_of: [intention, signed], per: need", "any_of: [nowhere], per: need"),
        ("any_of: [intention, signed], per: need", "any_of: [signed], per: nowhere"),
    ],
)
def test_a_wrong_outcome_is_found_in_the_pack(old: str, new: str) -> None:
    text = shipped_text("luoyang-2022")
    assert old in text
    with pytest.raises(PackError):
        parse_pack(text.replace(old, new), "luoyang-2022")
