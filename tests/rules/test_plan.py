"""What a plan says beside its cases: phases, goals, classes of units, policies for firms."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils.translation import override

from tests.plain import loaded
from workflows.fitting import FirmFields, FirmRule
from workflows.pack_diff import compare
from workflows.packs import Pack, PackError, parse_pack, shipped_text

TEXT = shipped_text("luoyang-2022")
HEAD = "\nzones:"
GIVEN = loaded(Path(__file__).with_name("plan.yaml").read_text("utf-8"))
PLAN, KINDS, FORM = ("\n" + GIVEN[part] for part in ("plan", "kinds", "form"))
FAULTS = {row["mistake"]: (row["stands"], row["written"], row["code"]) for row in GIVEN["faults"]}


def with_plan(old: str = "", new: str = "") -> str:
    parts = [part.replace(old, new) if old else part for part in (PLAN, KINDS, FORM)]
    text = TEXT.replace(HEAD, parts[0] + HEAD, 1)
    text = text.replace("\n# The 13 measures", parts[1] + "\n# The 13 measures", 1)
    return text.replace("\nforms:\n", "\nforms:\n" + parts[2].lstrip("\n"), 1)


def pack() -> Pack:
    return parse_pack(with_plan(), "plan.yaml")


def test_a_plan_is_read() -> None:
    """004-01 document data, 004-02 goals of three kinds, 004-09 phases, 004-33 copies, 001-27."""
    found = pack()
    assert (found.papers[0].number, found.papers[0].copies_to) == (
        "洛示例〔2022〕1号",
        ("市委各部门",),
    )
    assert found.papers[0].annex_of == "示例方案"
    assert [(p.key, p.from_) for p in found.campaign] == [
        ("first", date(2022, 1, 1)),
        ("second", date(2022, 4, 1)),
    ]
    assert [(g.kind, g.target) for g in found.goals] == [
        ("full", Decimal(100)),
        ("growth", Decimal(10)),
        ("count", Decimal(5)),
    ]
    assert found.measure("bonus").procedure == "policy"
    assert len(found.plan) == len(found.measures) + 1


def test_classes_of_units_are_written_out_in_order_and_once() -> None:
    """004-10: 归口部门、支持部门 are classes that a plan names; the product's own stay."""
    names = pack().expanded(["counties", "supporting", "市税务局", "市科技局"])
    assert names == ("counties", "市财政局", "市税务局", "市科技局")


FITS = {
    "county": "涧西区",
    "industry": "3451",
    "ownership": "私营有限责任公司",
    "facts": {"has_spending": True},
}


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"county": "嵩县"}, False),
        ({"industry": "3610"}, True),
        ({"industry": "3711"}, False),
        ({"ownership": "国有企业"}, False),
        ({"facts": {}}, False),
        ({"facts": {"has_spending": True, "has_staff": True}}, False),
    ],
)
def test_a_policy_fits_whom_its_parts_fit(change: dict[str, object], fits: bool) -> None:
    """002-12: 政策找人."""
    rule = pack().policies[0].fits
    assert rule.fits(**{**FITS, **change}) is fits  # type: ignore[arg-type]


def test_a_policy_without_parts_fits_everybody() -> None:
    assert FirmRule().fits(county="", industry="", ownership="", facts={})


def test_a_form_says_the_same() -> None:
    fields = FirmFields(industries="codes", lacks="lacking", counties="where")
    rule = fields.rule({"codes": "06、34-36 44", "lacking": ["has_spending"], "where": ""})
    assert rule == FirmRule(industries=("06", "34", "35", "36", "44"), lacks=("has_spending",))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name: str) -> None:
    old, new, code = FAULTS[name]
    assert sum(part.count(old) for part in (PLAN, KINDS, FORM)) == 1, name
    with pytest.raises(PackError) as caught:
        parse_pack(with_plan(old, new), "wrong.yaml")
    found = [(finding.code, finding.line) for finding in caught.value.findings]
    assert code in {code for code, _line in found}
    assert all(line > 1 for _code, line in found)


def test_a_measure_in_a_phase_that_is_not_there_or_has_not_begun() -> None:
    for phase, code in (("third", "unknown_phase"), ("second", "phase_order")):
        measure = "title: 做好2021年度"
        text = with_plan().replace(measure, f"phase: {phase}, {measure}", 1)
        with pytest.raises(PackError) as caught:
            parse_pack(text, "wrong.yaml")
        assert [finding.code for finding in caught.value.findings] == [code]


def test_changes_of_a_plan_are_said_in_words() -> None:
    """Counts are no percentages, a paper is known by its title, classes by their key."""
    text = with_plan().replace("kind: count, target: 5", "kind: count, target: 6")
    text = text.replace("number: 洛示例〔2022〕1号", "number: 洛示例〔2022〕2号")
    text = text.replace("lacks: [has_staff]}", "lacks: [has_institution]}")
    text = text.replace("supporting: [市财政局, 市税务局]", "supporting: [市财政局]")
    text = text.replace("value: 40%", "value: 45%").replace("target: 10}", "target: 12}")
    with override("zh-hans"):
        found = [
            (change.part, change.words) for change in compare(pack(), parse_pack(text)).changes
        ]
    assert found == [
        ("stages", "尚缺项由“研发人员”改为“研发机构”"),
        ("stages", "标准由“40%”改为“45%”"),
        ("assignment", "该类单位由“市财政局、市税务局”改为“市财政局”"),
        ("targets", "目标由“10%”改为“12%”"),
        ("targets", "目标由“5”改为“6”"),
        ("other", "编号由“洛示例〔2022〕1号”改为“洛示例〔2022〕2号”"),
    ]
