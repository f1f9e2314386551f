"""工作台账: what it counts, finds, orders; what an outsider sees of it; how many statements."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions import endings, evidence, pauses, stages
from cases.ledger import CHIPS, SORTS, Asked, Ledger
from cases.lights import late_before
from cases.models import Case
from cases.searching import matches
from enterprises.models import Enterprise, MonthlyFact
from organisations.models import Region
from tests.cases.lists import many, sign_in
from tests.world import START, World, at, closing_form, paper

DAY = timedelta(days=1)
Counted = Callable[..., AbstractContextManager[CaptureQueriesContext]]


@pytest.fixture
def two(world: World) -> World:
    """One firm in each of two counties, both opened."""
    world.firm("洛阳示例轴承有限公司")
    world.firm("嵩县示例矿业有限公司", "嵩县")
    world.open()
    return world


def page(world: World, key: str, query: str = "") -> str:
    answer = sign_in(world, key).get(f"/ledger/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


# --- scope ---------------------------------------------------------------------------------------
BEARING, MINE = "洛阳示例轴承有限公司", "嵩县示例矿业有限公司"
SEEN: dict[str, set[str]] = {
    "涧西区/county_worker": {BEARING},
    "嵩县/county_lead": {MINE},
    "office/1": {BEARING, MINE},
    "市工信局/department_lead": {BEARING, MINE},
    "市住建局/department_lead": set(),
    "liaison_member": {BEARING},
    "supervisor": {BEARING, MINE},
    "leader": {BEARING, MINE},
}


def test_everybody_sees_his_part_of_the_map(two: World, today: Any) -> None:
    for who, sees in SEEN.items():
        html = page(two, who)
        assert {name for name in (BEARING, MINE) if name in html} == sees, who


def test_an_outsider_finds_and_counts_nothing(two: World, today: Any) -> None:
    html = page(two, "嵩县/county_worker", "q=轴承")
    # nothing found: its noughts are not those of the ledger
    assert "检索“轴承”：在办0家" in html
    assert "chip=overdue" not in html
    assert "洛阳示例轴承有限公司" not in html
    ledger = Ledger(two.actor("嵩县/county_worker"), START, Asked(chip="sign"))
    assert (ledger.counts["sign"], ledger.counts["running"]) == (1, 1)


def test_neither_a_clerk_nor_anonymous_gets_in(two: World, today: Any) -> None:
    firm = Enterprise.objects.get(name="洛阳示例轴承有限公司")
    two.clerk(firm)
    clerk = sign_in(two, f"clerk/{firm.pk}")
    for address in ("", "print/", "copy/", "export/"):
        answer = clerk.get(f"/ledger/{address}")
        assert answer.status_code == 403
        assert "洛阳示例轴承" not in answer.content.decode()
        assert Client().get(f"/ledger/{address}").status_code == 302


# --- counts --------------------------------------------------------------------------------------
def test_chips_count_what_their_lists_show(world: World, today: Any) -> None:
    """000-18, 001-23: 精准台账管理, the ledger of all cases and what is wrong with them."""
    late, soon, signed, resting = (world.firm(name) for name in ("甲厂", "乙厂", "丙厂", "丁厂"))
    world.open()
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    for firm in (soon, signed, resting):
        stages.acknowledge(world.case(firm).pk, by=worker, at=at(START))
    case = world.case(resting)
    pauses.suspend(case.pk, by=lead, at=at(START), until=START + 10 * DAY, reason="半停产")
    day = START + 20 * DAY  # 15 working days are up on 22 March
    found = Ledger(worker, day, Asked()).counts
    expected = {"overdue": 1, "soon": 2, "sign": 1, "suspended": 1, "shown": 4, "resting": 1}
    assert {name: found[name] for name in expected} == expected
    for chip in CHIPS:
        ledger = Ledger(worker, day, Asked(chip=chip))
        assert ledger.counts[chip] == ledger.counts["shown"] == len(ledger.ids()), chip
    assert Ledger(worker, day, Asked(chip="overdue")).ids() == [world.case(late).pk]


def test_overdue_comes_first_and_a_suspended_case_last(world: World, today: Any) -> None:
    names = ["晚厂", "停厂", "早厂"]
    late, resting, early = (world.firm(name) for name in names)
    world.open(START)
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    for firm in (resting, early):
        stages.acknowledge(world.case(firm).pk, by=worker, at=at(START))
    pauses.suspend(
        world.case(resting).pk, by=lead, at=at(START), until=START + 10 * DAY, reason="停产"
    )
    rows = Ledger(worker, START + 7 * DAY).rows()
    assert [c.enterprise for c in rows] == [late, early, resting]


def test_days_off_belong_to_the_window_before_them(world: World) -> None:
    worker = world.actor("涧西区/county_worker")
    friday = date(2022, 3, 4)
    # Monday, Tuesday, Wednesday are the three working days after Friday
    assert Ledger(worker, friday).soon_until == date(2022, 3, 9)
    assert Ledger(worker, date(2022, 3, 1)).soon_until == date(2022, 3, 4) + 2 * DAY
    assert late_before(date(2022, 3, 18), 10) == date(2022, 3, 7)
    assert late_before(date(2022, 3, 20), 10) == date(2022, 3, 7)


def test_thirty_days_without_anybody_acting(world: World) -> None:
    firm = world.firm("静厂")
    world.open()
    stages.acknowledge(world.case(firm).pk, by=world.actor("涧西区/county_worker"), at=at(START))
    worker = world.actor("涧西区/county_worker")
    assert Ledger(worker, START + 30 * DAY).counts["idle"] == 0
    assert Ledger(worker, START + 31 * DAY).counts["idle"] == 1


def test_papers_wait_for_the_reviewer_but_not_for_whoever_handed_them_in(world: World) -> None:
    world.firm("材料厂")
    world.open()
    case = world.survey(world.case(), "A")
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    [row] = evidence.submit(
        case.pk, criterion="staff", papers=[paper()], by=worker, at=at(START, 11)
    )
    assert Ledger(lead, START).counts["review"] == 1
    assert Ledger(worker, START).counts["review"] == 0
    assert Ledger(world.actor("嵩县/county_lead"), START).counts["review"] == 0
    evidence.return_(row.pk, reason=2, by=lead, at=at(START, 12))
    found = Ledger(worker, START).counts
    assert (found["returned"], found["review"]) == (1, 0)


def test_what_one_owes_is_the_remedies_not_the_case_that_waits_for_them(world: World) -> None:
    world.firm("整改厂")
    world.open()
    case = world.survey(world.case(), "A", institution="regular")
    worker = world.actor("涧西区/county_worker")
    mine = Ledger(worker, START, Asked(of="mine"))
    remedies = set(Case.objects.filter(parent=case).values_list("pk", flat=True))
    assert len(remedies) == 3
    assert set(mine.ids()) == remedies
    assert Ledger(worker, START).ids() == [case.pk]
    assert set(Ledger(worker, START, Asked(of="remedies")).ids()) == remedies


def test_firms_are_counted_as_firms_and_remedies_as_items(world: World, today: Any) -> None:
    world.firm("整改厂")
    world.open()
    world.survey(world.case(), "A", institution="regular")
    worker = sign_in(world, "涧西区/county_worker")
    said = {
        "": "在办1家（其中暂缓0家）；已销号0家",
        "of=paired": "在办0家（其中暂缓0家）；已销号0家",
        "of=mine": "在办3件（其中暂缓0件）",
        "of=remedies": "在办3件（其中暂缓0件）；已办结0件",
        "of=all": "在办3件（其中暂缓0件）",
    }
    for query, words in said.items():
        for page in ("/ledger/", "/ledger/print/"):
            html = worker.get(f"{page}?{query}").content.decode()
            head = html.split("page-head__sub", 1)[1].split("</p>", 1)[0]
            assert words in head, (page, query)
            assert html.count(words) == 2, (page, query)  # on paper too


# --- search, filters, order ----------------------------------------------------------------------
SEARCHES = [
    ("轴承", True),
    ("洛阳示例 轴承", True),
    ("lysl", True),
    ("LYSLZC", True),
    ("lizhou", True),
    ("91410300MA3X00000K", True),
    ("91410300ma3x", True),
    ("2022-00001", True),
    ("2022-1", True),
    ("2022-00002", False),
    ("水泥", False),
    ("%", False),
    # of several words each: name, county, initials, number
    ("示例轴承 涧西", True),
    ("涧西区　lysl", True),
    ("2022-1 涧西 91410300MA3X", True),
    ("轴承 嵩县", False),
    ("涧西 水泥", False),
    # pasted out of a text: in quotes, one of several names, a number as a letter writes it
    ("“洛阳示例轴承有限公司”", True),
    ("「示例轴承」 『涧西』", True),
    ("嵩县样本厂、洛阳示例轴承；", True),
    ("嵩县样本厂、水泥", False),
    ("（2022）00001", True),
    ("〔2022〕第00001号", True),
    ("（2021）00001", False),
    # a column of credit codes out of a sheet; the last one cut off with the search
    ("91410300MA3X00001H 91410300MA3X00000K", True),
    ("91410300MA3X00001H\n９１４１０３００ＭＡ３Ｘ０００００Ｋ\t91410300MA3X00002F", True),
    ("91410300MA3X00001H 91410300MA3X00000K 914", True),
    ("91410300MA3X00001H 91410300MA3X00002F", False),
    ("水泥 91410300MA3X00000K", False),
]


def test_search(world: World) -> None:
    firm = world.firm("洛阳示例轴承有限公司")
    firm.pinyin, firm.initials = "luoyangshilizhoucheng", "lyslzcyxgs"
    firm.save()
    world.open()
    for text, found in SEARCHES:
        asked = Asked.of_query({"q": text}).q
        assert Case.objects.filter(matches(asked)).exists() is found, text
    # every notice of a closing gives its number
    Case.objects.update(closing_serial=877)
    for text, found in {"2022-0877": True, "2022-00877": False, "2021-0877": False}.items():
        assert Case.objects.filter(matches(text)).exists() is found, text
    # the beginning of either number, and the case's without its year
    Case.objects.update(serial=2991, closing_serial=1877)
    begins = ("2022-", "2022-0", "2022-0299", "2022-18", "2022-187", "02991",
              # or any group of its digits
              # typed with another dash, or as it is said
              "2022–02991", "2022——02991", "２０２２－0299", "2022年02991", "2022年第02991号",
              "2022", "2991", "1877", "第1877号", "涧西 1877")  # fmt: skip
    others = ("2021-", "2022-0298", "2022-188", "2022-299", "2021-0299", "02992", "2022-00299",
              "2021", "01877", "2992", "嵩县 1877")  # fmt: skip
    for text, found in dict.fromkeys(begins, True).items() | dict.fromkeys(others, False).items():
        assert Case.objects.filter(matches(text)).exists() is found, text


def test_a_search_of_firms_says_what_stands_among_remedies(world: World, today: Any) -> None:
    world.firm(BEARING)
    world.open()
    world.survey(world.case(), "A")
    Case.objects.filter(criterion="staff").update(title="启明样机")
    html = page(world, "office/1", "q=启明样机")
    assert "在整改事项、提升等事项中有1件在办" in html
    assert "?of=all&amp;q=" in html
    assert BEARING in page(world, "office/1", "of=all&q=启明样机")
    # what was put in quotes is not quoted twice; a narrow line breaks before them
    html = page(world, "office/1", "q=“无此”、「此无」")
    assert "没有找到\u200b“无此、此无”" in html


def test_a_finished_case_is_found_by_its_stage_and_by_search_only(two: World, today: Any) -> None:
    case = Case.objects.get(enterprise__name="洛阳示例轴承有限公司")
    endings.withdraw(case.pk, by=two.office, at=at(START), reason="误建")
    assert "洛阳示例轴承有限公司" not in page(two, "office/1")
    ended = page(two, "office/1", "stage=withdrawn")
    assert "洛阳示例轴承有限公司" in ended
    # nobody is urged about what has ended
    assert 'formaction="/ledger/bulk/urge/"' in page(two, "office/1")
    assert 'formaction="/ledger/bulk/' not in ended
    assert "洛阳示例轴承有限公司" in page(two, "office/1", "q=轴承")


@pytest.mark.parametrize(
    "query",
    [
        "chip=nonsense&of=x&stage=<b>&grade=%27&post=9999999999999999999&sort=pk",
        "page=99&sort=-firm&stage=survey&grade=B&department=1",
        "chip=late10&of=remedies&q=%00x",
        "stage=zz&procedure=yy&grade=X",
    ],
)
def test_nonsense_in_the_address_is_no_error(two: World, today: Any, query: str) -> None:
    html = page(two, "office/1", query)
    # what is left out is said
    assert ("无法识别，未采用：of=x、chip=nonsense" in html) == ("chip=nonsense" in query)
    assert ("无法识别，未采用：procedure=yy、stage=zz、grade=X" in html) == ("zz" in query)
    assert ("无法识别" in html) == ("chip=nonsense" in query or "zz" in query)
    if "zz" in query:
        # and no list of nothing is taken for the answer
        assert "洛阳示例轴承有限公司" in html


@pytest.mark.parametrize("place", ["x", "0", "999999", "9999999999999999999"])
def test_a_place_that_is_none_is_not_answered_with_the_whole_ledger(
    two: World, today: Any, place: str
) -> None:
    for name in ("county", "township"):
        assert sign_in(two, "office/1").get(f"/ledger/?{name}={place}").status_code == 404


def test_every_column_sorts_both_ways(two: World, today: Any) -> None:
    actor = two.office
    for key in SORTS:
        for sign in ("", "-"):
            assert len(Ledger(actor, START, Asked(sort=sign + key)).rows()) == 2


# --- statements ----------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [10, 2000])
def test_a_page_takes_as_many_statements_at_2000_rows_as_at_10(
    world: World, today: Any, count: int, django_assert_max_num_queries: Counted
) -> None:
    many(world, count)
    assert world.open().opened == count
    sign_in(world, "office/1").get("/ledger/")  # the pack is read once a process
    for who in ("涧西区/county_lead", "office/1"):
        client = sign_in(world, who)
        client.get("/me/")
        with django_assert_max_num_queries(12):
            html = client.get("/ledger/").content.decode()
        assert html.count("data-row ") == min(count, 50)
        with django_assert_max_num_queries(12):
            client.get("/ledger/?q=示例&chip=sign&stage=assigned&page=2&sort=-firm")


# --- where the filing and the ledger disagree ----------------------------------------------------
FOUR = {"has_institution": True, "has_staff": True, "has_spending": True, "has_cooperation": True}


def test_facts_that_meet_the_criteria_make_a_case_ready_to_close(world: World, today: Any) -> None:
    ready, stale, lacking = (world.firm(name) for name in ("齐厂", "旧厂", "缺厂"))
    world.open()
    world.fact(ready, date(2022, 2, 1), **FOUR)
    world.fact(stale, date(2022, 2, 1), **FOUR)
    world.fact(stale, date(2022, 3, 1))  # the newest month takes it back
    world.fact(lacking, date(2022, 2, 1), **FOUR | {"has_staff": False})
    lead = world.actor("涧西区/county_lead")
    found = Ledger(lead, date(2022, 4, 30), Asked(chip="closable"))
    assert found.ids() == [world.case(ready).pk]
    assert found.counts["closable"] == found.counts["shown"] == 1
    # before the last working day of February nothing of this was known
    assert Ledger(lead, START - 2 * DAY, Asked(chip="closable")).ids() == []
    assert Ledger(world.actor("嵩县/county_lead"), START, Asked(chip="closable")).ids() == []


def test_a_firm_of_two_cities_is_judged_by_the_list_of_the_case_s_own(
    world: World, today: Any
) -> None:
    """Whoever reads both sees what the office of the city sees."""
    firm = world.firm("两市厂")
    world.open()
    world.fact(firm, date(2022, 2, 1), **FOUR)
    fact = MonthlyFact.objects.filter(enterprise=firm).latest("about_month")
    other = Region.objects.create(key="other", name="乙市", level=Region.Level.CITY)
    fact.pk, fact.city, fact.has_staff = None, other, False
    fact.about_month = date(2022, 3, 1)
    fact.save()
    own = world.office.standings[0]
    both = replace(world.office, standings=(own, replace(own, city_id=other.pk)))
    for actor in (world.office, both):
        assert Ledger(actor, date(2022, 4, 30), Asked(chip="closable")).ids() == [
            world.case(firm).pk
        ]


def test_a_closed_case_whose_facts_miss_is_listed_for_a_person_to_decide(
    world: World, today: Any
) -> None:
    firm = world.firm("账表厂")
    world.open()
    case = world.survey(world.case(firm), "A")
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(case, have)
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())
    stages.advance(case.pk, by=lead, at=at(START, 14))
    stages.close(case.pk, by=world.office, at=at(START, 15))
    ledger = Ledger(lead, START, Asked(chip="differs"))
    assert ledger.ids() == [case.pk]
    assert ledger.counts["differs"] == ledger.counts["shown"] == 1
    assert "账表厂" in page(world, "涧西区/county_lead", "chip=differs")
    world.fact(firm, date(2022, 2, 1), **FOUR)
    assert Ledger(lead, date(2022, 4, 30), Asked(chip="differs")).ids() == []
