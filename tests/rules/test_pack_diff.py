"""What changed between two packs, in the words of an office; which cases it concerns."""

import re

import pytest
from django.utils.translation import override

from workflows.pack_diff import PARTS, Diff, compare
from workflows.packs import parse_pack, shipped_text
from workflows.text import Text

TEXT = shipped_text("luoyang-2022")
OLD = parse_pack(TEXT)

# (stands, written instead, part, where, words)
CHANGES = [
    (
        "within: 15 working_days} # inferred\n        form: survey",
        "within: 12 working_days}\n        form: survey",
        ("times", "一企一案帮扶 · 摸底", "时限由“15个工作日内”改为“12个工作日内”"),
    ),
    (
        "{have: spending, grades: [C], within: 130 working_days",
        "{have: spending, grades: [C], within: 90 working_days",
        (
            "times",
            "整改事项 · 整改事项 · 研发经费（C类）",
            "时限由“130个工作日内，不晚于2022年11月30日”改为“90个工作日内，不晚于2022年11月30日”",
        ),
    ),
    (
        "        owner: county # inferred\n        form: remedy_{have}",
        "        owner: township\n        form: remedy_{have}",
        ("owners", "整改事项 · 整改事项", "承办方由“县区”改为“乡镇（园区）”"),
    ),
    (
        "closes_when: {all: [institution, staff, spending, cooperation]}",
        "closes_when: {any: [institution, staff, spending]}",
        (
            "criteria",
            "一企一案帮扶",
            "销号条件由“全部满足：研发机构、研发人员、研发经费、产学研合作”"
            "改为“满足任一：研发机构、研发人员、研发经费”",
        ),
    ),
    (
        "- {key: phone, offset: 5,",
        "- {key: phone, offset: 4,",
        ("ladders", "摸底催办阶梯 · 电话提醒", "时点（工作日）由“5”改为“4”"),
    ),
    (
        "{key: met, kind: text, prefilled: visit_met, label: 企业参加人",
        "{key: met, kind: text, required: true, prefilled: visit_met, label: 企业参加人",
        ("forms", "摸底表 · 企业参加人", "必填由“否”改为“是”"),
    ),
    (
        "unit: 市国资委",
        "unit: 市工信局",
        ("assignment", "驻洛国有企业", "归口部门由“市国资委”改为“市工信局”"),
    ),
    (
        "  洛宁县: {2021: 50, 2022: 55}",
        "  洛宁县: {2021: 50, 2022: 60}",
        ("targets", "洛宁县 · 2022", "目标由“55%”改为“60%”"),
    ),
    (
        "          - {verb: send_back, to: survey, label: 退回上一环节 | Send back a step}\n",
        "",
        ("stages", "一企一案帮扶 · 对接", "取消流转“退回上一环节”：→ 摸底"),
    ),
    (
        "city_target: 50 # 001-07\n",
        "",
        ("targets", "", "取消全市目标（原为“50%”）"),
    ),
]


def differ(old: str, new: str) -> Diff:
    assert old in TEXT
    return compare(OLD, parse_pack(TEXT.replace(old, new, 1)))


@pytest.mark.parametrize(("stands", "written", "change"), CHANGES)
def test_one_change_is_one_sentence(
    stands: str, written: str, change: tuple[str, str, str]
) -> None:
    with override("zh-hans"):
        assert [found[:3] for found in differ(stands, written).changes] == [change]


def test_what_reads_the_same_is_told_apart() -> None:
    """A renamed key under the same title, a long text that parts late, the English twin alone."""
    with override("zh-hans"):
        renamed = compare(OLD, parse_pack(re.sub(r"\bmatching\b", "pairing", TEXT)))
        said = [change.words for change in renamed.changes]
        assert {"取消环节“对接（matching）”", "新增环节“对接（pairing）”"} <= {*said}
        assert not any(re.search("“([^”]+)”改为“\\1”", words) for words in said), said
        renamed = compare(
            OLD,
            parse_pack(
                TEXT.replace("initial: proving", "initial: again", 1)
                .replace("key: proving\n", "key: again\n", 1)
                .replace("reopens_at: proving", "reopens_at: again", 1)
            ),
        )
        said = [change.words for change in renamed.changes]
        assert "首个环节由“年度巩固（proving）”改为“年度巩固（again）”" in said, said
        long = "洛" * 70
        a, b = (OLD.model_copy(update={"title": Text(zh=f"{long}{end}")}) for end in "甲乙")
        [change] = compare(a, b).changes
        assert ("洛甲”改为“…" in change.words, "洛乙”" in change.words) == (True, True)
        a, b = (OLD.model_copy(update={"title": Text(zh="甲", en=end)}) for end in "ab")
        [change] = compare(a, b).changes
        assert "“甲 | a”改为“甲 | b”" in change.words


def test_nothing_changed_says_nothing() -> None:
    """Comments and the order of keys are no rules."""
    diff = compare(OLD, parse_pack(f"# a remark\n{TEXT}"))
    assert diff == Diff((), frozenset(), False)
    assert diff.parts() == {}


def test_a_new_stage_is_told_with_its_moves() -> None:
    text = TEXT.replace("to: county_review,", "to: talks,", 1)
    stage = TEXT[TEXT.index("      - key: county_review") : TEXT.index("      - key: confirmation")]
    new = stage.replace("key: county_review", "key: talks").replace("县级审核 |", "部门会签 |")
    new = new.replace("to: confirmation", "to: county_review")
    diff = compare(OLD, parse_pack(text.replace(stage, new + stage, 1)))
    with override("zh-hans"):
        said = [(c.part, c.where, c.words) for c in diff.changes]
    assert ("stages", "一企一案帮扶", "新增环节“部门会签”") in said
    assert all(part == "stages" for part, _where, _words in said)


def test_english_is_complete() -> None:
    stands, written, _change = CHANGES[3]
    with override("en"):
        [change] = differ(stands, written).changes
    assert change.words == (
        "the closing criteria: “all of: R&D body, R&D staff, R&D spending, cooperation with "
        "research” becomes “any of: R&D body, R&D staff, R&D spending”"
    )


def test_a_change_concerns_the_cases_that_stand_there() -> None:
    survey = differ(
        "within: 15 working_days} # inferred\n        form", "within: 9 working_days}\n        form"
    )
    assert survey.touches("assistance", "survey")
    assert not survey.touches("assistance", "matching")
    # a ladder and a form concern the stages that use them, an included form too
    ladder = differ("- {key: phone, offset: 5,", "- {key: phone, offset: 4,")
    assert ladder.touches("assistance", "survey")
    assert not ladder.touches("assistance", "county_review")
    assert differ("{key: difficulty, kind", "{key: trouble, kind").touches("remedy", "open")
    # targets concern no case, classes and haves every one
    assert not differ("city_target: 50", "city_target: 51").concerned
    assert differ("{key: D, label: 暂不具备 ", "{key: D, label: 观察 ").touches("remedy", "open")


def test_every_part_has_a_name() -> None:
    with override("en"):
        assert all(str(name) for name in PARTS.values())
