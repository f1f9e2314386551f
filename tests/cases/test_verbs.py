"""Which verbs there are: each one upon a case is a row of the matrix, each other one has its test.

Read from the code, so that a new verb without either fails here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

from cases import actions
from tests.cases.board import verbs
from tests.world import World

HERE = Path(__file__).parent
# what names one case, or one paper of a case
ONE_CASE = {"case_id", "evidence_id"}
# what the verbs themselves call, or looks without writing
PARTS = {"finish", "check_head", "check_release", "check_closing", "check_may_draw",
         "check_may_take", "check_may_fill", "plan_for", "grant_city",
         "plan_closing", "link", "source_of", "preview",
         "reassigned_in", "run", "plan_opening", "alike",
         "audiences", "may_change", "asked_in", "give_time"}  # fmt: skip
# verbs upon sets, letters, posts, programmes: where they are tested
ELSEWHERE = {
    "accept_explanation": "test_spot_checks.py",
    "acknowledge_many": "test_engine.py",
    "after_register": "test_families.py",
    "carry_over": "test_carrying.py",
    "choose_columns": "test_saved_lists.py",
    "choose_default": "test_saved_lists.py",
    "close_many": "test_papers.py",
    "delegate": "test_handing_over.py",
    "decide_many": "test_extensions.py",
    "delete_list": "test_saved_lists.py",
    "delist_firms": "test_detours.py",
    "draft_supervision": "test_batches.py",
    "draw": "test_spot_checks.py",
    "drop": "test_letters_decided.py",
    "enter_days": "test_recalendar.py",
    "expire": "test_lasting.py",
    "explain_check": "test_spot_checks.py",
    "fail_check": "test_spot_checks.py",
    "answer": "test_asking.py",
    "ask": "test_asking.py",
    "hand_in_again": "test_firm_file.py",
    "drop_sheet": "test_note_sheets.py",
    "hand_in_sheet": "test_note_sheets.py",
    "hand_over": "test_handing_over.py",
    "migrate": "test_migrating.py",
    "note_call": "test_field.py",
    "offer_to_new_firms": "../stories/test_sanmenxia.py",
    "open_by_letter": "test_orders.py",
    "open_cases": "test_matrix.py",
    "open_listed": "test_statements.py",
    "open_matter": "test_matters.py",
    "open_measures": "test_matters.py",
    "pair": "test_pairing.py",
    "pass_check": "test_spot_checks.py",
    "plan_route": "moves_firm.py",
    "propose_suspension": "test_statements.py",
    "rename_list": "test_saved_lists.py",
    "request_many": "test_batches.py",
    "save_list": "test_saved_lists.py",
    "undo_requests": "test_batches.py",
    "put_file": "views/test_form_files.py",
    "rate": "test_asking.py",
    "reassign_many": "test_families_moved.py",
    "record_call": "test_letters.py",
    "record_visit": "test_firm_file.py",
    "release": "test_letters_decided.py",
    "reopen_firms": "test_detours.py",
    "revoke": "../organisations/test_delegating.py",
    "see": "test_paper_files.py",
    "strike": "test_spot_checks.py",
    "take_back_visit": "test_firm_file.py",
    "take_sheet": "test_note_sheets.py",
    "undo_sheet": "test_note_sheets.py",
    "take_ledger": "test_statements.py",
    "undo_carry_over": "test_carry_undo.py",
    "undo_ledger": "test_statements.py",
    "undo_reassign": "test_families_moved.py",
    "undo_register": "test_register_undone.py",
    "urge_many": "test_statements.py",
}


def known() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Public functions of ``cases.actions`` that somebody does."""
    for module in iter_modules(actions.__path__, f"{actions.__name__}."):
        for name, found in vars(import_module(module.name)).items():
            is_own = getattr(found, "__module__", "") == module.name and not name.startswith("_")
            if is_own and inspect.isfunction(inspect.unwrap(found)) and "by" in _names(found):
                yield name, found


def _names(verb: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(verb).parameters)


@pytest.mark.django_db
def test_every_verb_upon_a_case_is_in_the_matrix(world: World) -> None:
    upon_one = {name for name, verb in known() if _names(verb)[0] in ONE_CASE}
    assert upon_one == set(verbs(world))


def test_every_other_verb_has_its_test() -> None:
    others = {name for name, verb in known() if _names(verb)[0] not in ONE_CASE}
    assert others - PARTS == set(ELSEWHERE)
    for name, file in ELSEWHERE.items():
        assert re.search(rf"\b{name}\b", (HERE / file).read_text(encoding="utf-8")), (name, file)


@pytest.mark.django_db
def test_every_verb_says_who_and_when(world: World) -> None:
    acts = verbs(world)
    for name, verb in known():
        if name in acts:
            parameters = inspect.signature(verb).parameters
            kinds = {parameters[one].kind for one in ("by", "at")}
            assert kinds == {inspect.Parameter.KEYWORD_ONLY}, name
