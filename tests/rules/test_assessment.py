"""年度考核: points with their arithmetic, places, and whom the rules propose (002-08, 004-21)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import pytest
from django.utils.translation import override

from organisations.rounding import half_up
from reports.assessing import Score, Sheet, _commended, _criticised, ranked, value_of
from reports.figures.definitions import BY_KEY
from reports.figures.tally import Tally
from workflows.assessment import Assessment, Outcome, Scored
from workflows.packs import PackError, parse_pack, shipped_text
from workflows.text import Text

D = Decimal


def scored(**more: Any) -> Scored:
    given: dict[str, Any] = {
        "key": "x", "title": Text(zh="指标", en="Indicator"), "of": "coverage_rate",
        "weight": D(40), "full": "target", **more,
    }  # fmt: skip
    return Scored(**given)


@pytest.mark.parametrize(
    ("more", "value", "target", "points", "arithmetic"),
    [
        ({}, "72.6", 75, "38.7", "40 × 72.6 ÷ 75 = 38.7"),
        ({}, "75.0", 75, "40.0", "40 × 75 ÷ 75 = 40.0"),
        ({}, "80.0", 75, "40.0", "40 × 80 ÷ 75 ≥ 40 → 40.0"),
        # half-up on the exact fraction: 20 × 50.5 ÷ 80 = 12.625, and 0.05 is 0.1
        ({"full": D(80), "weight": D(20)}, "50.5", None, "12.6", "20 × 50.5 ÷ 80 = 12.6"),
        ({"full": D(100), "weight": D(5)}, "1.0", None, "0.1", "5 × 1 ÷ 100 = 0.1"),
        ({"full": D(100), "zero": D(50), "weight": D(10)}, "66.0", None, "3.2",
         "10 × (66 − 50) ÷ (100 − 50) = 3.2"),
        ({"full": D(100), "zero": D(50), "weight": D(10)}, "40.0", None, "0.0",
         "10 × (40 − 50) ÷ (100 − 50) ≤ 0 → 0.0"),
        # less is better
        ({"of": "overdue_rate", "full": D(0), "zero": D(10), "weight": D(5)}, "2.5", None, "3.8",
         "5 × (2.5 − 10) ÷ (0 − 10) = 3.8"),
    ],
)  # fmt: skip
def test_points_and_their_arithmetic(
    more: dict[str, Any], value: str, target: int | None, points: str, arithmetic: str
) -> None:
    one = scored(**more)
    full = one.full_for(None if target is None else D(target))
    assert full is not None
    earned = half_up(one.points(D(value), full))
    assert str(earned) == points
    assert Score(one, D(value), full, earned).arithmetic == arithmetic


def test_every_outcome_is_counted_by_the_product() -> None:
    tally = Tally()
    tally.counts.update(opened=10, running=4, overdue=1, closed=6, listed=8, with_rd=2)
    for key in get_args(Outcome):
        assert key == "overdue_rate" or key in BY_KEY
        assert value_of(key, tally) is not None
    assert value_of("overdue_rate", tally) == D("25.0")
    assert value_of("overdue_rate", Tally()) is None


def sheet(name: str, points: str | None, *, reached: bool | None = True) -> Sheet:
    score = Score(scored(), D(50), D(60), None if points is None else D(points))
    return Sheet(0, name, (score,), reached)


def test_equal_totals_share_a_place_and_nobody_is_judged_by_nothing() -> None:
    found = ranked([sheet("甲", "70"), sheet("乙", None), sheet("丙", "80"), sheet("丁", "80")])
    assert [(one.name, one.rank) for one in found] == [
        ("丙", 1), ("丁", 1), ("甲", 3), ("乙", None),
    ]  # fmt: skip


def test_the_rules_propose_and_say_why() -> None:
    rules = Assessment(indicators=(scored(),), commend_first=2, criticise_below=D(60))
    found = ranked(
        [sheet("甲", "90"), sheet("乙", "85", reached=False), sheet("丙", "80"),
         sheet("丁", "80"), sheet("戊", "50", reached=None)]
    )  # fmt: skip
    with override("zh-hans"):
        praised, blamed = _commended(rules, found), _criticised(rules, found)
    # who ties with the last of the first two is named with it; who missed the target never is
    assert [one.sheet.name for one in praised] == ["甲", "丙", "丁"]
    assert [(one.sheet.name, one.reasons) for one in blamed] == [
        ("乙", ("未完成目标",)), ("戊", ("得分50，低于60分",)),
    ]  # fmt: skip
    strict = rules.model_copy(update={"commend_from": D(95), "criticise_missed": False})
    assert not _commended(strict, found)
    assert [one.sheet.name for one in _criticised(strict, found)] == ["戊"]


GOOD = """assessment:
  indicators:
    - {key: a, title: 覆盖率, of: coverage_rate, weight: 60, full: target}
    - {key: b, title: 销号率, of: closing_rate, weight: 40, full: 90}
"""


@pytest.mark.parametrize(
    ("stands", "written", "line", "words"),
    [
        ("weight: 40", "weight: 30", 2, "年度考核各项权重合计为90，应为100。"),
        ("key: b", "key: a", 4, "年度考核中的指标“a”重复。"),
        ("of: closing_rate", "of: sign_ins", 4, ""),
        ("full: 90", "full: target", 4, "县区年度目标是覆盖率目标，其他指标请写数值"),
        ("full: 90", "full: 0", 4, "满分值full与零分值zero不能相同"),
        ("weight: 40", "weight: 0", 4, "指标权重须大于0"),
    ],
)
def test_mistakes_are_named_with_their_line(
    stands: str, written: str, line: int, words: str
) -> None:
    text = shipped_text("luoyang-2022")
    assert parse_pack(f"{GOOD}{text}").assessment is not None
    with pytest.raises(PackError) as caught, override("zh-hans"):
        parse_pack(GOOD.replace(stands, written, 1) + text)
    assert any(f.line == line and words in f[2] for f in caught.value.findings), (
        caught.value.findings
    )
