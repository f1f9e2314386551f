"""What is filled in is read, checked and answered in words."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils.translation import override

from workflows.form_examples import filled
from workflows.form_fields import Field, Form
from workflows.forms import from_post, missing_haves, row_name, validate
from workflows.forms_unsound import apart, together
from workflows.packs import parse_pack, shipped_text

PACK = parse_pack(shipped_text("luoyang-2022"))
TODAY = date(2022, 6, 15)
SURVEY = PACK.form("survey")
FORMS = [key for key in PACK.forms if key != "remedy_common"]


@pytest.mark.parametrize("key", FORMS)
def test_the_least_sound_answers_are_accepted_and_stay_as_they_are(key: str) -> None:
    form = PACK.form(key)
    cleaned, errors = validate(form, filled(form, today=TODAY), today=TODAY)
    assert errors == {}
    assert validate(form, cleaned, today=TODAY) == (cleaned, {})


@pytest.mark.parametrize("key", FORMS)
def test_an_empty_form_names_exactly_its_compulsory_fields(key: str) -> None:
    form = PACK.form(key)
    with override("en"):
        _cleaned, errors = validate(form, {}, today=TODAY)
    required = {f.key for f in form.inputs if f.required and f.kind != "haves"}
    haves = {f"haves.{have}" for have in form.haves} if key == "survey" else set()
    conditional = {"contacts"} if key == "matching" else set()
    assert set(errors) == required | haves | conditional
    assert all(words for words in errors.values())


@pytest.mark.parametrize("key", FORMS)
def test_a_draft_needs_nothing(key: str) -> None:
    assert validate(PACK.form(key), {}, today=TODAY, complete=False)[1] == {}


def survey(**answers: Any) -> tuple[dict[str, Any], dict[str, str]]:
    with override("en"):
        return validate(SURVEY, filled(SURVEY, today=TODAY, answers=answers), today=TODAY)


def test_every_missing_have_has_its_row_in_the_plan() -> None:
    haves = {"haves": {have.key: {"state": "none"} for have in PACK.haves}}
    rows = [{"have": "staff", "measure": "建名册"}, {"have": "spending", "measure": "建账"}]
    words = {"plan": "No row yet for: R&D body, Cooperation with research."}
    assert survey(grade="B", plan=rows, **haves)[1] == words
    assert survey(grade="D", plan=rows, **haves)[1] == {}


def test_a_class_without_a_plan_is_asked_for_no_measure() -> None:
    """What the page put in by itself is dropped, what was written stays."""
    haves = {"haves": {have.key: {"state": "none"} for have in PACK.haves}}
    bare = [{"have": have.key} for have in PACK.haves]
    for rows, kept in ((bare, 0), ([*bare, {"have": "staff", "unit": "人力部"}], 1)):
        cleaned, errors = survey(grade="D", grade_reason="停产", plan=rows, **haves)
        assert errors == {}
        assert len(cleaned["plan"]) == kept
    assert "plan.0.measure" in survey(grade="B", plan=bare, **haves)[1]


def test_no_day_before_the_opening() -> None:
    since, early = TODAY - timedelta(days=1), (TODAY - timedelta(days=2)).isoformat()
    rows = [{"have": "staff", "measure": "建名册", "due_on": early}]
    answers = filled(SURVEY, today=TODAY, answers={"visited_on": early, "plan": rows})
    assert validate(SURVEY, answers, today=TODAY)[1] == {}
    errors = validate(SURVEY, answers, today=TODAY, since=since)[1]
    assert set(errors) == {"visited_on", "plan.0.due_on"}
    assert since.isoformat() not in errors["visited_on"]  # a day in a sentence, not 2022-03-20
    assert validate(SURVEY, answers, today=TODAY, since=since - timedelta(days=1))[1] == {}


def test_no_planned_day_after_the_work_nor_in_a_wrong_year() -> None:
    """A plan that ends after the programme, 2062 for 2026: said at the field, in a draft too."""
    late = (PACK.work_until + timedelta(days=1)).isoformat()
    rows = [{"have": "staff", "measure": "建名册", "due_on": late}]
    answers = filled(SURVEY, today=TODAY, answers={"plan": rows})
    errors = validate(SURVEY, answers, today=TODAY, until=PACK.work_until)[1]
    assert list(errors) == ["plan.0.due_on"]
    assert validate(SURVEY, answers, today=TODAY)[1] == {}
    far = "2172-06-15"
    assert one({"kind": "date"}, far)[1] == "Please give a date such as 2026-09-15."
    assert one({"kind": "month"}, far[:7])[1] == "Please give a month such as 2026-09."
    within = {"kind": "date", "within_months": 12}
    assert one(within, "2023-06-15") == ("2023-06-15", "")
    assert "Please check the year" in one(within, "2023-06-16")[1]


def test_a_watched_firm_needs_a_reason_instead_of_a_plan() -> None:
    assert survey(grade="D")[1] == {}
    form = {**filled(SURVEY, today=TODAY, answers={"grade": "D"}), "grade_reason": ""}
    with override("en"):
        errors = validate(SURVEY, form, today=TODAY)[1]
    assert errors == {"grade_reason": "Please fill in “Why the firm is not able yet”."}
    assert survey(grade="B", plan=[])[1] == {"plan": "Please fill in “Plan for this firm”."}


def test_a_group_is_named_only_where_it_does_the_rd() -> None:
    cleaned, errors = survey(group_rd="no", group_name="x")
    assert errors == {}
    assert "group_name" not in cleaned  # not shown, so not kept
    assert set(survey(group_rd="yes", group_name="")[1]) == {"group_name"}


def test_haves_that_are_not_in_due_form_are_missing() -> None:
    states = ["regular", "irregular", "none", "unclear"]
    haves = {
        have.key: {"state": state, "note": " 一句话 "}
        for have, state in zip(PACK.haves, states, strict=True)
    }
    cleaned, errors = survey(haves=haves)
    assert errors == {}
    assert cleaned["haves"]["institution"] == {"state": "regular", "note": "一句话"}
    assert missing_haves(cleaned) == ("staff", "spending", "cooperation")
    assert missing_haves({}) == ()


def test_an_answer_that_is_none_of_the_choices_is_refused() -> None:
    haves = {have.key: {"state": "perfect"} for have in PACK.haves}
    _cleaned, errors = survey(haves=haves, production="flying", reasons=["policy", "mood"])
    assert set(errors) == {"production", "reasons", *(f"haves.{h.key}" for h in PACK.haves)}


def test_faults_inside_rows_are_named_by_row_and_column() -> None:
    contacts = [{"role": "finance", "name": "张示例"}, {"role": "boss", "phone": "abc"}]
    _cleaned, errors = survey(contacts=contacts)
    assert set(errors) == {"contacts.1.role", "contacts.1.name", "contacts.1.phone"}
    assert survey(contacts=[])[1] == {"contacts": "“Contacts” needs at least 1 rows."}
    many = [{"role": "finance", "name": "张示例"}] * 51
    assert survey(contacts=many)[1] == {"contacts": "“Contacts” takes at most 50 rows."}


def test_matching_needs_a_contact_or_a_reason_why_none() -> None:
    form = PACK.form("matching")
    assert set(validate(form, {"not_needed": ""}, today=TODAY)[1]) == {"contacts"}
    assert set(validate(form, {"not_needed": "on"}, today=TODAY)[1]) == {"not_needed_reason"}
    answers = {"not_needed": "on", "not_needed_reason": "集团已有合作"}
    cleaned, errors = validate(form, answers, today=TODAY)
    assert errors == {}
    assert cleaned["not_needed"] is True


def one(field: dict[str, Any], value: Any) -> tuple[Any, str]:
    form = Form(key="f", title="f", fields=(Field(key="x", label="X", **field),))  # type: ignore[arg-type]
    with override("en"):
        cleaned, errors = validate(form, {"x": value}, today=TODAY)
    return cleaned["x"], errors.get("x", "")


@pytest.mark.parametrize(
    ("kind", "value", "cleaned"),
    [
        ("text", "  示例（集团）  ", "示例（集团）"),
        ("text", "", None),
        ("text", None, None),
        ("phone", "０３７９-12345678", "0379-12345678"),
        ("number", "12", 12),
        ("number", "１２", 12),
        ("number", 12, 12),
        ("number", "1,200", 1200),
        ("money", "12.340", "12.34"),
        ("money", "1,200", "1200.00"),
        ("money", 0, "0.00"),
        ("date", "2022-06-15", "2022-06-15"),
        ("date", "2022/6/5", "2022-06-05"),
        ("date", "2022年6月5日", "2022-06-05"),
        ("month", "2022-6", "2022-06"),
        ("tick", "on", True),
        ("tick", "", False),
        ("tick", True, True),
        ("tick", None, False),
    ],
)
def test_values_are_cleaned(kind: str, value: Any, cleaned: Any) -> None:
    assert one({"kind": kind}, value) == (cleaned, "")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ({"kind": "text", "max_length": 3}, "四个字呢", "At most 3 characters; there are 4."),
        # where the pack says nothing of it
        ({"kind": "text"}, "字" * 201, "At most 200 characters; there are 201."),
        ({"kind": "long_text"}, "字" * 2001, "At most 2000 characters; there are 2001."),
        ({"kind": "number"}, "many", "Please give a number."),
        ({"kind": "number"}, "NaN", "Please give a number."),
        ({"kind": "number"}, "1e30", "Please give a number."),
        ({"kind": "number"}, "1.5", "Please give a whole number."),
        ({"kind": "number", "least": 0}, "-1", "At least 0."),
        ({"kind": "number", "most": 100}, "101", "At most 100."),
        ({"kind": "money"}, "-1", "An amount cannot be negative."),
        ({"kind": "money"}, "12.345", "At most 2 places behind the point."),
        ({"kind": "date"}, "22-6-5", "Please give a date such as 2026-09-15."),
        ({"kind": "date"}, "2022-02-30", "Please give a date such as 2026-09-15."),
        ({"kind": "date"}, "soon", "Please give a date such as 2026-09-15."),
        ({"kind": "date"}, f"{'9' * 20}-1-1", "Please give a date such as 2026-09-15."),
        ({"kind": "date"}, "2022-06", "Please give a date such as 2026-09-15."),
        ({"kind": "date", "not_future": True}, "2022-06-16", "This day has not come yet."),
        ({"kind": "month"}, "2022-13", "Please give a month such as 2026-09."),
        ({"kind": "month", "not_future": True}, "2022-07", "This month has not come yet."),
        ({"kind": "phone"}, "call me", "Not a telephone number: use digits, spaces and hyphens."),
        ({"kind": "tick", "required": True}, "", "Please confirm “X”."),
    ],
)
def test_faults_are_answered_in_words(field: dict[str, Any], value: Any, words: str) -> None:
    assert one(field, value)[1] == words


def test_what_ends_cannot_end_before_it_begins() -> None:
    form = PACK.form("remedy_staff")
    answers = {"roster_from": "2022-06-01", "roster_until": "2022-05-01"}
    with override("en"):
        errors = validate(form, filled(form, today=TODAY, answers=answers), today=TODAY)[1]
    assert errors == {"roster_until": "Cannot be earlier than “Roster from”."}


def test_a_posted_form_is_read_into_rows_and_haves() -> None:
    post = QueryDict(mutable=True)
    post["visited_on"] = "2022-06-15"
    post["haves-staff-state"] = "none"
    post["haves-staff-note"] = "无专职人员"
    post.setlist("reasons", ["policy", "money"])
    post[row_name("contacts", 0, "name")] = "张示例"
    post[row_name("contacts", 2, "name")] = "李示例"
    data = from_post(SURVEY, post)
    assert data["visited_on"] == "2022-06-15"
    assert data["haves"]["staff"] == {"state": "none", "note": "无专职人员"}
    assert data["haves"]["spending"] == {"state": "", "note": ""}
    assert data["reasons"] == ["policy", "money"]
    assert [row["name"] for row in data["contacts"]] == ["张示例", "李示例"]
    assert "credit_code" not in data  # read only: never read back


def test_no_row_that_was_posted_is_dropped_without_a_word() -> None:
    """Lines that were added after others were taken out have numbers of their own."""
    post = QueryDict(mutable=True)
    for row in (3, 60, *range(100, 149)):
        post[row_name("contacts", row, "name")] = f"示例{row}"
    data = from_post(SURVEY, post)
    assert [row["name"] for row in data["contacts"]][:3] == ["示例3", "示例60", "示例100"]
    cleaned = validate(SURVEY, data, today=TODAY, complete=False)[0]
    assert len(cleaned["contacts"]) == 51
    with override("en"):
        words = validate(SURVEY, data, today=TODAY, complete=False)[1]["contacts"]
    assert "at most 50 rows" in words
    data["contacts"].pop()
    assert "contacts" not in validate(SURVEY, data, today=TODAY, complete=False)[1]


def test_a_field_without_its_parts_is_refused() -> None:
    for wrong in ({"kind": "choice"}, {"kind": "rows"}, {"kind": "text", "choices": {"a": "A"}}):
        with pytest.raises(ValueError, match=r"choices|columns"):
            Field.model_validate({"key": "x", "label": "X"} | wrong)
    with pytest.raises(ValueError, match="haves"):
        Field.model_validate({"key": "x", "kind": "haves", "label": "X", "choices": {"a": "A"}})


def reckoned(compute: dict[str, Any], data: dict[str, Any]) -> Any:
    kinds = {"a": "number", "b": "money", "from": "month", "until": "month"}
    fields: list[dict[str, Any]] = [{"key": k, "kind": v, "label": k} for k, v in kinds.items()]
    column = {"key": "n", "kind": "money", "label": "n"}
    fields.append({"key": "rows", "kind": "rows", "label": "r", "columns": [column]})
    fields.append({"key": "x", "kind": "computed", "label": "X", "compute": compute})
    form = Form.model_validate({"key": "f", "title": "f", "fields": fields})
    cleaned, _errors = validate(form, data | {"x": "9999"}, today=TODAY)  # never as posted
    assert "x" not in from_post(form, QueryDict("x=9999"))
    return cleaned["x"]


@pytest.mark.parametrize(
    ("compute", "data", "value"),
    [
        ({"sum": ["a", "b"]}, {"a": "2", "b": "0.5"}, "2.5"),
        ({"sum": ["a", "b"]}, {"b": "3"}, 3),
        ({"sum": ["a", "b"]}, {}, None),
        ({"sum": ["a", "b"]}, {"a": "many", "b": "1"}, 1),  # what is not sound counts as empty
        ({"sum": ["rows.n"]}, {"rows": [{"n": "1.25"}, {"n": ""}, {"n": "x"}, {"n": "2"}]}, "3.25"),
        ({"sum": "rows.n"}, {"rows": []}, None),
        ({"count": ["rows"]}, {"rows": [{"n": "1"}, {"n": "2"}]}, 2),
        ({"count": ["rows"]}, {}, 0),
        ({"difference": ["b", "a"]}, {"a": "2", "b": "1"}, -1),
        ({"difference": ["b", "a"]}, {"b": "1"}, None),
        ({"share": ["a", "b"]}, {"a": "1", "b": "3"}, "33.3"),
        ({"share": ["a", "b"]}, {"a": "1", "b": "0"}, None),
        ({"months": ["from", "until"]}, {"from": "2021-11", "until": "2022-02"}, 4),
        ({"months": ["from", "until"]}, {"from": "2022-03", "until": "2022-02"}, None),
    ],
)
def test_a_computed_answer_follows_from_the_others(
    compute: dict[str, Any], data: dict[str, Any], value: Any
) -> None:
    assert reckoned(compute, data) == value


@pytest.mark.parametrize(
    ("field", "value", "cleaned", "words"),
    [
        ({"kind": "number", "decimals": 1}, "12.50", "12.5", ""),
        ({"kind": "number", "decimals": 1}, "12", 12, ""),
        ({"kind": "number", "decimals": 1}, "1.25", "1.25", "At most 1 places behind the point."),
        ({"kind": "file"}, ["7", "7", "x", "../8", "9"], [7, 9], ""),
        ({"kind": "file"}, "", [], ""),
        ({"kind": "file", "required": True}, [], [], "Please add “X”."),
        ({"kind": "file", "most": 1}, ["1", "2"], [1, 2], "“X” takes at most 1 files."),
    ],
)
def test_decimals_and_files(field: dict[str, Any], value: Any, cleaned: Any, words: str) -> None:
    assert one(field, value) == (cleaned, words)


def test_what_is_not_sound_is_kept_apart_and_put_back() -> None:
    """A draft's readers find sound answers; its writer finds what he typed."""
    typed = {
        "visited_on": "soon",
        "visitors": "周示例",
        "reasons": ["policy", "mood"],
        "contacts": [{"role": "finance", "name": "张示例", "phone": "abc"}, {"role": "boss"}],
        "haves": {"staff": {"state": "perfect", "note": "一句话"}},
        "plan": [{"have": "staff", "due_on": "2022-13-01"}],
    }
    cleaned, errors = validate(SURVEY, typed, today=TODAY, complete=False)
    sound, unsound = apart(cleaned, errors)
    assert set(unsound) == {
        "visited_on", "reasons", "contacts.0.phone", "contacts.1.role", "haves.staff",
        "plan.0.due_on",
    }  # fmt: skip
    assert validate(SURVEY, sound, today=TODAY, complete=False)[1] == {}
    assert sound["visitors"] == "周示例"
    assert sound["haves"]["staff"] == {"state": "", "note": "一句话"}
    back = together(sound, unsound)
    assert validate(SURVEY, back, today=TODAY, complete=False) == (cleaned, errors)
    assert together({}, {"contacts.3.phone": "x"}) == {}  # rows that were taken out since
