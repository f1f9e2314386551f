"""Stages, moves and children of the assistance procedure; every stage × verb × class."""

from itertools import product

import pytest

from workflows.guard import ENDINGS, allows
from workflows.packs import parse_pack, shipped_text
from workflows.procedure import GRAPH_VERBS, TERMINAL, Child, leads_to, reachable, spawned

PACK = parse_pack(shipped_text("luoyang-2022"))
ROOT = PACK.root
REMEDY = PACK.procedure("remedy")
HAVES = tuple(have.key for have in PACK.haves)
STAGES = [stage.key for stage in ROOT.stages]
GRADES = [None, "A", "B", "C", "D"]

# stage, verb → to, for the classes named ("" = no class yet)
LEGAL = {
    ("assigned", "acknowledge", "survey", " ABCD"),
    ("survey", "advance", "rectification", "A"),
    ("survey", "advance", "matching", "BC"),
    ("survey", "advance", "watching", "D"),
    ("watching", "advance", "watching", "D"),
    ("watching", "advance", "matching", "BC"),
    ("watching", "advance", "rectification", "A"),
    ("watching", "advance", "survey", " ABCD"),
    ("matching", "advance", "rectification", " ABCD"),
    ("matching", "send_back", "survey", " ABCD"),
    ("rectification", "apply_for_closure", "county_review", " ABCD"),
    ("rectification", "send_back", "matching", "BC"),
    ("rectification", "send_back", "survey", " ABCD"),
    ("county_review", "advance", "confirmation", " ABCD"),
    ("county_review", "send_back", "rectification", " ABCD"),
    ("confirmation", "close", "closed", " ABCD"),
    ("confirmation", "send_back", "rectification", " ABCD"),
}
OTHER_VERBS = ("suspend", "resume", "reassign", "comment", "decline", "urge", "spawn")


def is_legal(stage: str, verb: str, to: str, grade: str | None) -> bool:
    grades = {g for s, v, t, classes in LEGAL if (s, v, t) == (stage, verb, to) for g in classes}
    return (grade or " ") in grades


@pytest.mark.parametrize("stage", [*STAGES, *TERMINAL, "nowhere"])
@pytest.mark.parametrize("verb", GRAPH_VERBS)
def test_the_guard_allows_exactly_the_packs_moves(stage: str, verb: str) -> None:
    for to, grade in product([*STAGES, *TERMINAL, "nowhere"], GRADES):
        expected = is_legal(stage, verb, to, grade)
        assert allows(ROOT, stage, verb, to, grade) is expected, (stage, verb, to, grade)


@pytest.mark.parametrize("stage", [*STAGES, *TERMINAL])
def test_endings_and_verbs_that_stay(stage: str) -> None:
    is_open = stage not in TERMINAL
    for verb, end in ENDINGS.items():
        assert allows(ROOT, stage, verb, end) is is_open
        assert not allows(ROOT, stage, verb, "closed")
    for verb in OTHER_VERBS:
        assert allows(ROOT, stage, verb, stage) is is_open
        assert not allows(ROOT, stage, verb, "survey" if stage != "survey" else "matching")
    assert allows(ROOT, stage, "undo_import", "withdrawn") is (stage != "withdrawn")
    assert not allows(ROOT, stage, "undo_import", "closed")
    assert allows(ROOT, stage, "reopen", "rectification") is (
        stage in ("closed", "delisted", "withdrawn")
    )
    assert not allows(ROOT, stage, "reopen", "closed")


def test_without_a_target_the_first_move_that_fits_is_meant() -> None:
    move = ROOT.move("rectification", "send_back", None, "B")
    assert move is not None
    assert move.to == "matching"
    move = ROOT.move("rectification", "send_back", None, "A")
    assert move is not None
    assert move.to == "survey"
    assert ROOT.move("survey", "advance", None, None) is None
    assert ROOT.moves("closed") == ()


