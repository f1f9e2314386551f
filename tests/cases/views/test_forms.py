"""The pack's forms: prefilled, drafted, checked in words at the field, with and without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import evidence, people, stages
from cases.actions.filling import FormRefused
from cases.models import Case, FormRecord
from enterprises.models import MonthlyFact
from organisations.models import Unit
from tests.cases.standing import rectifying
from tests.cases.test_life import to_rectification
from tests.cases.views.conftest import Enter
from tests.cases.views.test_bar import in_matching, in_survey, proven, suspended
from tests.config.test_commands import refused
from tests.world import START, World, at, closing_form, matching_form, survey_form
from workflows.issuing import issue_pack
from workflows.packs import shipped_text

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


def url(case: Case, name: str = "case_form") -> str:
    return reverse(name, args=[case.pk])


def posted(data: dict[str, Any]) -> dict[str, Any]:
    """A form's values as a browser posts them."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if key == "haves":
            for have, answer in value.items():
                flat |= {f"haves-{have}-{part}": held for part, held in answer.items()}
        elif value and isinstance(value, list) and isinstance(value[0], dict):
            for n, row in enumerate(value):
                flat |= {f"{key}-{n}-{column}": held for column, held in row.items()}
        elif value is True:
            flat[key] = "on"
        else:
            flat[key] = value
    return flat


def send(client: Client, case: Case, form: str, data: dict[str, Any], **more: str) -> Any:
    version = Case.objects.get(pk=case.pk).version
    return client.post(url(case), {"version": version, "form": form, **posted(data), **more})


def stage(case: Case) -> str:
    return str(Case.objects.get(pk=case.pk).stage)


@pytest.mark.parametrize(("grade", "next_stage"), [("A", "rectification"), ("B", "matching")])
def test_the_survey_ends_where_its_class_says(
    world: World, enter: Enter, grade: str, next_stage: str
) -> None:
    case = in_survey(world)
    answer = send(enter(WORKER), case, "survey", survey_form(grade))
    assert answer.status_code == 302, answer.content.decode()
    assert stage(case) == next_stage


def test_every_field_of_the_pack_is_on_the_page(world: World, enter: Enter) -> None:
    case = in_survey(world)
    html = enter(WORKER).get(url(case)).content.decode()
    for name in (
        "production", "contacts-0-phone", "contacts-count", "visited_on", "haves-staff-state",
        "haves-cooperation-note", "reasons", "plan-0-due_on", "grade", "confirmed",
    ):  # fmt: skip
        assert f'name="{name}"' in html, name
    for words in ("洛阳示例轴承有限公司", "涧西区", "洛阳市工业和信息化局", "已填报"):
        assert words in html, words
    assert 'data-shown-by="grade" data-shown-any="D"' in html
    assert "<noscript>" in html


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(world: World, enter: Enter) -> None:
    case = in_survey(world)
    data = survey_form("D") | {
        "grade_reason": "",
        "visitors": "周示例、孟示例",
        "visited_on": "2022-03-09",
        "contacts": [{"role": "finance", "name": "", "phone": "abc"}],
    }
    answer = send(enter(WORKER), case, "survey", data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert stage(case) == "survey"
    assert "周示例、孟示例" in html
    assert 'value="abc"' in html
    for place in ("visited_on", "contacts-0-name", "contacts-0-phone", "grade_reason"):
        assert f'href="#{place}"' in html, place
        assert f'id="{place}"' in html, place
    assert html.count("field__error") >= 4
    # whoever leaves the page now finds it again, unsound answers too
    assert FormRecord.objects.get(case=case).is_draft
    again = enter(WORKER).get(f"/cases/{case.pk}/form/").content.decode()
    assert "周示例、孟示例" in again
    assert 'value="abc"' in again


def test_a_draft_is_kept_and_found_again(world: World, enter: Enter) -> None:
    case, client = in_survey(world), enter(WORKER)
    draft = {"production": "half", "visitors": "周示例", "reasons": ["policy", "money"]}
    assert send(client, case, "survey", draft, do="save").status_code == 302
    html = client.get(url(case)).content.decode()
    assert re.search(r'value="half" checked', html)
    assert re.search(r'value="money" checked', html)
    assert 'value="周示例"' in html
    assert stage(case) == "survey"


def test_autosave_answers_json(world: World, enter: Enter) -> None:
    case, client = in_survey(world), enter(WORKER)
    there = url(case, "case_form_draft")
    saved = client.post(there, {"form": "survey", "visitors": "孟示例"})
    assert (saved.status_code, saved.json()["saved"]) == (200, True)
    assert FormRecord.objects.get(case=case).data["visitors"] == "孟示例"
    wrong = {"form": "survey", "visitors": "孟示例", "visited_on": "vorgestern",
             "contacts-0-name": "李示例", "contacts-0-phone": "abc"}  # fmt: skip
    answer = client.post(there, wrong).json()
    assert answer["saved"]
    assert "2" in answer["words"]
    held = FormRecord.objects.get(case=case)
    # whoever reads the answers finds sound ones; what was typed is found again on the page
    assert (held.data["visitors"], held.data["visited_on"]) == ("孟示例", None)
    assert held.data["contacts"][0]["phone"] is None
    html = client.get(url(case)).content.decode()
    assert 'value="vorgestern"' in html
    assert 'value="abc"' in html
    assert stages_refuse(case, world) == {"visited_on", "contacts.0.phone"}


def stages_refuse(case: Case, world: World) -> set[str]:
    """What of the held draft the move finds unsound, fields that are simply empty aside."""
    with pytest.raises(FormRefused) as refused:
        stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 12), version=None)
    held = FormRecord.objects.get(case=case)
    return set(refused.value.errors) & set(held.unsound)


