"""The shipped pack of Luoyang 2022: complete for assistance, every line with its source."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import override

from tests.rules.test_calendar import OFFICIAL
from workflows.deadlines import compute
from workflows.packs import parse_pack, shipped_text

TEXT = shipped_text("luoyang-2022")
PACK = parse_pack(TEXT, "luoyang-2022.yaml")
CITATION = re.compile(r"#.*(\b00[0-4]-\d\d\b|\binferred\b)")

# Paper 001, table of guideline targets: county, 2021, 2022, zone (001-07, 001-08).
PAPER = """
洛龙区 75 80 都市核心区
高新区 80 85 都市核心区
涧西区 75 80 都市核心区
西工区 75 80 都市核心区
伊滨区 70 75 都市核心区
瀍河区 70 75 都市核心区
老城区 70 75 都市核心区
偃师区 65 70 环都市区
孟津区 65 70 环都市区
新安县 65 70 环都市区
伊川县 60 65 环都市区
宜阳县 60 65 环都市区
栾川县 50 55 南部生态区
洛宁县 50 55 南部生态区
汝阳县 50 55 南部生态区
嵩县 50 55 南部生态区
"""


def test_counties_targets_and_zones_are_those_of_the_paper_in_its_order() -> None:
    """001-07 the floor and two years of guidelines, 001-08 three zones."""
    assert PACK.city_target == 50
    rows = [line.split() for line in PAPER.strip().splitlines()]
    ours = [
        [c.name, str(c.targets[2021]), str(c.targets[2022]), PACK.zones[c.zone].zh]
        for c in PACK.counties
    ]
    assert ours == rows


@pytest.mark.parametrize(
    ("written", "meant"),
    [("嵩  县", "嵩县"), ("瀍河回族区", "瀍河区"), ("偃师市", "偃师区"), ("孟津县", "孟津区")],
)
def test_a_county_is_found_under_its_other_names(written: str, meant: str) -> None:
    assert PACK.county(written).name == meant


def test_every_line_with_a_value_cites_a_mechanism_or_says_that_it_is_inferred() -> None:
    assert uncited(TEXT) == []


def test_a_line_without_a_source_is_found() -> None:
    cited = "a: 1 # inferred\nb:\n  - 2\n"
    assert uncited(cited) == uncited(cited.replace("inferred", "00" + "1-07")) == [3]
    assert uncited("a: # inferred\n  - 1\n  - c: 2\nb: 3\n") == [4]


def test_who_until_when_and_reminded_how_is_never_a_papers_by_inheritance() -> None:
    """A step stands in a paper, its owner, date and ladder seldom do: each line says which."""
    assert without_own_mark(TEXT) == []


def test_a_date_that_only_inherits_a_papers_id_is_found() -> None:
    head = "procedures: # 001-13\n  a:\n    stages:\n"
    below = "      - key: survey # 001-13\n        time: {within: 15 working_days}"
    assert without_own_mark(head + below) == [5]
    assert without_own_mark(head + below + " # inferred") == []
    assert without_own_mark(head + "          - {verb: send_back, time: {within: 5 days}}") == [4]


def test_the_limits_of_survey_matching_and_review_are_ours() -> None:
    """001-13 asks for the survey by the end of March as a measure, not for 15 days a firm."""
    limits = re.findall(r"time: \{within: (?:15|20|40|5) working_days.*", TEXT)
    assert len(limits) > 10
    assert all("# inferred" in line for line in limits)
    assert "within: 40 working_days} # 001" not in TEXT


OWED = re.compile(r"\s+(time|owner|ladder):|\s+- \{verb: .*\btime: ")


def without_own_mark(text: str) -> list[int]:
    """Lines of procedures that set owner, time or ladder and leave their mark to what is above."""
    lines = list(enumerate(text.splitlines(), 1))
    first = next(n for n, line in lines if line.startswith("procedures:"))
    last = next((n for n, line in lines if n > first and re.match(r"\w", line)), len(lines) + 1)
    inside = [(n, line) for n, line in lines if first < n < last]
    return [n for n, line in inside if OWED.match(line) and not CITATION.search(line)]


def uncited(text: str) -> list[int]:
    """Lines with a value that neither carry a source nor lie below a line that does."""
    open_: list[tuple[int, bool]] = []
    bare = []
    for number, line in enumerate(text.splitlines(), 1):
        body = line.strip()
        if not body or body.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        while open_ and open_[-1][0] >= indent:
            open_.pop()
        cited = bool(CITATION.search(line)) or any(flag for _indent, flag in open_)
        open_.append((indent, cited))
        has_value = not re.search(r":\s*(#.*)?$", body)
        if has_value and not cited:
            bare.append(number)
    return bare


def test_ladder_and_moves_of_a_case_follow_its_class() -> None:
    """001-09: 分类帮扶."""
    moves = {
        grade: [move.to for move in PACK.root.moves("survey", grade)] for grade in ("A", "B", "D")
    }
    assert moves == {"A": ["rectification"], "B": ["matching"], "D": ["watching"]}


@pytest.mark.parametrize(
    ("have", "limits"),
    [
        ("institution", "15 20 30"),
        ("staff", "10 15 20"),
        ("cooperation", "30 45 65"),
    ],
)
def test_remedies_have_the_limits_of_their_have_and_class(have: str, limits: str) -> None:
    stage = PACK.procedure("remedy").stage("open")
    given = [str(stage.time_for(grade, have)) for grade in "ABC"]
    assert given == [f"within: {n} working_days, not_after: 2022-11-30" for n in limits.split()]


def test_the_planned_line_rises_month_by_month_to_the_target() -> None:
    ends = (date(2022, 12, 31), date(2022, 6, 30), date(2021, 12, 31))
    assert [PACK.planned_share(on) for on in ends] == [1, Decimal("0.5"), 0]


def test_a_firm_is_covered_by_its_spending_alone() -> None:
    """002-04: 覆盖率 asks for R&D activity alone, the closing for all four (001-26)."""
    assert PACK.is_covered({"has_spending": True})
    assert not PACK.is_covered({"has_institution": True, "has_staff": True})
    assert not PACK.is_covered({})


def test_words_follow_the_language() -> None:
    stage = PACK.root.stage("survey")
    with override("zh-hans"):
        assert str(stage.title) == "摸底"
    with override("en"):
        assert str(stage.title) == "Survey"


@pytest.mark.parametrize(
    ("procedure", "stage", "start", "due"),
    [
        ("county_report", "drafting", "2022-03-25", "2022-03-28"),
        # sealed on the last working day, by whoever got it on that day too
        ("county_report", "sealing", "2022-03-28", "2022-03-31"),
        ("county_report", "sealing", "2022-03-31", "2022-03-31"),
        ("county_report", "sealing", "2022-04-01", "2022-04-07"),  # late: three working days
        ("monthly_report", "collecting", "2022-03-25", "2022-04-06"),
        ("monthly_report", "reporting", "2022-04-06", "2022-04-08"),
        ("monthly_report", "reporting_up", "2022-04-07", "2022-04-11"),
    ],
)
def test_each_hop_of_the_monthly_report_has_its_own_day(
    procedure: str, stage: str, start: str, due: str
) -> None:
    """004-23: county, office, the city's leaders, the province."""
    phrase = PACK.procedure(procedure).stage(stage).time_for()
    assert phrase is not None
    day = compute(
        phrase,
        start=date.fromisoformat(start),
        calendar=OFFICIAL,
        work_until=PACK.work_until,
    ).due_on
    assert day == date.fromisoformat(due)
