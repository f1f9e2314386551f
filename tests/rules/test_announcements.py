"""Announced working days: a table, a pasted column, the notice itself."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils.translation import override

from workflows.announcements import AnnouncementError, read_days
from workflows.calendar import usual
from workflows.days import official_days

# 国务院办公厅关于2026年部分节假日安排的通知, as published
NOTICE = """国务院办公厅关于2026年部分节假日安排的通知
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
"""


def test_the_notice_gives_the_whole_year() -> None:
    official = {day: worked for day, worked, _name in official_days() if day.year == 2026}
    days = read_days(NOTICE)
    assert {day: worked for day, (worked, _name) in days.items()} == official
    assert days[date(2026, 2, 16)] == (False, "春节")


@pytest.mark.parametrize(
    "line",
    [
        "2027-02-06,休,春节",
        "2027/2/6\t休\t春节",
        "2027年2月6日 休 春节",
        "２０２７－０２－０６，休，春节",
        "2027-02-06,0,春节",
        "2027.2.6 放假 春节",
        "2027-02-06  off  春节",
    ],
)
def test_a_line_as_people_write_it(line: str) -> None:
    assert read_days(line) == {date(2027, 2, 6): (False, "春节")}


def test_spans_and_heads() -> None:
    lines = (
        "日期,休/班,名称",
        "# 春节",
        "2027-02-05至2027-02-07,休,春节",
        "",
        "2027年12月31日至2028年1月1日 休 元旦",
        "2027-02-20 班",
    )
    assert read_days("\n".join(lines)) == {
        date(2027, 2, 5): (False, "春节"),
        date(2027, 2, 6): (False, "春节"),
        date(2027, 2, 7): (False, "春节"),
        date(2027, 12, 31): (False, "元旦"),
        date(2028, 1, 1): (False, "元旦"),
        date(2027, 2, 20): (True, ""),
    }


def test_a_whole_year_is_filled_with_ordinary_days() -> None:
    days = read_days("2027-02-08 休 春节\n2027-02-20 班", whole_from=date.min)
    assert len(days) == 365
    assert days[date(2027, 2, 8)] == (False, "春节")
    assert days[date(2027, 2, 20)][0]
    assert days[date(2027, 3, 1)] == (usual(date(2027, 3, 1)), "")
    assert not days[date(2027, 3, 6)][0]
    # a year that is announced already keeps its other days
    text = "2026-09-01 休\n2027-02-08 休 春节"
    assert len(read_days(text, whole_from=date(2027, 1, 1))) == 366


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("2027-02-06 休\n2027-02-30 休 春节", 2, "没有这一天：2027-02-30。"),
        ("2027-02-06 也许", 1, "日期后应写“休”或“班”。"),
        ("2027-02-06 休\n2月7日 休", 2, "每行应为带年份的日期、“休”或“班”、节日名称。"),
        ("2027-02-06至2027-04-06 休", 1, "“2027-02-06至2027-04-06”不是有效的起止日期。"),
        ("", 1, "没有找到日期。"),
        ("日期,休/班", 1, "没有找到日期。"),
        ("关于2027年部分节假日安排的通知\n没有安排", 1, "在通知中没有找到放假安排。"),
    ],
)
def test_what_is_no_list_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(AnnouncementError) as caught, override("zh-hans"):
        read_days(text)
    assert [tuple(wrong) for wrong in caught.value.wrong] == [(line, words)]
