"""The firm's page: plain words, one upload each, and nothing of anybody else's."""

from __future__ import annotations

import re
from copy import copy
from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases import uploads
from cases.actions import evidence
from cases.actions.expiring import expire
from cases.errors import Refused
from cases.models import Case, CaseEvent, Evidence
from enterprises.models import Enterprise
from organisations.scope import Actor
from tests.bad_files import picture
from tests.cases.test_carrying import carried, next_year
from tests.cases.test_life import HAVES, to_rectification
from tests.cases.test_uploads import PDF
from tests.cases.views.conftest import Enter
from tests.cases.views.test_bar import closed, declined, in_survey, suspended
from tests.world import START, World, at

LEAD, WORKER = "涧西区/county_lead", "涧西区/county_worker"
SYSTEM = Actor.system()
# words of offices that a firm never reads
OFFICIAL = ("整改", "逾期", "销号", "检查", "督办", "催办", "超期", "核减")


def clerk_of(world: World, case: Case) -> str:
    """The key of a clerk of the case's firm."""
    assert case.enterprise is not None
    world.clerk(case.enterprise)
    return f"clerk/{case.enterprise_id}"


def enter_clerk(world: World, enter: Enter, firm: Enterprise) -> Client:
    world.clerk(firm)
    return enter(f"clerk/{firm.pk}")


def read(client: Client, address: str = "") -> str:
    answer = client.get(address or reverse("portal"))
    assert answer.status_code == 200
    return answer.content.decode().split("<main", 1)[1]


def send(client: Client, case: Case, criterion: str, *files: tuple[str, bytes]) -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    address = reverse("portal_upload", args=[case.pk, criterion])
    return client.post(address, {"files": sent, "note": "请查收"})


