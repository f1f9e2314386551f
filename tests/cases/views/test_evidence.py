"""Papers through the browser: handed in, served safely, reviewed by a second pair of eyes."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.actions import paper_files
from cases.models import Case, Evidence, PaperSight
from enterprises.models import Enterprise
from tests.bad_files import EVIDENCE, package, picture
from tests.cases.test_life import to_rectification
from tests.cases.test_uploads import PDF
from tests.cases.views.conftest import Enter
from tests.world import World

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
MOST = 12  # statements of a list page


def upload(client: Client, case: Case, *files: tuple[str, bytes], criterion: str = "staff") -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(
        reverse("evidence_add", args=[case.pk]), {"criterion": criterion, "files": sent}
    )


def handed_in(world: World, enter: Enter, content: bytes = PDF) -> tuple[Case, Evidence]:
    case = to_rectification(world)
    assert upload(enter(WORKER), case, ("名册.pdf", content)).status_code == 302
    return case, Evidence.objects.get()


def decide(client: Client, paper: Evidence, **values: object) -> Any:
    return client.post(reverse("evidence_decide", args=[paper.pk]), values)


def state(paper: Evidence) -> str:
    return Evidence.objects.get(pk=paper.pk).state


def second_firms_case(world: World) -> Case:
    firm = world.firm("洛阳示例齿轮有限公司")
    world.open()
    return world.survey(world.case(firm), "C")


# --- hand in -------------------------------------------------------------------------------------
def test_several_at_once(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    files = [("名册.pdf", PDF), ("现场.jpg", picture())]
    assert upload(enter(WORKER), case, *files).status_code == 302
    rows = Evidence.objects.filter(case=case)
    assert {row.file_name for row in rows} == {"名册.pdf", "现场.jpg"}
    assert all(row.on_behalf and row.state == "submitted" for row in rows)
    assert all("名册" not in (row.file.name or "") for row in rows)


def test_the_banner_and_the_phones_camera(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    html = enter(WORKER).get(reverse("evidence_add", args=[case.pk])).content.decode()
    assert "涉密材料请勿上传" in html
    assert "image/jpeg" in html
    assert "data-shrink" in html
    assert " multiple" in html


# one of each kind and refusal: that every one is refused is told by tests/cases/test_uploads.py,
# and bin/prove sends all of them
ONE_EACH = {
    (bad.code, bad.name.rpartition(".")[2]): bad
    for bad in EVIDENCE
    if bad.code not in ("upload_name", "upload_kind")
}
KINDS = [bad for bad in EVIDENCE if bad.code == "upload_kind"][::12]
NAMES = [bad for bad in EVIDENCE if bad.code == "upload_name"][::3]


def test_no_bad_file_comes_in(world: World, enter: Enter) -> None:
    case, client = to_rectification(world), enter(WORKER)
    every = [bad for bad in EVIDENCE if bad.code != "upload_name"]
    asked = every if os.environ.get("XIAOHAO_EVERY_BAD_FILE") else (*ONE_EACH.values(), *KINDS)
    for name, make, code in asked:
        answer = upload(client, case, (name, make()))
        assert answer.status_code == 422, (name, code)
        assert 'role="alert"' in answer.content.decode(), name
    assert not Evidence.objects.exists()


def sent_raw(client: Client, case: Case, name: bytes, content: bytes) -> Any:
    """As it stands on the wire: Django's own test client would clean the name."""
    head = b'--x\r\nContent-Disposition: form-data; name="criterion"\r\n\r\nstaff\r\n--x\r\n'
    head += b'Content-Disposition: form-data; name="files"; filename="' + name + b'"\r\n'
    body = head + b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n--x--\r\n"
    there = reverse("evidence_add", args=[case.pk])
    return client.post(there, body, content_type="multipart/form-data; boundary=x")


def test_a_bad_name_harms_nothing(world: World, enter: Enter) -> None:
    """The multipart reader cleans some names itself; what is left is judged, or a mere label."""
    case, client = to_rectification(world), enter(WORKER)
    for bad in NAMES:
        answer = sent_raw(client, case, bad.name.encode("utf-8", "replace"), bad.make())
        assert answer.status_code in (302, 422), bad.name
        for paper in Evidence.objects.all():
            assert re.fullmatch(r"evidence/\d{4}/\d\d/[0-9a-f]{32}\.pdf", paper.file.name or "")
            served = client.get(reverse("evidence_file", args=[paper.pk]))
            assert served["Content-Disposition"].startswith("attachment"), bad.name
            assert "sandbox" in served["Content-Security-Policy"]
            assert "\n" not in served["Content-Disposition"]
            assert served.getvalue()
        PaperSight.objects.all().delete()
        Evidence.objects.all().delete()