def test_two_people_at_one_form_lose_nothing(world: World, enter: Enter) -> None:
    case = in_survey(world)
    first, second = enter(WORKER), enter(LEAD)
    there = url(case, "case_form_draft")
    mark = first.post(there, {"form": "survey", "visitors": "周示例", "held": ""}).json()["held"]
    answer = second.post(there, {"form": "survey", "visitors": "孟示例", "held": ""})
    assert answer.status_code == 409
    assert str(world.people[WORKER]) in answer.json()["words"]
    # one that names no draft has seen none
    for wish, seen in (("save", {}), ("save", {"held": ""}), ("finish", {"held": ""})):
        page = send(second, case, "survey", {"visitors": "孟示例", **seen}, do=wish)
        html = page.content.decode()
        assert page.status_code == 409
        assert 'value="孟示例"' in html  # one's own in the field, the other's above it
        assert "周示例" in html.split('<form class="pack-form"')[0]
    assert FormRecord.objects.get(case=case).data["visitors"] == "周示例"
    assert f'name="held" value="{mark}"' in html
    saved = second.post(there, {"form": "survey", "visitors": "孟示例", "held": mark})
    assert saved.status_code == 200


def test_two_people_at_one_remedy_lose_no_progress(world: World, enter: Enter) -> None:
    """Its form is only saved, over weeks: no move of the case would notice the older page."""
    remedy = Case.objects.get(parent=in_matching(world), criterion="staff")
    first, second, form = enter(WORKER), enter(LEAD), "remedy_staff"
    mark = re.findall('name="held" value="([^"]*)"', first.get(url(remedy)).content.decode())[0]
    told = {"progress-0-on": "2022-03-01", "progress-0-note": "名册已建", "held": mark}
    assert send(first, remedy, form, told, do="save").status_code == 302
    for wish in ("save", "finish"):
        page = send(second, remedy, form, {"measure": "建名册", "held": mark}, do=wish)
        assert page.status_code == 409
    kept = FormRecord.objects.get(case=remedy).data["progress"]
    assert [row["note"] for row in kept] == ["名册已建"]


def test_what_was_typed_when_the_step_has_no_form_any_more_is_shown(
    world: World, enter: Enter
) -> None:
    case, client = proven(world), enter(WORKER)
    assert send(client, case, "closing", closing_form()).status_code == 302  # in another tab
    answer = send(client, case, "closing", closing_form() | {"leftover": "名册年底更新"})
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "名册年底更新" in html
    assert "未提交" in html
    assert "申请销号" in html  # what happened meanwhile
    draft = client.post(url(case, "case_form_draft"), {"form": "closing", "leftover": "x"})
    assert (draft.status_code, draft.json()["saved"]) == (403, False)