def test_what_is_missing_in_plain_words(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    world.prove(case, "staff")
    html = read(enter(clerk_of(world, case)))
    assert "还差 <b>3</b> 项" in html
    assert "4项中已完成1项" in html
    assert "前完成，还有" in html
    assert html.count(reverse("portal_upload", args=[case.pk, "spending"])) == 2
    assert reverse("portal_upload", args=[case.pk, "staff"]) not in html
    assert "已认可" in html
    for state, words in (("waived", "省系统已有"), ("verified_offline", "已由两人当面核对")):
        Evidence.objects.update(state=state, file="", file_name="")
        assert f"{words}，无需再交材料。" in read(enter(clerk_of(world, case)))


def test_the_same_file_again_is_said_to_whom_it_concerns(world: World, enter: Enter) -> None:
    """A firm hears of its own files; of another firm's the officials alone, without its name."""
    case = to_rectification(world)
    far = world.firm("嵩县示例泵业有限公司", county="嵩县")
    world.open()
    other = Case.objects.get(enterprise=far, is_main=True)
    client, lead, worker = enter(clerk_of(world, case)), enter(LEAD), enter(WORKER)
    [theirs] = evidence.submit(
        other.pk, criterion="staff", papers=[uploads.check(ContentFile(PDF), "他厂.pdf")],
        by=SYSTEM, at=at(START, 10),
    )  # fmt: skip
    send(client, case, "staff", ("名册.pdf", PDF))
    html = read(client)
    for words in ("同一文件", "他厂", far.name, "此前已提交过"):
        assert words not in html, words
    paper = Evidence.objects.get(case=case)
    page = lead.get(reverse("evidence", args=[paper.pk])).content.decode()
    assert "同一文件已用于其他企业" in page
    send(client, case, "spending", ("名册2.pdf", PDF))
    # the reviewer is told of the firm's own twice: one file for two items may be meant, or not
    second = Evidence.objects.get(file_name="名册2.pdf")
    page = lead.get(reverse("evidence", args=[second.pk])).content.decode()
    assert f"{case.number} 研发人员（" in page
    assert "同一文件另见" in lead.get(reverse("evidence_review")).content.decode()
    assert "“名册2.pdf”此前已提交过（研发人员，" in client.get(reverse("portal")).content.decode()
    evidence.return_(paper.pk, reason=1, text="缺页", by=world.actor(LEAD), at=at(START, 13))
    send(client, case, "staff", ("名册.pdf", PDF))
    assert "请核对是否选错" in client.get(reverse("portal")).content.decode()
    # whoever uploads for the firm hears that another has it, not which
    send_for = reverse("evidence_add", args=[case.pk])
    sent = SimpleUploadedFile("名册3.pdf", PDF)
    worker.post(send_for, {"criterion": "cooperation", "files": [sent]})
    told = worker.get(reverse("case", args=[case.pk])).content.decode()
    assert "其他企业已提交过同一文件：名册3.pdf" in told
    assert theirs.file_name not in told


def test_sending_a_photo(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    client = enter(clerk_of(world, case))
    assert send(client, case, "staff", ("名册.jpg", picture())).status_code == 302
    paper = Evidence.objects.get()
    assert (paper.on_behalf, paper.state, paper.criterion) == (False, "submitted", "staff")
    html = read(client)
    assert "审核中" in html
    assert "还差 <b>3</b> 项" in html
    assert "已提交：名册.jpg" in html
    # nothing of what was handed in is left out, however much it is
    first = CaseEvent.objects.get(case=case, verb="submit_evidence")
    more = [copy(first) for _n in range(25)]
    for event in more:
        event.pk = None
    CaseEvent.objects.bulk_create(more)
    assert read(client).count("已提交：名册.jpg") == 26


def test_a_paper_of_last_year_that_holds_is_used_again(
    world: World, enter: Enter, travel: Any
) -> None:
    """沿用: looked at first, handed in with one press, and accepted anew; what does not hold, or is
    another firm's, is refused in words."""
    old = to_rectification(world)
    body, account = world.prove(old, "institution"), world.prove(old, "spending")
    to = next_year(world)
    carried(world, to)
    new = Case.objects.get(carried_from=old)
    # papers that hold go along by themselves; here the firm takes its own back and sends it anew
    Evidence.objects.filter(case=new).delete()
    travel(date(2023, 1, 9), 10)
    client = enter(clerk_of(world, new))
    address = reverse("portal_upload", args=[new.pk, "institution"])
    html = read(client, address)
    assert f"/papers/{body.pk}/file/?look=1" in html
    assert "2022年度已认可" in html
    # spending is proved anew every year
    spending = reverse("portal_upload", args=[new.pk, "spending"])
    assert "可沿用的材料" not in read(client, spending)
    assert client.post(spending, {"again": str(account.pk)}).status_code == 422
    assert client.post(address, {"again": str(body.pk)}).status_code == 302
    paper = Evidence.objects.get(case=new)
    assert (paper.state, paper.criterion) == ("submitted", "institution")
    assert paper.reused_from_id == body.pk
    other = world.firm("洛阳另一家有限公司")
    stranger = enter_clerk(world, enter, other)
    assert stranger.post(address, {"again": str(body.pk)}).status_code == 404


def test_a_bad_file_is_told_on_the_page(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    answer = send(enter(clerk_of(world, case)), case, "staff", ("名册.exe", b"MZ"))
    assert answer.status_code == 422
    assert "不支持此类文件" in answer.content.decode()


def test_a_return_in_red_with_date_and_whom_to_ask(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    client = enter(clerk_of(world, case))
    # a second file of the same item still waits: what came back is asked for all the same
    send(client, case, "spending", ("辅助账.pdf", PDF), ("凭证.jpg", picture()))
    paper = Evidence.objects.get(file_name="辅助账.pdf")
    assert "还差 <b>3</b> 项" in read(client)
    world.people["涧西区/county_worker"].phone = "0999-5550124"
    world.people["涧西区/county_worker"].save()
    evidence.return_(paper.pk, reason=8, text="请分项目", by=world.actor(LEAD), at=at(START, 12))
    html = read(client)
    assert "还差 <b>4</b> 项" in html
    # two ways to send, and one to take back the one that waits
    assert html.count(reverse("portal_upload", args=[case.pk, "spending"])) == 3
    for words in (
        "需补充",
        "研发费用未按项目归集",
        "请分项目",
        "建议4月15日前",
        "tel:0999-5550124",
        # who looked at it, and who is asked: both with their roles
        "由审核人涧西区工作专班审核人审核；",
        "如有疑问，请联系经办人涧西区工作专班经办人 0999-5550124。",
    ):
        assert words in html, words
    # one day on the page, that which comes first
    assert len(re.findall(r"月\d+日前", html)) == 1
    assert 'class="note note--bad"' in html


def test_an_item_is_done_or_asked_for_and_never_both(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    client = enter(clerk_of(world, case))
    send(client, case, "spending", ("辅助账.pdf", PDF), ("凭证.jpg", picture()))
    first, second = Evidence.objects.order_by("id")
    lead = world.actor(LEAD)
    evidence.return_(first.pk, reason=8, text="请分项目", by=lead, at=at(START, 12))
    evidence.accept(second.pk, by=lead, at=at(START, 13))
    html = read(client)
    # what was sent back before another paper was accepted is history
    assert "还差 <b>3</b> 项" in html
    assert "4项中已完成1项" in html
    send(client, case, "spending", ("补充.pdf", PDF + b" "))
    third = Evidence.objects.order_by("-id")[0]
    evidence.return_(third.pk, reason=8, text="请盖章", by=lead, at=at(START, 14))
    html = read(client)
    assert "还差 <b>4</b> 项" in html
    assert "4项中已完成0项" in html


STATES = (in_survey, to_rectification, suspended, closed)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_no_word_of_the_offices(world: World, enter: Enter, state: Any) -> None:
    case = state(world)
    client = enter(clerk_of(world, case))
    texts = [client.get(reverse("portal")).content.decode()]
    texts += [
        client.get(reverse("portal_upload", args=[case.pk, have])).content.decode()
        for have in HAVES
    ]
    for text in texts:
        assert not [word for word in OFFICIAL if word in text]


def test_a_paper_that_ended_is_told_and_asked_for_anew(
    world: World, enter: Enter, travel: Any
) -> None:
    case = to_rectification(world)
    client = enter(clerk_of(world, case))
    send(client, case, "cooperation", ("合作协议.pdf", PDF))
    paper = Evidence.objects.get()
    last = date(2022, 3, 3)
    evidence.accept(paper.pk, by=world.actor(LEAD), at=at(START, 12), valid_until=last)
    assert "即将失效，有效期至3月3日" in read(client)
    travel(date(2022, 3, 7))
    expire(paper.pk, by=SYSTEM, at=at(date(2022, 3, 7), 2))
    html = read(enter(clerk_of(world, case)))
    assert "“合作协议.pdf”有效期至3月3日，请补充仍在有效期内的材料。" in html
    asked = html.split("产学研合作</h2>", 1)[1].split("</section>", 1)[0]
    assert "已失效" in asked
    assert "未提交" not in asked
    assert "已失效：合作协议.pdf" in html


def test_a_supporting_paper_alone_is_not_all(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    client = enter(clerk_of(world, case))
    send(client, case, "cooperation", ("付款凭证.pdf", PDF))
    Evidence.objects.update(state="county_accepted", paper="payment")
    assert "还缺主要材料" in read(client)


def test_the_wrong_file_is_taken_back_until_somebody_decides(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    client = enter(clerk_of(world, case))
    send(client, case, "staff", ("错的.pdf", PDF))
    paper = Evidence.objects.get()
    address = reverse("portal_upload", args=[case.pk, "staff"])
    assert "撤回：错的.pdf" in read(client)
    # nobody else's, none of another item, none that is no number
    elsewhere = reverse("portal_upload", args=[case.pk, "spending"])
    for wrong, pk in ((address, "x"), (address, "9" * 30), (elsewhere, paper.pk)):
        assert client.post(wrong, {"take_back": str(pk)}).status_code == 422
    assert client.post(address, {"take_back": str(paper.pk)}).status_code == 302
    paper.refresh_from_db()
    assert paper.state == "withdrawn"
    assert "已撤回：错的.pdf" in read(client)
    send(client, case, "staff", ("对的.pdf", PDF + b" "))
    right = Evidence.objects.get(state="submitted")
    evidence.accept(right.pk, by=world.actor(LEAD), at=at(START, 13))
    assert "撤回：对的.pdf" not in read(client)
    assert client.post(address, {"take_back": str(right.pk)}).status_code == 422


def test_a_quarrel_of_offices_shuts_no_firm_out(world: World, enter: Enter) -> None:
    case = declined(world)
    client = enter(clerk_of(world, case))
    assert send(client, case, "staff", ("名册.pdf", PDF)).status_code == 302
    assert Evidence.objects.get().state == "submitted"
    with pytest.raises(Refused) as refused:  # an official waits for the answer
        evidence.accept(Evidence.objects.get().pk, by=world.actor(LEAD), at=at(START, 14))
    assert refused.value.code == "declined"


def test_what_rests_asks_for_nothing_in_the_firms_words(world: World, enter: Enter) -> None:
    case = suspended(world)
    client = enter(clerk_of(world, case))
    html = read(client)
    assert "目前没有需要您办理的事项" in html
    assert "建议" not in html
    address = reverse("portal_upload", args=[case.pk, "staff"])
    assert 'name="files"' not in read(client, address)
    answer = send(client, case, "staff", ("名册.pdf", PDF)).content.decode()
    assert "目前暂不需要提交" in answer
    assert "恢复办理" not in answer


def test_a_late_firm_is_not_threatened(world: World, enter: Enter, travel: Any) -> None:
    case = to_rectification(world)
    client = enter(clerk_of(world, case))
    travel(START.replace(month=12), 9)
    client = enter(f"clerk/{case.enterprise_id}")
    html = read(client)
    assert "建议尽快完成" in html
    assert not [word for word in OFFICIAL if word in html]


def test_done_is_done(world: World, enter: Enter) -> None:
    case = closed(world)
    html = read(enter(clerk_of(world, case)))
    assert "已完成，感谢支持" in html
    assert "拍照或选文件" not in html


def test_a_finished_firm_sends_nothing_more(world: World, enter: Enter) -> None:
    case = closed(world)
    answer = send(enter(clerk_of(world, case)), case, "staff", ("a.pdf", PDF))
    assert answer.status_code == 422


# --- walls ---------------------------------------------------------------------------------------
def two_firms(world: World) -> tuple[Case, Case, Evidence]:
    """A case with a paper, and the case of another firm of the same county."""
    case = to_rectification(world)
    paper = world.prove(case, "staff")
    other = world.firm("洛阳示例齿轮有限公司")
    world.open()
    return case, world.survey(world.case(other), "C"), paper


def test_another_firms_clerk_finds_nothing(world: World, enter: Enter) -> None:
    case, other, paper = two_firms(world)
    client = enter(clerk_of(world, other))
    assert "洛阳示例轴承有限公司" not in read(client)
    assert client.get(reverse("evidence_file", args=[paper.pk])).status_code == 404
    for have in (*HAVES, "nothing"):
        address = reverse("portal_upload", args=[case.pk, have])
        assert client.get(address).status_code == 404
        assert send(client, case, have, ("a.pdf", PDF)).status_code == 404
    assert Evidence.objects.count() == 1


def test_a_clerk_opens_his_own_file_and_no_page_of_the_offices(world: World, enter: Enter) -> None:
    case, _other, paper = two_firms(world)
    client = enter(clerk_of(world, case))
    own = client.get(reverse("evidence_file", args=[paper.pk]))
    assert (own.status_code, len(own.getvalue())) == (200, paper.size)
    pages: list[tuple[str, list[Any]]] = [
        ("case", [case.pk]), ("case_act", [case.pk, "comment"]), ("case_review", [case.pk]),
        ("case_form", [case.pk]), ("evidence_add", [case.pk]), ("evidence_review", []),
        ("evidence", [paper.pk]), ("closing_batch", []), ("closing_review", []),
        ("case_fragment", [case.enterprise_id]), ("ledger", []),
    ]  # fmt: skip
    for name, args in pages:
        assert client.get(reverse(name, args=args)).status_code in (403, 404), name
    # what is not there, or not his, is said in words for a firm
    for address in ("/no/such/page/", reverse("ledger")):
        told = client.get(address).content.decode().split("<main", 1)[1]
        assert "需要补充的材料都在本企业页面上" in told
        assert not [word for word in ("台账", "市专班办", "审核人", "岗位") if word in told]
    decision = client.post(reverse("evidence_decide", args=[paper.pk]), {"do": "take_back"})
    assert decision.status_code in (403, 404)


def test_officials_have_no_firms_page(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    for who in (LEAD, "office/1", "leader"):
        assert enter(who).get(reverse("portal")).status_code == 403
        address = reverse("portal_upload", args=[case.pk, "staff"])
        assert enter(who).get(address).status_code == 404
