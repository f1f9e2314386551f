"""Luoyang's 13 measures stand in the pack as the paper has them (001-01…06)."""

from collections import Counter
from datetime import date

from workflows.packs import parse_pack, shipped_text

PACK = parse_pack(shipped_text("luoyang-2022"), "luoyang-2022.yaml")
COUNTIES = "各县区政府（管委会）"
# number; leads in order; responsible units; until when, as the paper says it
PAPER = f"""
（一）1  市统计局                       {COUNTIES}            2022年3月底
（一）2  市统计局                       {COUNTIES}            2022年3月底
（一）3  市工信局、统计局               {COUNTIES}            2022年3月底
（一）4  市科技局、教育局               市工信局、发展改革委  2022年3月底
（二）1  市工信局、科技局               -                     2022年11月底
（二）2  市工信局、科技局               -                     持续开展
（三）1  市工信局                       -                     2022年12月底
（三）2  市市场监管局                   -                     2022年12月底
（三）3  市科技局、教育局               -                     2022年12月底
（三）4  市科技局、工信局、发展改革委   -                     持续开展
（四）1  市科技局、工信局、统计局       {COUNTIES}            2022年12月底
（四）2  市科技局、工信局、财政局、税务局 -                   持续开展
（四）3  {COUNTIES}                     -                     持续开展
"""
DAYS = {
    "2022年3月底": date(2022, 3, 31),
    "2022年11月底": date(2022, 11, 30),
    "2022年12月底": date(2022, 12, 31),
    "持续开展": None,
}


def units(words: str) -> tuple[str, ...]:
    """“市工信局、统计局” are two of the city's bureaus; the counties are a class (001-04)."""
    if words in ("-", COUNTIES):
        return ("counties",) if words == COUNTIES else ()
    return tuple(name if name.startswith("市") else f"市{name}" for name in words.split("、"))


def test_units_and_days_are_the_papers() -> None:
    """001-01 leads and responsible units, 001-02 deadlines, 001-03 leads in order, 001-04."""
    rows = [line.split() for line in PAPER.strip().splitlines()]
    theirs = [(n, units(leads), units(done), DAYS[when]) for n, leads, done, when in rows]
    ours = [(m.number, m.leads, m.responsible, m.time.by or m.time.until) for m in PACK.measures]
    assert ours == theirs


def test_kinds_of_deadlines_as_they_are_counted() -> None:
    """001-02: March 4, November 1, December 4, ongoing 4; eight without a responsible unit."""
    days = Counter(m.time.by or m.time.until for m in PACK.measures)
    assert sorted(days.values()) == [1, 4, 4, 4]
    assert sum(not m.responsible for m in PACK.measures) == 8
    assert PACK.measure("publicity").time.every == "month"  # 001-05
    assert PACK.measure("events").time.count == 5  # 001-06


def test_what_each_measure_is_about() -> None:
    """001-10 statutory forms, 001-11 and 001-12 the register fed back, 001-14 research resources,
    001-15 new entrants, 001-16 diagnosis firms, 001-17 a sub-campaign, 001-18 green channel,
    001-19 policies, 001-20 the counties' own measures."""
    said = {
        "filing_forms": "应填尽填、应统尽统",
        "clearing": "清理退库，反馈最新名单",
        "resources": "研发资源调查",
        "joining": "升规入统",
        "growing": "小升规",
        "upgrading": "三大改造",
        "patents": "知识产权“清零”",
        "green_channel": "绿色通道",
        "benefits": "加计扣除",
        "county_policies": "首次开展研发统计",
    }
    assert {key: PACK.measure(key).title.zh for key, words in said.items()} == {
        key: next(m.title.zh for m in PACK.measures if words in m.title.zh)
        for key, words in said.items()
    }
