"""A form by manage.py: printed as a file with what is known, filled in, sent back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cases.models import Case, Evidence, FormFile, FormRecord
from tests import bad_files
from tests.cases.standing import rectifying
from tests.cases.views.test_bar import in_survey
from tests.config.test_commands import as_json, refused, run
from tests.world import START, World, survey_form

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
WHEN = ("--at", f"{START}T15:00")


@pytest.fixture
def case(world: World) -> Case:
    return in_survey(world)


def test_a_form_is_printed_filled_in_and_sent_back(
    world: World, case: Case, tmp_path: Path
) -> None:
    by = ("--by", world.people[WORKER].username)
    told = as_json("case", "form", case.number, *WHEN)
    assert (told["form"], told["state"]) == ("survey", "none")
    assert told["answers"] == {"visited_on": START.isoformat()}
    assert told["known"]["县区"] == "涧西区"
    sheet = tmp_path / "survey.yaml"
    sheet.write_text(run("case", "form", case.number, *WHEN), encoding="utf-8")
    # as printed it is a draft of nothing but what was known
    run("case", "fill", case.number, "--form", str(sheet), *by, *WHEN)
    record = FormRecord.objects.get(case=case)
    assert {k for k, v in record.data.items() if v and k != "haves"} == {"visited_on"}
    photo = tmp_path / "签字页.jpg"
    photo.write_bytes(bad_files.picture())
    text = sheet.read_text(encoding="utf-8")
    text = text.replace("visitors:\n", "visitors: 周示例、孟示例\n")
    text = text.replace("group_rd:\n", "group_rd: yes\n")  # an answer, not a truth value
    text = text.replace("confirmation: []", f"confirmation: [{photo}]")
    sheet.write_text(text, encoding="utf-8")
    run("case", "fill", case.number, "--form", str(sheet), *by, *WHEN)
    held = FormRecord.objects.get(case=case).data
    [row] = FormFile.objects.all()
    assert (held["visitors"], held["group_rd"]) == ("周示例、孟示例", "yes")
    assert (held["confirmation"], row.file_name) == ([row.pk], "签字页.jpg")
    error, _words = refused("case", "advance", case.number, "--form", str(sheet), *by, *WHEN)
    assert error["code"] == "form_incomplete"
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps(survey_form("B")), encoding="utf-8")
    found = as_json("case", "advance", case.number, "--form", str(whole), *by, *WHEN)
    assert found["stage"] == "matching"
    assert "对接表" in run("case", "form", case.number, *WHEN)


def test_a_broken_file_is_refused_in_words(world: World, case: Case, tmp_path: Path) -> None:
    by = ("--by", world.people[WORKER].username)
    for name, text, words in (
        ("a.yaml", "visitors: [周示例", "YAML"),
        ("a.yaml", "- visitors", "表单"),
        ("a.json", "visitors: 周示例", "JSON"),
    ):
        there = tmp_path / name
        there.write_text(text, encoding="utf-8")
        _error, said = refused("case", "fill", case.number, "--form", str(there), *by, *WHEN)
        assert words in said
    there.with_suffix(".yaml").write_text("confirmation: /nowhere.jpg", encoding="utf-8")
    form = str(there.with_suffix(".yaml"))
    error, _said = refused("case", "fill", case.number, "--form", form, *by, *WHEN)
    assert error["code"] == "wrong_input"


def test_papers_are_replaced_taken_back_and_end(world: World, tmp_path: Path) -> None:
    number = rectifying(world).number
    worker, lead = (("--by", world.people[key].username, *WHEN) for key in (WORKER, LEAD))

    def submit(language: str, *more: str) -> str:
        scan = tmp_path / "名册.pdf"
        scan.write_bytes(bad_files.pdf(f"/Lang ({language})"))
        given = ("--file", str(scan), "--criterion", "staff", *more)
        return str(
            as_json("case", "evidence-submit", number, *given, *worker)["evidence"][-1]["id"]
        )

    taken = ("case", "evidence-take-back", number, "--evidence", submit("zh"), *worker)
    assert refused(*taken, "--seen-version", "0")[0]["code"] == "stale"
    run(*taken)
    first = submit("en")
    run("case", "evidence-accept", number, "--valid-until", "2022-12-31", *lead)
    second = submit("de", "--replaces", first)
    run("case", "evidence-accept", number, *lead)
    held = {row.pk: row for row in Evidence.objects.all()}
    assert (held[int(first)].state, held[int(second)].state) == ("replaced", "county_accepted")
    assert str(held[int(first)].valid_until) == "2022-12-31"
