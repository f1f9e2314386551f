"""The whole life of a case, from the bureau's workbook to struck-off, each role at its screen.

Pages that bars lead to, and the wizard of imports, are looked at by axe in files of their own.
"""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from cases.models import Case, Evidence, ProgrammeFirm
from tests.browser import books
from tests.browser.people import Find, Person, Stage, fill_in, pdf, photo
from tests.world import closing_form, matching_form, survey_form

if TYPE_CHECKING:
    from cases.models import Case as Root

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = "涧西区"
HAVES = ("institution", "staff", "spending", "cooperation")
BATCH_DAY = date(2022, 3, 15)


def test_from_the_workbook_to_struck_off(stage: Stage, tmp_path: Path, violations: Find) -> None:
    rows, names = books.register({HOME: 8, "嵩县": 4})
    covered, firm = {names[0], names[8]}, names[1]
    office = stage.enter_by_password("office/1")
    sheet = books.save(tmp_path / "register.xlsx", rows)
    facts = books.save(tmp_path / "filing.xlsx", books.filing(names, spending=covered))
    bring_in(office, "导入名录", sheet, as_of="2022-01-31").sees("0家 → 12家")
    office.press("确认导入").sees("已导入，24小时内可整批撤销。")
    bring_in(office, "导入填报情况", facts, month="2022-02")
    office.press("确认导入").sees("已导入，24小时内可整批撤销。")

    hand_out(office, violations)
    assert Case.objects.count() == 10
    assert ProgrammeFirm.objects.get(enterprise__name=names[0]).guide_unit is not None

    worker = stage.enter(f"{HOME}/county_worker", phone=True)
    work_on(worker, firm, violations)
    case = Case.objects.get(enterprise__name=firm, parent=None)
    assert case.stage == "rectification"

    clerk = hand_in_papers(stage, worker, case, violations)
    lead = stage.enter(f"{HOME}/county_lead")
    review_papers(lead, clerk, violations)
    worker.go("case", case.pk).follow("申请销号").accessible(violations)
    fill_in(worker, closing_form()).press("申请销号").sees("待县级审核")
    assert "审核通过" not in worker.offered()
    lead.go("closing_review").follow(firm)
    lead.dialog("审核通过").press("审核通过", within="dialog").sees("待市级确认")

    stage.move_to(BATCH_DAY)
    office.go("closing_batch").sees("可确认1家")
    office.page.locator(".closings__all [data-all]").check()
    office.press("批量确认").sees("将确认销号1家").press("批量确认").sees("已确认销号1家")

    case.refresh_from_db()
    assert (case.stage, case.closed_on, case.closing_serial) == ("closed", BATCH_DAY, 1)
    assert set(Evidence.objects.values_list("state", flat=True)) == {"replaced", "city_accepted"}
    clerk.go("portal").sees("4项中已完成4项").sees_no("销号", "整改", "逾期")
    ledger_progress_and_workbook_agree(office, firm)


def bring_in(office: Person, kind: str, book: Path, **answers: str) -> Person:
    """A workbook of the bureau: uploaded, checked, and shown before anything is changed."""
    office.go("imports").follow(kind)
    office.fill(**answers).attach("file", book).press("上传并核对")
    # no worker comes: after some seconds the page reads by itself, by the doors' clock
    office.stage.now += timedelta(seconds=6)
    office.page.wait_for_selector(".tally")
    return office.look()


def hand_out(office: Person, violations: Find) -> None:
    """The office opens every firm that is not covered."""
    office.go("programmes").follow("建档交办").accessible(violations)
    office.press("预览建档结果").sees("将为10家企业建档并交办，办理时限自2022年3月1日起算。")
    office.press("建档交办").sees("已为10家企业建档并交办。", "其中已覆盖2家")


def work_on(worker: Person, firm: str, violations: Find) -> None:
    """The county's worker signs for it on the phone, visits, fills in survey and matching."""
    worker.go("workbench").go("ledger").follow(firm).accessible(violations)
    worker.press("签收").sees("摸底中")
    worker.follow("填写摸底表").accessible(violations)
    plan = [{"have": have, "measure": "逐项补齐", "unit": "财务部"} for have in HAVES]
    fill_in(worker, {**survey_form("B"), "plan": plan}).press("完成摸底，转入下一环节").sees(
        "对接中", "整改事项"
    )
    worker.follow("填写对接表")
    fill_in(worker, matching_form()).press("转入整改").sees("整改中")


def hand_in_papers(stage: Stage, worker: Person, case: Root, violations: Find) -> Person:
    """A photo by the worker for the firm, the rest by the firm's clerk on his own page."""
    worker.go("evidence_add", case.pk, query="?criterion=staff").accessible(violations)
    worker.attach("files", photo("名册.jpg")).press("提交").sees("待审核")
    assert case.enterprise is not None
    clerk = stage.enter_as(stage.world.clerk(case.enterprise).user, phone=True)
    clerk.go("/").accessible(violations).sees("还差 3 项").sees_no("整改", "逾期", "销号")
    for have in ("institution", "spending", "cooperation"):
        clerk.go("portal_upload", case.pk, have).accessible(violations)
        clerk.attach("files", pdf(f"{have}.pdf")).press("提交").sees("已收到1个文件，谢谢。")
    return clerk.sees("材料审核中")


def review_papers(lead: Person, clerk: Person, violations: Find) -> None:
    """The county's lead returns the oldest with a reason and accepts three; it comes again."""
    lead.go("evidence_review")
    lead.click(lead.page.locator("a.firm").first).accessible(violations).sees("名册.jpg")
    lead.fill(reason="2", text="第3页缺公章").press("退回补正")
    for _paper in range(3):
        lead.press("审核通过")
    lead.sees("没有待您审核的材料。")
    clerk.go("portal").sees("还差 1 项", "未加盖公章或签字不全。第3页缺公章", "3月22日前")
    clerk.follow("附说明，或沿用以前的材料").attach("files", pdf("名册（盖章）.pdf")).press("提交")
    lead.go("evidence_review").click(lead.page.locator("a.firm").first).press("审核通过")
    clerk.go("portal").sees("4项中已完成4项")


def ledger_progress_and_workbook_agree(office: Person, firm: str) -> None:
    office.go("ledger", query="?stage=closed")
    office.sees("已销号", firm, "编号2022-0001")
    office.go("progress").sees("建档10家", "销号率10.0%", "在办 9家")
    office.go("ledger", query="?stage=closed")
    with office.page.expect_download() as download:
        office.page.get_by_role("link", name="导出Excel").click()
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    cells = [str(c) for row in book.worksheets[0].iter_rows(values_only=True) for c in row if c]
    assert firm in cells
    assert any("已销号" in cell for cell in cells)
    assert sum("有限公司" in cell for cell in cells) == 1
