"""Files in forms: kept when chosen, named by the answers, served as papers are; what is known."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from cases.actions import filling, form_files, visiting
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.models import Case, Evidence, FormFile, FormRecord
from cases.prefilling import first_answers
from cases.sheet import load
from enterprises.models import Enterprise
from tests.cases.standing import rectifying
from tests.cases.views.conftest import Enter
from tests.cases.views.test_bar import in_survey, proven
from tests.cases.views.test_forms import LEAD, WORKER, send, url
from tests.world import START, World, at, survey_form


def photo(name: str, colour: str = "red") -> SimpleUploadedFile:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(held, "PNG")
    return SimpleUploadedFile(name, held.getvalue())


def test_a_photo_is_kept_from_the_moment_it_is_chosen(world: World, enter: Enter) -> None:
    case, client = in_survey(world), enter(WORKER)
    there = url(case, "case_form_files")
    given = {"form": "survey", "field": "confirmation"}
    told = client.post(there, given | {"file": photo("签字页.png")}).json()
    assert client.post(there, given | {"file": photo("签字页.png")}).json() == told  # once
    refused = client.post(there, given | {"file": photo("签字页.exe")})
    assert (refused.status_code, "签字页.exe" in refused.json()["words"]) == (422, True)
    for wrong in ({"field": "visitors"}, {"form": "closing"}, {"form": "x"}):
        assert client.post(there, given | wrong | {"file": photo("a.png")}).status_code == 422
    assert client.post(there, given).status_code == 422
    # one that comes with the form itself is kept though the form is refused
    second = {"confirmation-new": photo("盖章页.png", "blue"), "confirmation": told["pk"]}
    page = send(client, case, "survey", {"visitors": "周示例"} | second)
    assert page.status_code == 422
    for name in ("签字页.png", "盖章页.png"):
        assert name in page.content.decode()
    numbers = list(FormFile.objects.order_by("pk").values_list("pk", flat=True))
    whole: dict[str, Any] = survey_form("B")
    assert send(client, case, "survey", whole | {"confirmation": numbers}).status_code == 302
    record = FormRecord.objects.get(case=case, form="survey")
    assert record.data["confirmation"] == numbers
    read = enter("supervisor").get(reverse("case_record", args=[case.pk, record.pk]))
    assert told["url"] in read.content.decode()


def test_a_file_of_a_form_is_private_and_never_shown_inline(world: World, enter: Enter) -> None:
    case = in_survey(world)
    given = {"form": "survey", "field": "confirmation", "file": photo("签字页.png")}
    told = enter(WORKER).post(url(case, "case_form_files"), given).json()
    answer = enter("supervisor").get(told["url"])
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.getvalue().startswith(b"\x89PNG")
    stranger = enter("嵩县/county_worker")
    assert stranger.get(told["url"]).status_code == 404
    given["file"] = photo("b.png")
    assert stranger.post(url(case, "case_form_files"), given).status_code == 404
    given["file"] = photo("b.png")
    # who reads the case and does not fill it in
    assert enter("supervisor").post(url(case, "case_form_files"), given).status_code == 403


def test_a_form_names_no_file_of_another_case(world: World, enter: Enter) -> None:
    case = in_survey(world)
    world.firm("洛阳示例齿轮有限公司")
    world.open()
    other = Case.objects.main().exclude(pk=case.pk).get()
    there = photo("x.png")
    assert there.size is not None
    paper = Paper(there, "x.png", "image/png", there.size, "0" * 64)
    worker = world.actor(WORKER)
    with pytest.raises(Refused) as refused:
        form_files.put_file(
            other, form="survey", field="confirmation", paper=paper, by=worker, at=at(START)
        )
    assert refused.value.code == "no_form"  # nobody has signed for it yet
    foreign = FormFile.objects.create(
        case=other, form="survey", field="confirmation", file=there, file_name="x.png",
        media_type="image/png", size=1, sha256="0" * 64, at=at(START),
    )  # fmt: skip
    data = {"confirmation": [foreign.pk]}
    with pytest.raises(Refused) as refused:
        filling.save_draft(case.pk, form="survey", data=data, by=worker, at=at(START, 12))
    assert refused.value.code == "other_file"
    sent = {"confirmation": foreign.pk, "visitors": "x"}
    assert send(enter(WORKER), case, "survey", sent, do="save").status_code == 302
    assert FormRecord.objects.get(case=case).data["confirmation"] == []  # the page leaves it out


# --- nothing is asked twice -----------------------------------------------------------------------
def known(world: World, case: Case, form: str, who: str = WORKER) -> dict[str, Any]:
    case = Case.objects.get(pk=case.pk)
    chosen = filling.form_of(case)
    assert chosen is not None
    assert chosen.key == form
    return first_answers(load(case, START), chosen, by=world.actor(who))


def test_the_survey_knows_the_visit_and_what_the_register_says(world: World) -> None:
    case = in_survey(world)
    assert known(world, case, "survey") == {"visited_on": START.isoformat()}
    firm = case.enterprise
    assert firm is not None
    firm.condition = Enterprise.Condition.PARTLY_STOPPED
    firm.save()
    visiting.record_visit(
        firm, visited_on=START, people="周示例、孟示例", met="李示例", found="已看现场",
        way="meeting", by=world.actor(WORKER), at=at(START, 11),
    )  # fmt: skip
    assert known(world, case, "survey") == {
        "production": "half",
        "visited_on": START.isoformat(),
        "visit_kind": "meeting",
        "visitors": "周示例、孟示例",
        "met": "李示例",
    }


def test_the_application_knows_what_the_papers_say(world: World, enter: Enter) -> None:
    case = proven(world)
    remedy = Case.objects.filter(parent=case, criterion="cooperation").first()
    assert remedy is not None
    FormRecord.objects.filter(case=remedy).update(data={"valid_until": "2023-05-31"})
    found = known(world, case, "closing")
    assert found == {
        "reached_on": START.isoformat(),
        "checked_on": START.isoformat(),
        "checked_by": str(world.people[WORKER].name),
        "cooperation_until": "2023-05-31",
        "next_review_on": "2023-01-01",
    }
    # a remedy that its paper ended has no form: the paper says how long it holds
    FormRecord.objects.filter(case=remedy).update(data={})
    Evidence.objects.filter(case=case, criterion="cooperation").update(valid_until="2023-05-31")
    assert known(world, case, "closing") == found
    page = enter(WORKER).get(url(case)).content.decode()
    for words in ("县级已审", "市级意见", 'value="2023-05-31"'):
        assert words in page, words


def test_a_remedy_says_what_the_survey_found(world: World, enter: Enter) -> None:
    case = rectifying(world, staff="none")
    remedy = Case.objects.get(parent=case, criterion="staff")
    page = enter(LEAD).get(url(remedy)).content.decode()
    assert "摸底情况" in page
    assert page.split("摸底情况")[1].split("</dd>")[0].endswith("无")
    assert 'data-compute="share"' in page