def test_a_closing_takes_two_reviews_and_only_the_citys_stops_the_countys_clock() -> None:
    review, confirmation = ROOT.stage("county_review"), ROOT.stage("confirmation")
    assert (review.owner, confirmation.owner) == ("county_lead", "office")
    assert not review.waits_higher
    assert confirmation.waits_higher
    assert ROOT.reviews == {"county_review", "confirmation"}
    assert review.phase == confirmation.phase == "closure"
    assert [phase.title.zh for phase in ROOT.phases] == ["摸底", "对接", "整改", "销号"]


@pytest.mark.parametrize("stage", ["county_review", "confirmation"])
def test_what_is_sent_back_for_correction_has_five_working_days(stage: str) -> None:
    move = ROOT.move(stage, "send_back")
    assert move is not None
    assert str(move.time) == "within: 5 working_days"


@pytest.mark.parametrize(
    ("stage", "grade", "phrase"),
    [
        ("assigned", None, "within: 1 working_days"),
        ("survey", None, "within: 15 working_days"),
        ("watching", "D", "every: quarter"),
        ("matching", "B", "within: 20 working_days"),
        ("matching", "C", "within: 40 working_days"),
        ("matching", None, "within: 40 working_days"),
        ("rectification", "B", "otherwise"),
        ("county_review", "B", "within: 5 working_days"),
        ("confirmation", "B", "next_batch_day"),
    ],
)
def test_each_stage_has_its_time(stage: str, grade: str | None, phrase: str) -> None:
    assert phrase in str(ROOT.stage(stage).time_for(grade))


def test_a_stage_without_a_limit_has_no_phrase() -> None:
    bare = ROOT.stage("survey").model_copy(update={"time": ()})
    assert bare.time_for("A") is None


@pytest.mark.parametrize("grade", ["A", "B", "C"])
def test_leaving_the_survey_opens_the_remedies_that_need_no_partner(grade: str) -> None:
    children = spawned(
        ROOT.stage("survey"), "leaving", grade=grade, missing=HAVES, unaided=PACK.unaided
    )
    assert [child.criterion for child in children] == ["institution", "staff", "spending"]
    rest = spawned(
        ROOT.stage("rectification"),
        "entering",
        grade=grade,
        missing=HAVES,
        unaided=PACK.unaided,
        present=[child.criterion for child in children],
    )
    assert rest == (Child("remedy", "cooperation"),)


def test_only_what_is_missing_is_mended_and_a_watched_firm_gets_no_remedy() -> None:
    survey = ROOT.stage("survey")
    some = spawned(survey, "leaving", grade="B", missing=["spending"], unaided=PACK.unaided)
    assert some == (Child("remedy", "spending"),)
    assert spawned(survey, "leaving", grade="D", missing=HAVES, unaided=PACK.unaided) == ()
    assert spawned(survey, "entering", grade="B", missing=HAVES, unaided=PACK.unaided) == ()


def test_rectification_waits_for_its_remedies_and_nothing_else_does() -> None:
    waiting = {stage.key: stage.waits_for for stage in ROOT.stages if stage.waits_for}
    assert waiting == {"rectification": ("remedy",)}


@pytest.mark.parametrize("have", HAVES)
def test_a_remedy_closes_on_its_own_have_and_has_its_own_form(have: str) -> None:
    criteria = REMEDY.criteria_for(have)
    assert criteria is not None
    assert criteria.named() == (have,)
    form = PACK.form_for(REMEDY.stage("open"), have)
    assert form is not None
    assert form.key == f"remedy_{have}"
    assert form.fields[0].key == "gap"  # the common part comes first
    assert REMEDY.closer == "county_lead"


def test_the_root_closes_on_all_four() -> None:
    criteria = ROOT.criteria_for()
    assert criteria is not None
    assert criteria.named() == HAVES


def test_only_the_watched_class_has_no_ladder() -> None:
    assert [stage.key for stage in ROOT.stages if stage.ladder is None] == ["watching"]
    assert [grade.key for grade in PACK.grades if not grade.chased] == ["D"]


def test_every_stage_can_be_reached_and_can_reach_the_end() -> None:
    assert reachable(ROOT, "assigned") == {*STAGES, "closed"}
    assert leads_to(ROOT, "closed") == {*STAGES, "closed"}
    assert "assigned" not in reachable(ROOT, "survey")  # acknowledging is never undone