def test_what_was_typed_into_a_case_that_was_given_away_is_shown(
    world: World, enter: Enter
) -> None:
    case, client = in_survey(world), enter(WORKER)
    assert send(client, case, "survey", {"visitors": "周示例"}, do="save").status_code == 302
    # who had no hand in it hears nothing of it
    assert send(enter("嵩县/county_lead"), case, "survey", {"visitors": "x"}).status_code == 404
    elsewhere = Unit.objects.get(region__name="嵩县", kind=Unit.Kind.TASK_FORCE)
    people.reassign(
        case.pk, unit=elsewhere, by=world.office, at=at(START, 10), reason="迁址", knowing=True
    )
    answer = send(client, case, "survey", {"visitors": "周示例、孟示例"})
    html = answer.content.decode()
    assert answer.status_code == 403
    assert "周示例、孟示例" in html
    # nothing typed is the refusal itself
    assert client.get(url(case)).status_code in (403, 404)


def test_a_late_autosave_leaves_no_draft_behind(world: World, enter: Enter) -> None:
    case = in_matching(world)
    answer = enter(WORKER).post(url(case, "case_form_draft"), {"form": "survey", "visitors": "x"})
    assert answer.status_code == 409
    assert not FormRecord.objects.filter(case=case, is_draft=True).exists()


def test_a_row_more_without_script(world: World, enter: Enter) -> None:
    case, client = in_survey(world), enter(WORKER)
    answer = send(client, case, "survey", survey_form("B"), do="add:contacts")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="contacts-1-name"' in html
    assert 'value="李示例"' in html
    assert not FormRecord.objects.filter(case=case).exists()


def test_matching_ends_with_an_agreement_a_need(world: World, enter: Enter) -> None:
    case, client = in_matching(world), enter(WORKER)
    talking = matching_form()
    talking["contacts"] = [
        row | {"result": "talking", "next_step": "再谈"}
        for row in talking["contacts"]  # type: ignore[attr-defined]
    ]
    answer = send(client, case, "matching", talking)
    assert answer.status_code == 422
    assert "关键技术" in answer.content.decode()
    assert send(client, case, "matching", matching_form()).status_code == 302
    assert stage(case) == "rectification"


def test_no_partner_needed_takes_a_reason(world: World, enter: Enter) -> None:
    case, client = in_matching(world), enter(WORKER)
    assert send(client, case, "matching", {"not_needed": True}).status_code == 422
    reasoned = {"not_needed": True, "not_needed_reason": "自有研究院"}
    assert send(client, case, "matching", reasoned).status_code == 302


def test_the_closing_form_applies(world: World, enter: Enter) -> None:
    case = proven(world)
    assert send(enter(WORKER), case, "closing", closing_form()).status_code == 302
    assert stage(case) == "county_review"


def test_nothing_agrees_with_what_the_province_does_not_have(world: World, enter: Enter) -> None:
    """省系统核对 "一致" without any provincial data, and the firm's declaration left out: refused
    in words, by page and command; "no data yet" is an answer."""
    case, client = proven(world), enter(WORKER)
    MonthlyFact.objects.all().delete()
    answer = send(client, case, "closing", closing_form() | {"truthful": ""})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "省系统尚无该企业本年度数据，不能填“一致”。可选：不一致、省系统尚无数据" in page
    assert "请确认“企业真实性承诺（盖章件已收）”" in page
    by = ("--by", world.people[WORKER].username, "--at", START.isoformat())
    told = [part for key, value in closing_form().items() for part in ("--set", f"{key}={value}")]
    line = ("case", "apply_for_closure", case.number, *told, *by)
    assert "不能填“一致”" in refused(*line)[1]
    assert stage(case) != "county_review"
    no_data = {"provincial_check": "none"}
    assert send(client, case, "closing", closing_form() | no_data).status_code == 302
    assert stage(case) == "county_review"


def test_the_closing_form_says_what_is_missing(world: World, enter: Enter) -> None:
    case, client = to_rectification(world), enter(WORKER)
    page = client.get(url(case)).content.decode()
    assert 'aria-describedby="why-shut"' in page
    answer = send(client, case, "closing", closing_form())
    assert answer.status_code == 422
    assert "研发经费" in answer.content.decode()
    assert 'value="周示例"' in answer.content.decode()


def test_a_remedys_form_is_kept(world: World, enter: Enter) -> None:
    remedy = Case.objects.get(parent=to_rectification(world), criterion="staff")
    client = enter(WORKER)
    data = {"measure": "充实研发人员", "progress": [{"noted_on": "2022-03-01", "note": "已定三人"}]}
    assert send(client, remedy, "remedy_staff", data).status_code == 302
    parent = client.get(reverse("case", args=[remedy.parent_id])).content.decode()
    assert "充实研发人员" in parent
    assert "已定三人" in parent