def test_an_empty_choice_is_told(world: World, enter: Enter) -> None:
    assert upload(enter(WORKER), to_rectification(world)).status_code == 422


def test_an_unknown_item_is_refused(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    # no browser sends a chosen file twice: the form says so
    lost = upload(enter(WORKER), case, ("名册.pdf", PDF), criterion="moon").content.decode()
    assert "请重新选择文件" in lost
    asked = enter(WORKER).get(reverse("evidence_add", args=[case.pk])).content.decode()
    assert "请重新选择文件" not in asked
    for criterion in ("", "nothing", "own"):
        answer = upload(enter(WORKER), case, ("a.pdf", PDF), criterion=criterion)
        assert answer.status_code == 422
    assert not Evidence.objects.exists()


def test_a_double_submit_makes_one_paper(world: World, enter: Enter) -> None:
    case, client = to_rectification(world), enter(WORKER)
    assert upload(client, case, ("名册.pdf", PDF)).status_code == 302
    assert upload(client, case, ("名册.pdf", PDF)).status_code == 422
    assert Evidence.objects.count() == 1


def test_a_finished_case_takes_no_paper(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    enter("office/1").post(
        reverse("case_act", args=[case.pk, "withdraw"]),
        {"version": Case.objects.get(pk=case.pk).version, "reason": "误建"},
    )
    assert upload(enter(WORKER), case, ("a.pdf", PDF)).status_code == 422


# --- served --------------------------------------------------------------------------------------
@pytest.mark.parametrize("content", [PDF, picture()], ids=["pdf", "jpg"])
def test_a_file_leaves_as_a_download_only(world: World, enter: Enter, content: bytes) -> None:
    case = to_rectification(world)
    name = "名册.pdf" if content is PDF else "现场.jpg"
    upload(enter(WORKER), case, (name, content))
    paper = Evidence.objects.get()
    answer = enter(LEAD).get(reverse("evidence_file", args=[paper.pk]))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"
    assert len(answer.getvalue()) == paper.size


def test_it_is_looked_at_as_pictures_that_we_drew(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    files = [("名册.pdf", PDF), ("现场.jpg", picture()), ("通知.docx", package())]
    upload(enter(WORKER), case, *files)
    lead, stranger = enter(LEAD), enter("嵩县/county_lead")
    paper_files.draw_due(timezone.now)
    for paper in Evidence.objects.all():
        html = lead.get(reverse("evidence", args=[paper.pk])).content.decode()
        there = [reverse("evidence_picture", args=[paper.pk, number]) for number in (0, 1)]
        tab = reverse("evidence_look", args=[paper.pk])
        if paper.file_name == "通知.docx":
            assert "此类文件请下载查看：" in html
            assert [lead.get(one).status_code for one in there] == [404, 404]
            continue
        assert there[1] in html
        for one in there:
            answer = lead.get(one)
            assert answer["Content-Type"] == "image/jpeg"
            assert answer["Content-Disposition"].startswith("attachment")
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in answer["Content-Security-Policy"]
            assert answer.getvalue().startswith(b"\xff\xd8")
        assert there[1] in lead.get(tab).content.decode()
        answer = lead.get(reverse("evidence_file", args=[paper.pk]) + "?look=1")
        assert answer["Location"] == tab
        assert lead.get(reverse("evidence_picture", args=[paper.pk, 2])).status_code == 404
        assert [stranger.get(one).status_code for one in (*there, tab)] == [404] * 3


def test_who_has_seen_a_paper_is_told_to_its_reviewers(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    page, file = (reverse(name, args=[paper.pk]) for name in ("evidence", "evidence_file"))
    supervisor = enter("supervisor")
    paper_files.draw_due(timezone.now)
    # a page of it, by its own address, is a look; one that its page shows is no further one
    supervisor.get(reverse("evidence_picture", args=[paper.pk, 1])).getvalue()
    assert PaperSight.objects.get().by == world.people["supervisor"]
    PaperSight.objects.all().delete()
    for _time in range(2):
        supervisor.get(page)
        supervisor.get(reverse("evidence_picture", args=[paper.pk, 1])).getvalue()
    supervisor.get(file).getvalue()
    assert "人次" not in supervisor.get(page).content.decode()
    html = enter(LEAD).get(page).content.decode()
    name = str(world.people["supervisor"])
    assert html.count(name) == 2
    assert "×3" in html
    rows = PaperSight.objects.filter(by=world.people["supervisor"])
    assert {row.how: row.times for row in rows} == {"opened": 3, "fetched": 1}


def test_guessed_ids_open_nothing(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    for who in ("嵩县/county_worker", "嵩县/county_lead", "市住建局/department_officer"):
        for name in ("evidence", "evidence_file"):
            assert enter(who).get(reverse(name, args=[paper.pk])).status_code == 404, (who, name)
        assert decide(enter(who), paper, do="accept").status_code in (403, 404)
    assert state(paper) == "submitted"


def test_there_is_no_other_way_to_the_file(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    for path in (f"/media/{paper.file.name}", f"/static/{paper.file.name}", paper.file.path):
        assert enter(LEAD).get(path).status_code == 404


# --- reviewed ------------------------------------------------------------------------------------
def test_accepting_closes_the_remedy(world: World, enter: Enter) -> None:
    case, paper = handed_in(world, enter)
    assert decide(enter(LEAD), paper, do="accept").status_code == 302
    assert state(paper) == "county_accepted"
    assert Case.objects.get(parent=case, criterion="staff").stage == "closed"


def test_nobody_accepts_his_own(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    page = enter(WORKER).get(reverse("evidence", args=[paper.pk])).content.decode()
    answer = decide(enter(WORKER), paper, do="accept")
    assert answer.status_code == 422
    assert 'aria-describedby="why-own"' in page
    words = page.split('id="why-own">')[1].split("<")[0]
    assert words in answer.content.decode()


def test_a_return_names_reason_date_and_telephone(world: World, enter: Enter) -> None:
    case, paper = handed_in(world, enter)
    world.people[LEAD].phone = "0999-5550123"
    world.people[LEAD].save()
    assert decide(enter(LEAD), paper, do="return", reason="2", text="第3页").status_code == 302
    html = enter(WORKER).get(reverse("case", args=[case.pk])).content.decode()
    for words in ("未加盖公章或签字不全", "第3页", "3月22日前补正", "0999-5550123"):
        assert words in html, words
    assert html.index("criterion--returned") < html.index("criterion--missing")


@pytest.mark.parametrize("reason", ["", "0", "11", "x", "9999999"])
def test_a_return_needs_one_of_the_reasons(world: World, enter: Enter, reason: str) -> None:
    _case, paper = handed_in(world, enter)
    answer = decide(enter(LEAD), paper, do="return", reason=reason, text="说明保留")
    assert answer.status_code == 422
    assert "说明保留" in answer.content.decode()
    assert state(paper) == "submitted"


def test_ten_reasons(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    html = enter(LEAD).get(reverse("evidence", args=[paper.pk])).content.decode()
    assert html.count('name="reason"') == 10


def test_taking_back(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    assert decide(enter(LEAD), paper, do="take_back").status_code == 422
    assert decide(enter(WORKER), paper, do="take_back").status_code == 302
    assert state(paper) == "withdrawn"


def test_two_reviewers_one_wins(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    assert decide(enter(LEAD), paper, do="accept").status_code == 302
    assert decide(enter("office/1"), paper, do="accept").status_code == 422


def test_a_paper_returned_in_another_tab_is_told_of_neutrally(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    lead = enter(LEAD)
    assert decide(lead, paper, do="return", reason="2").status_code == 302
    answer = decide(lead, paper, do="accept")
    assert answer.status_code == 422
    assert "该材料已审核，请重新查看。" in answer.content.decode()


# --- queue ---------------------------------------------------------------------------------------
def test_a_paper_accepted_meanwhile_is_not_returned_unseen(world: World, enter: Enter) -> None:
    case, paper = handed_in(world, enter)
    page = enter("office/1").get(reverse("evidence", args=[paper.pk])).content.decode()
    seen = re.findall(r'name="found" value="(\w+)"', page)
    assert seen == ["submitted"]
    assert decide(enter(LEAD), paper, do="accept").status_code == 302
    assert Case.objects.get(pk=case.pk).version == case.version  # other pages stay valid
    answer = decide(enter("office/1"), paper, do="return", reason="2", found=seen[0])
    assert answer.status_code == 422
    assert "刚刚已审核（县级已审）" in answer.content.decode()
    assert state(paper) == "county_accepted"
    # having looked again, the office returns it all the same
    seen = re.findall(r'name="found" value="(\w+)"', answer.content.decode())
    assert (
        decide(enter("office/1"), paper, do="return", reason="2", found=seen[0]).status_code == 302
    )
    assert state(paper) == "returned"


def test_the_queue_is_mine_and_the_oldest_first(world: World, enter: Enter) -> None:
    case, _paper = handed_in(world, enter)
    other = second_firms_case(world)
    upload(enter(WORKER), other, ("另.pdf", PDF + b" "))
    there = reverse("evidence_review")
    html = enter(LEAD).get(there).content.decode()
    assert html.index("洛阳示例轴承有限公司") < html.index("洛阳示例齿轮有限公司")
    assert case.pk < other.pk
    mine = enter(WORKER).get(there).content.decode()
    assert "名册.pdf" not in mine  # his own papers
    assert "名册.pdf" not in enter("嵩县/county_lead").get(there).content.decode()
    assert "名册.pdf" in enter("office/1").get(there).content.decode()
    for who in ("supervisor", "leader", "市工信局/department_lead", "liaison_member"):
        assert enter(who).get(there).status_code == 403, who


def test_after_a_decision_comes_the_next(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    upload(enter(WORKER), second_firms_case(world), ("另.pdf", PDF + b" "))
    client, next_one = enter(LEAD), Evidence.objects.get(file_name="另.pdf")
    there = reverse("evidence_decide", args=[paper.pk]) + "?from=queue"
    answer = client.post(there, {"do": "accept"})
    assert answer["Location"] == reverse("evidence", args=[next_one.pk]) + "?from=queue"


def test_the_same_file_of_another_firm_is_flagged(world: World, enter: Enter) -> None:
    _case, paper = handed_in(world, enter)
    upload(enter(WORKER), second_firms_case(world), ("抄.pdf", PDF))
    html = enter(LEAD).get(reverse("evidence", args=[paper.pk])).content.decode()
    assert "洛阳示例齿轮有限公司" in html
    assert "与其他企业文件相同" in enter(LEAD).get(reverse("evidence_review")).content.decode()


def test_a_twin_in_another_county_is_flagged_without_its_name(world: World, enter: Enter) -> None:
    case, paper = handed_in(world, enter)
    far = world.firm("嵩县示例矿山机械有限公司", "嵩县")
    world.open()
    root = world.case(far)
    twin = Evidence.objects.get(pk=paper.pk)
    twin.pk, twin.case, twin.enterprise = None, root, Enterprise.objects.get(pk=far.pk)
    twin.save()
    html = enter(LEAD).get(reverse("evidence", args=[paper.pk])).content.decode()
    assert "嵩县示例矿山机械有限公司" not in html
    assert "外县区企业" in html
    assert case.pk != root.pk


@pytest.mark.parametrize("papers", [1, 30])
def test_the_queue_takes_a_fixed_number_of_statements(
    world: World, enter: Enter, papers: int
) -> None:
    case, paper = handed_in(world, enter)
    copies = []
    for n in range(papers):
        copy = Evidence.objects.get(pk=paper.pk)
        copy.pk, copy.sha256 = None, f"{n:064d}"
        copies.append(copy)
    Evidence.objects.bulk_create(copies)
    client = enter(LEAD)
    client.get(reverse("evidence_review"))
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("evidence_review"))
    assert len(seen) <= MOST, "\n".join(q["sql"][:160] for q in seen)
    assert case.pk


def test_a_form_sent_with_a_progress_bar_is_told_where_to_go_on(world: World, enter: Enter) -> None:
    case, client = to_rectification(world), enter(WORKER)
    there = reverse("evidence_add", args=[case.pk])
    sent = {"criterion": "staff", "files": [SimpleUploadedFile("名册.pdf", PDF)]}
    answer = client.post(there, sent, headers={"X-Progress": "1"})
    assert (answer.status_code, answer["X-Location"]) == (204, reverse("case", args=[case.pk]))
    assert "已提交1份" in client.get(answer["X-Location"]).content.decode()
