"""年度考核: the same sheet on the page, as a workbook, on paper and by the command; of the year's
edition where one is frozen."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pdfplumber
import pytest
from django.test import Client

from cases.rulebook import pack_of
from reports.assessing import assess, edition_words
from reports.assessment_files import assessment_paper
from reports.documents.content import linked
from reports.documents.nouns import Document
from reports.documents.readers import readers_of
from reports.documents.typed import typed_figures
from reports.figures.freezing import freeze
from reports.figures.nouns import Freeze
from tests.config.test_commands import as_json, refused, run
from tests.world import SYSTEM, World, at
from workflows.issuing import issue_pack
from workflows.packs import shipped_text

RULES = """assessment:
  indicators:
    - {key: coverage, title: 覆盖率 | Coverage, of: coverage_rate, weight: 60, full: target}
    - {key: closing, title: 填报率 | Filing, of: filing_rate, weight: 40, full: 100}
  commend_first: 1
"""
AFTER, YEAR_END = date(2023, 1, 5), date(2022, 12, 31)


@pytest.fixture
def year(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two of four firms of 嵩县 are covered and one of four in 涧西区; the plan assesses them."""
    for n, county in enumerate(["嵩县", "涧西区"] * 4):
        world.firm(f"第{n}有限公司", county, spending=n in (0, 1, 2, 4))
    world.open()
    issue_pack(RULES + shipped_text("luoyang-2022"), by=SYSTEM, at=at(date(2022, 3, 2)))
    monkeypatch.setattr("organisations.clock.today", lambda: AFTER)
    monkeypatch.setattr("organisations.clock.now", lambda: at(AFTER))
    return world


def page(world: World, key: str, path: str = "/progress/assessment/") -> Any:
    client = Client()
    client.force_login(world.people[key])
    return client.get(path)


def test_the_same_sheet_everywhere(year: World, tmp_path: Path) -> None:
    key = year.programme.key
    found: dict[str, Any] = as_json("assessment", key)
    assert (found["edition"], found["as_of"]) == (None, "2022-12-31")
    best = found["counties"][0]
    assert (best["name"], best["rank"], best["target_reached"]) == ("嵩县", 1, True)
    assert best["scores"][0]["computed"] == "60 × 75 ÷ 55 ≥ 60 → 60.0"
    assert [one["county"] for one in found["commendation"]] == ["嵩县"]
    assert "涧西区" in [one["county"] for one in found["criticism"]]
    # no firm, no judgement: neither a place nor a name on a list
    empty = next(one for one in found["counties"] if one["name"] == "洛宁县")
    assert (empty["rank"], empty["total"]) == (None, None)
    assert "洛宁县" not in [one["county"] for one in found["criticism"]]

    html = page(year, "office/1").content.decode()
    assert "60 × 75 ÷ 55 ≥ 60 → 60.0" in html
    assert "预评" in html
    assert "由人审定" in html
    assert "60 × 75 ÷ 55 ≥ 60 → 60.0" in run("assessment", key)

    book = tmp_path / "sheet.xlsx"
    run("assessment", key, "--output", str(book))
    cells = [cell for row in openpyxl.load_workbook(book).worksheets[0].values for cell in row]
    assert "60 × 75 ÷ 55 ≥ 60 → 60.0" in cells
    assert best["total"] in cells
    answer = page(year, "leader", "/progress/assessment.xlsx")
    assert b"".join(answer.streaming_content).startswith(b"PK")


def test_on_paper(year: World) -> None:
    programme = year.programme
    data = assessment_paper(assess(programme, programme.current.pack, AFTER))
    with pdfplumber.open(BytesIO(data)) as pdf:
        text = "".join(one.extract_text() for one in pdf.pages)
    for words in ("2022年度考核评分表", "嵩县", "拟通报表扬", "拟通报批评", "系统不自动发文"):
        assert words in text.replace("\n", ""), words


def test_it_stands_on_the_years_edition(year: World) -> None:
    programme = year.programme
    pack = programme.current.pack
    first = freeze(programme, YEAR_END, by=year.office, at=at(AFTER), reason="未报12月")
    found = assess(programme, pack, AFTER)
    assert found.freeze == first
    assert "年报核定版尚未封账" in edition_words(found)
    before = found.sheets
    # what is known later moves nothing of what was frozen
    year.firm("后来有限公司", "涧西区", spending=True)
    assert assess(programme, pack, AFTER).sheets == before
    last = freeze(
        programme, YEAR_END, by=year.office, at=at(AFTER), edition=Freeze.Edition.ANNUAL_REPORT,
        reason="年报",
    )  # fmt: skip
    assert assess(programme, pack, AFTER).freeze == last
    assert edition_words(assess(programme, pack, AFTER)) == "年报核定版（第1版）"
    assert as_json("assessment", programme.key, "--year", "2022")["edition"] == "annual_report"


def test_the_lists_become_drafts_of_circulars_once_the_year_is_frozen(year: World) -> None:
    """通报表扬, 通报批评 (002-08): linked figures, the score sheet, sent to everybody."""
    programme, client = year.programme, Client()
    client.force_login(year.people["office/1"])
    given = {"programme": programme.key, "kind": "commendation"}
    early = client.post("/documents/compile/", given, follow=True).content.decode()
    assert "年度数据尚未封账" in early
    assert "拟通报</button>" not in page(year, "office/1").content.decode()
    freeze(programme, YEAR_END, by=year.office, at=at(AFTER), reason="未报12月")
    assert "拟通报</button>" in page(year, "office/1").content.decode()
    assert "拟通报</button>" not in page(year, "涧西区/county_worker").content.decode()
    for kind, county, words in (
        ("commendation", "嵩县", "予以通报表扬"), ("criticism", "涧西区", "予以通报批评"),
    ):  # fmt: skip
        client.post("/documents/compile/", given | {"kind": kind})
        document = Document.objects.get(kind=kind)
        said = document.said
        text = "\n".join(linked(part, said.figures) for part in said.paragraphs)
        assert f"经考核，{county}（第" in text
        assert words in text
        assert "{" not in text
        assert [typed_figures(said), document.state] == [[], "drafting"]
        assert [annex.title for annex in said.annexes] == ["县（市、区）考核得分表", "计分办法"]
        assert "草案" not in str(document.content)
        names = {unit.short_name for unit in readers_of(document)}
        assert "市工信局" in names
        assert {"嵩县工作专班", "涧西区工作专班"} <= names


def test_other_years_and_plans_without_indicators(year: World) -> None:
    assert refused("assessment", year.programme.key, "--year", "2019")[0]["code"] == "no_such_year"
    plain = pack_of(year.programme.versions.order_by("number")[0].pk)
    assert assess(year.programme, plain, AFTER).rules is None


def test_a_plan_without_indicators_says_so(world: World) -> None:
    html = page(world, "office/1").content.decode()
    assert "方案没有设定年度考核指标" in html
    assert refused("assessment", world.programme.key)[0]["code"] == "no_assessment"