def test_a_remedy_that_a_returned_paper_opens_finds_its_plan_in_the_form(
    world: World, enter: Enter
) -> None:
    case, lead = rectifying(world, staff="regular"), world.actor(LEAD)
    row = world.prove(case, "staff")
    evidence.return_(row.pk, reason=1, text="名册未盖章", by=lead, at=at(START, 13))
    remedy = Case.objects.get(parent=case, criterion="staff")
    assert not FormRecord.objects.filter(case=remedy).exists()
    page = enter(WORKER).get(url(remedy)).content.decode()
    found = dict(re.findall(r'name="(responsible|finish_on)"[^>]*value="([^"]+)"', page))
    due = world.item(remedy).due_on
    assert found == {"responsible": "人事部", "finish_on": str(due)}  # as the survey planned


def test_a_stale_form_keeps_what_was_typed(world: World, enter: Enter) -> None:
    case = in_survey(world)
    answer = enter(WORKER).post(
        url(case), {"version": "1", "form": "survey", **posted(survey_form("B"))}
    )
    assert answer.status_code == 409
    assert 'value="周示例、孟示例"' in answer.content.decode()
    assert stage(case) == "survey"


def test_the_form_of_another_step_is_stale(world: World, enter: Enter) -> None:
    case = in_matching(world)
    answer = send(enter(WORKER), case, "survey", survey_form("B"))
    assert answer.status_code == 409
    html = answer.content.decode()
    # below stands the next step's form: what was typed is shown to be read, and nothing is claimed
    assert "保留在下方" not in html
    assert "中填写的内容未提交，列在下方供查看、复制" in html
    assert "周示例、孟示例" in html.split('<form class="pack-form"')[0]


def test_a_suspended_case_is_not_filled_in(world: World, enter: Enter) -> None:
    case = suspended(world)
    answer = send(enter(WORKER), case, "survey", survey_form("B"))
    assert answer.status_code == 422
    assert stage(case) == "survey"


@pytest.mark.parametrize("who", ["市工信局/department_officer", "supervisor", "office/1"])
def test_only_the_county_fills_in(world: World, enter: Enter, who: str) -> None:
    case = in_survey(world)
    assert enter(who).get(url(case)).status_code == 403
    assert send(enter(who), case, "survey", survey_form("B")).status_code == 403


def test_a_field_that_was_not_offered_is_not_taken(world: World, enter: Enter) -> None:
    case = in_survey(world)
    sneaky = survey_form("B") | {"firm_name": "别的公司", "credit_code": "X", "stage": "closed"}
    assert send(enter(WORKER), case, "survey", sneaky).status_code == 302
    held = FormRecord.objects.get(case=case, form="survey").data
    assert not {"firm_name", "credit_code", "stage"} & set(held)


def test_a_sealed_form_can_be_read(world: World, enter: Enter) -> None:
    case = in_matching(world)
    record = FormRecord.objects.get(case=case, form="survey")
    there = reverse("case_record", args=[case.pk, record.pk])
    html = enter("supervisor").get(there).content.decode()
    for words in ("李示例", "基础较好", "建辅助账", "不了解政策"):
        assert words in html, words
    assert enter("嵩县/county_lead").get(there).status_code == 404


def test_answers_are_read_in_the_words_in_which_they_were_asked_for(
    world: World, enter: Enter
) -> None:
    case = in_matching(world)
    record = FormRecord.objects.get(case=case, form="survey")
    assert record.pack_version_id == case.pack_version_id
    text = shipped_text("luoyang-2022").replace("label: 走访人 |", "label: 入户人员 |")
    text = text.replace('regular: "有且规范 |', 'regular: "齐全 |')
    newer = issue_pack(text, by=world.office, at=at(START, 10))
    Case.objects.filter(pk=case.pk).update(pack_version=newer)
    pages = [
        reverse("case_record", args=[case.pk, record.pk]),
        reverse("case", args=[case.pk]),
    ]
    record_page, _case_page = (enter("supervisor").get(page).content.decode() for page in pages)
    assert "走访人" in record_page
    assert "入户人员" not in record_page
    assert "第1版" in record_page
