"""发文登记 of many letters in one go; papers that a department signs itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from cases.actions import drafts, recurring
from cases.errors import Refused
from cases.models import Case
from reports.documents import kinds
from reports.documents.kinds import Kind, Subject
from reports.documents.letters import register_letters
from reports.documents.nouns import Document
from reports.documents.route import State, Step
from reports.documents.styles import set_style
from tests.cases.climbing import climb, late, open_firms, waiting
from tests.cases.lists import sign_in
from tests.config.test_commands import as_json
from tests.reports.offices import DAY, HANDLER, HEAD, step, until
from tests.world import START, World, at


def test_many_letters_are_registered_in_one_go(world: World) -> None:
    """A look first, then all that are ticked; a letter twice or a stranger's registers none."""
    open_firms(world, 3)
    climb(1, 20)
    day, first = late(20), waiting(kind="supervision_letter")
    body = "关于督促办理的函\n\n涧西区人民政府：\n　　请办理。\n\n　　专班办公室\n　　2022年5月10日"
    drafts.release(first.pk, by=world.actor(HEAD, day), at=at(day, 15), body=body)
    first.refresh_from_db()
    more = [first.pk]
    for n in (2, 3):
        first.pk, first.number, first._state.adding = None, f"{n}号", True
        first.save()
        more.append(first.pk)
    client = sign_in(world, HANDLER)
    page = client.get(reverse("documents_register")).content.decode()
    assert page.count('name="letter"') == 3
    assert page.count("涧西区人民政府") == 3
    url = reverse("documents_register")
    assert client.post(url, {"letter": []}).status_code == 422
    assert client.post(url, {"letter": [more[0], 10**6]}).status_code == 404
    assert not Document.objects.exists()
    assert client.post(url, {"letter": more[:2]}).status_code == 302
    made = Document.objects.order_by("pk")
    assert [one.state for one in made] == [State.TO_SEAL] * 2
    who = ("--at", f"{day}T16:00", "--by", world.people[HANDLER].username)
    [seen] = as_json("document", "register", "--dry-run", *who)
    assert (seen["letter"], seen["number"]) == (more[2], "3号")
    [done] = as_json("document", "register", *who)
    assert (done["state"], done["number"]) == (State.TO_SEAL, "3号")
    # registered before: the same one, not a second
    office = world.actor(HANDLER, day)
    assert len(register_letters(more, by=office, at=at(day, 17))) == 3
    assert Document.objects.count() == 3


def test_what_a_county_signs_bears_its_own_head_and_numbers(world: World, tmp_path: Path) -> None:
    """Never the office's: without a mark of its own its number is typed as the unit gave it."""
    world.firm("甲有限公司")
    world.open()
    recurring.open_due(at(START.replace(day=25)))
    report = Case.objects.get(procedure="county_report", county__name="涧西区")
    unit, kind = report.responsible_unit, Kind.MONTHLY_REPORT
    given: dict[str, Any] = {"by": world.actor(HANDLER, DAY), "at": at(DAY)}
    set_style(world.city, kind, masthead="洛阳市专班", series="洛研专办", skips=[], **given)

    def drafted() -> Document:
        made = kinds.draft_of(kind, Subject(world.programme, DAY, DAY, report), **given)
        made = until(world, made, State.TO_SIGN)
        return step(world, made, Step.SIGN, "涧西区/county_lead")

    first, second = drafted(), drafted()
    assert (first.said.masthead, first.said.signer) == ("", unit.name)
    with pytest.raises(Refused) as refusal, transaction.atomic():
        step(world, first, Step.NUMBER)
    assert refusal.value.code == "no_series"
    assert step(world, first, Step.NUMBER, number="涧科〔2022〕7号").number == "涧科〔2022〕7号"
    assert second.said.series == ""
    client = sign_in(world, HANDLER)
    url = reverse("house_style", args=[kind])
    assert f'<option value="{unit.pk}">' in client.get(url).content.decode()
    typed = {"unit": unit.pk, "masthead": "涧西区工作专班", "series": "涧研专办"}
    assert client.post(f"{url}save/", typed)["Location"] == f"{url}?unit={unit.pk}"
    third = drafted()
    assert third.said.masthead == "涧西区工作专班"
    assert step(world, third, Step.NUMBER).number == "涧研专办〔2022〕1号"
    assert client.get(f"{url}?unit={10**6}").status_code == 404
    # the same by hand
    text = tmp_path / "words.txt"
    text.write_text("特此报告。\n", encoding="utf-8")
    who = ("--at", f"{DAY}T12:00", "--by", world.people[HANDLER].username)
    ours, own = as_json("document", "style", kind, "--text", str(text), "--skip", "seal", *who)
    assert (ours["text"], ours["skips"], ours["masthead"]) == ("特此报告。", ["seal"], "洛阳市专班")
    changed = ("--signer", "涧西区专班", "--series", "涧专", "--masthead", "涧西区专班")
    _ours, own = as_json("document", "style", kind, "--unit", unit.name, *changed, *who)
    assert (own["unit"], own["signer"], own["series"]) == (str(unit), "涧西区专班", "涧专")
    empty = tmp_path / "none.docx"
    empty.write_bytes(b"")
    assert as_json("document", "style", kind, "--template", str(empty), *who)[0]["template"] == ""
