"""Ownership × industry × county: every firm has one department and the rule that chose it."""

from itertools import product

import pytest
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from workflows.assignment import AssignmentRule, assign, fold_industry, fold_ownership
from workflows.packs import Pack, parse_pack, shipped_text

PACK = parse_pack(shipped_text("luoyang-2022"))
DEMO = parse_pack(shipped_text("demo"))
STATE_OWNED = ["国有企业", "国有独资公司", "国有控股有限责任公司", "国有联营企业"]
OTHERS = ["私营有限责任公司", "其他有限责任公司", "港澳台商独资", "集体企业", ""]
# Every division of mining, manufacturing and supply, and the finer ones that rules name.
DIVISIONS = [f"{division:02d}" for division in range(6, 47)]
FINER = ["301", "302", "303", "308", "3021", "3089", "4412", "4511", "4620", "441", "443"]
RULES = {
    **dict.fromkeys(["06"], ("coal", "市发展改革委")),
    **dict.fromkeys(["44", "441", "443", "4412"], ("power_heat", "市发展改革委")),
    **dict.fromkeys(["45", "4511"], ("gas", "市发展改革委")),
    **dict.fromkeys(["46", "4620"], ("water", "市发展改革委")),
    **dict.fromkeys(["301", "302", "303", "3021"], ("building", "市住建局")),
}


def test_there_are_41_divisions() -> None:
    assert len(DIVISIONS) == 41


@pytest.mark.parametrize("pack", [PACK, DEMO], ids=lambda pack: pack.key)
@pytest.mark.parametrize("industry", DIVISIONS + FINER)
def test_every_firm_of_every_county_has_one_department_and_one_county_unit(
    industry: str, pack: Pack
) -> None:
    """001-24: ownership, industry, catch-all."""
    for county, ownership in product(pack.counties, STATE_OWNED + OTHERS):
        found = pack.assign(ownership=ownership, industry=industry)
        key, unit = RULES.get(industry, ("rest", "市工信局"))
        expected = ("市国资委", "state_owned") if ownership in STATE_OWNED else (unit, key)
        assert found[:2] == expected, (county.name, ownership)
        assert found.words.endswith(f"→ {expected[0]}")
        assert pack.unit(found.unit).name
        assert county.name in pack.units.county_unit.of(county.name).name


def test_the_rule_explains_itself() -> None:
    with override("en"):
        words = PACK.assign(ownership="私营有限责任公司", industry="3021").words
    assert words == "Rule: 301–303 concrete and building materials → 市住建局"
    with override("zh-hans"):
        words = PACK.assign(ownership="私营有限责任公司", industry="3021").words
    assert "301–303 商砼、建筑建材 → 市住建局" in words
    assert len(words) <= 100  # what the database keeps of it


def test_every_registration_type_of_the_sample_registers_is_known() -> None:
    types = registration_types("tests/data/luoyang-register-2022-01.xlsx")
    state = {t for t in types if PACK.assign(ownership=t, industry="3511").unit == "市国资委"}
    assert state == {"国有独资公司", "国有控股有限责任公司"}
    assert len(types) == 5


def registration_types(path: str) -> set[str]:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    head = next(place for place, row in enumerate(rows) if "登记注册类型" in row)
    column = rows[head].index("登记注册类型")
    return {str(row[column]) for row in rows[head + 1 :] if row[column]}


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("国有独资公司", "国有独资公司"),
        (" 国有 独资公司　", "国有独资公司"),
        ("１５１国有独资公司", "国有独资公司"),
    ],
)
def test_ownership_is_folded(written: str, folded: str) -> None:
    assert fold_ownership(written) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("3021", "3021"),
        ("3021.0", "3021"),
        ("C3021", "3021"),
        ("３０２１", "3021"),
        ("", ""),
        ("水泥", ""),
        ("30211", ""),
    ],
)
def test_industry_is_folded(written: str, folded: str) -> None:
    assert fold_industry(written) == folded


def test_an_unknown_industry_goes_to_the_catch_all() -> None:
    assert PACK.assign(ownership="", industry="9999").unit == "市工信局"
    assert PACK.assign(ownership="", industry="").unit == "市工信局"


def rule(key: str, **facts: object) -> AssignmentRule:
    return AssignmentRule.model_validate({"key": key, "unit": key, "label": key} | facts)


def test_the_longest_prefix_wins_whatever_the_order() -> None:
    """004-31, 001-24."""
    rules = [rule("a", industry=["30"]), rule("b", industry=["3021"]), rule("c", industry=["302"])]
    assert assign(rules, ownership="", industry="3021").unit == "b"
    assert assign(rules[::-1], ownership="", industry="3029").unit == "c"
    assert assign(rules, ownership="", industry="3011").unit == "a"


def test_of_equal_prefixes_the_first_rule_wins() -> None:
    rules = [rule("a", industry=["30"]), rule("b", industry=["30"])]
    assert assign(rules, ownership="", industry="3021").unit == "a"


def test_without_a_catch_all_nobody_is_made_up() -> None:
    with pytest.raises(LookupError):
        assign([rule("a", industry=["30"])], ownership="", industry="0610")


def test_a_range_is_every_code_in_it() -> None:
    assert rule("a", industry=["461-463", "06"]).industry == ("461", "462", "463", "06")
    with pytest.raises(ValueError, match="303-301"):
        rule("a", industry=["303-301"])
