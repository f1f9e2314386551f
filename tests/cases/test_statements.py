"""What a click costs: at most eight statements a move, children included, whatever the verb.

Every verb there is must be in one of the two tables: a new one without a count fails.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import cases.actions
from cases.actions import (
    batches,
    drafts,
    endings,
    extending,
    handing_over,
    people,
    proposals,
    remarks,
    stages,
)
from cases.models import Case, EscalationDraft, WorkItem
from cases.sweeps import sweep
from organisations.models import Post
from organisations.scope import Actor
from tests.cases import moves_firm
from tests.cases.climbing import HEAD, late, open_firms
from tests.cases.moves import MOVES, Deed, Prepared
from tests.cases.moves_time import ask_for_more
from tests.cases.standing import HAVES, LEAD, OFFICE, WORKER
from tests.cases.test_engine import CONTROL
from tests.world import START, World, at, closing_form, person

AT_MOST = 8
BATCHES: list[tuple[str, Callable[[World, list[Case]], Deed]]] = []
# nobody clicks these: what they cost per batch is counted where they are tested
ELSEWHERE = {
    "opening.run": "test_engine",
    "migrating.migrate": "test_migrating",
    "running_ledger.take_ledger": "test_running_ledger",
    "ledger_undo.undo_ledger": "test_ledger_undone",
    **{
        f"note_sheets.{verb}": "test_note_sheets"
        for verb in ("hand_in_sheet", "take_sheet", "undo_sheet")
    },
    "pairing.pair": "test_pairing",
    "carrying.carry_over": "test_carrying",
    "carry_undo.undo_carry_over": "test_carry_undo",
    "register.after_register": "test_detours",
    "register.undo_register": "test_register_undone",
    "matters.open_matter": "test_matters",
    "plan_measures.open_measures": "test_matters",
    "listed.open_listed": "test_listed",
    # what it opens is one write of the engine, whatever the number of firms
    "offering.offer_to_new_firms": "test_sanmenxia",
    **{
        f"spot_checks.{verb}": "test_spot_checks"
        for verb in (
            "accept_explanation",
            "draw",
            "explain_check",
            "fail_check",
            "pass_check",
            "strike",
        )
    },
}


def batch(
    verb: str,
) -> Callable[[Callable[[World, list[Case]], Deed]], Callable[[World, list[Case]], Deed]]:
    def add(prepare: Callable[[World, list[Case]], Deed]) -> Callable[[World, list[Case]], Deed]:
        BATCHES.append((verb, prepare))
        return prepare

    return add


def count(deed: Deed) -> list[str]:
    """The statements of a deed; transaction control is not counted."""
    assert connection.features.supports_json_field  # Django asks once a process
    with CaptureQueriesContext(connection) as captured:
        deed()
    return [q["sql"] for q in captured.captured_queries if not CONTROL.match(q["sql"])]


@pytest.mark.parametrize(
    ("verb", "name", "prepare"), MOVES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_move_takes_at_most_eight_statements(
    world: World, verb: str, name: str, prepare: Prepared
) -> None:
    deed = prepare(world)
    run = count(deed)
    assert 0 < len(run) <= AT_MOST, "\n".join(run)


@pytest.mark.parametrize("verb", moves_firm.BESIDE)
def test_what_is_written_beside_a_case_takes_few_statements(world: World, verb: str) -> None:
    run = count(moves_firm.BESIDE[verb](world))
    most = moves_firm.MORE.get(verb, moves_firm.AT_MOST)
    assert 0 < len(run) <= most, "\n".join(run)


@pytest.mark.postgres  # Django cuts SQLite's inserts into pieces of 999 parameters
@pytest.mark.parametrize(
    ("verb", "prepare"), BATCHES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_batch_takes_as_many_statements_as_one(
    world: World, verb: str, prepare: Callable[[World, list[Case]], Deed]
) -> None:
    runs = []
    for size in (1, 7):
        point = transaction.savepoint()
        roots = open_firms(world, size, on=START)
        runs.append(count(prepare(world, roots)))
        transaction.savepoint_rollback(point)
    assert len(runs[1]) <= len(runs[0]), "\n".join(runs[1])  # the first may warm a cache


def test_no_verb_is_without_its_count() -> None:
    """A verb is a public function of the actions that runs in a transaction for somebody."""
    verbs = set()
    for module in pkgutil.iter_modules(cases.actions.__path__):
        actions = importlib.import_module(f"cases.actions.{module.name}")
        for name, deed in vars(actions).items():
            if name.startswith("_") or not inspect.isfunction(deed):
                continue
            if deed.__module__ != actions.__name__ or not hasattr(deed, "__wrapped__"):
                continue
            if {"by", "at"} <= set(inspect.signature(deed).parameters):
                verbs.add(f"{module.name}.{name}")
    counted = {verb for verb, _name, _prepare in MOVES} | {verb for verb, _prepare in BATCHES}
    assert counted | set(ELSEWHERE) | set(moves_firm.BESIDE) == verbs


# --- batches -------------------------------------------------------------------------------------
def ids_of(roots: list[Case]) -> list[int]:
    return [case.pk for case in roots]


def firms_of(roots: list[Case]) -> list[int]:
    return [case.firm_id for case in roots]


@batch("stages.acknowledge_many")
def _acknowledge_many(world: World, roots: list[Case]) -> Deed:
    by = world.actor(WORKER)
    return lambda: stages.acknowledge_many(ids_of(roots), by=by, at=at(START))


@batch("extending.decide_many")
def _decide_many(world: World, roots: list[Case]) -> Deed:
    worker, by = world.actor(WORKER), world.actor(LEAD)
    for case in roots:
        stages.acknowledge(case.pk, by=worker, at=at(START))
        ask_for_more(world, case)
    return lambda: extending.decide_many(ids_of(roots), by=by, at=at(START, 12), is_granted=True)


@batch("stages.close_many")
def _close_many(world: World, roots: list[Case]) -> Deed:
    worker, lead, by = world.actor(WORKER), world.actor(LEAD), world.actor(OFFICE)
    for case in roots:
        world.survey(case, "A")
        for have in HAVES:
            world.prove(case, have)
        stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())
        stages.advance(case.pk, by=lead, at=at(START, 14))
    return lambda: stages.close_many(ids_of(roots), by=by, at=at(START, 15))


def _with_remedies(world: World, roots: list[Case]) -> None:
    for case in roots:
        world.survey(case, "A")


@batch("people.reassign_many")
def _reassign_many(world: World, roots: list[Case]) -> Deed:
    _with_remedies(world, roots)
    unit, by = world.units["嵩县工作专班"], world.actor(OFFICE)
    return lambda: people.reassign_many(
        ids_of(roots), by=by, at=at(START, 11), reason="划转", unit=unit
    )


@batch("people.undo_reassign")
def _undo_reassign(world: World, roots: list[Case]) -> Deed:
    by = world.actor(OFFICE)
    done = _reassign_many(world, roots)()
    assert isinstance(done, people.BulkResult)
    return lambda: people.undo_reassign(done.batch, by=by, at=at(START, 11))


@batch("remarks.urge_many")
def _urge_many(world: World, roots: list[Case]) -> Deed:
    by = world.actor(LEAD)
    return lambda: remarks.urge_many(ids_of(roots), by=by, at=at(START, 11))


def _signed_many(world: World, roots: list[Case]) -> list[int]:
    """In the survey, for which more time may be asked."""
    stages.acknowledge_many(ids_of(roots), by=world.actor(WORKER), at=at(START))
    return ids_of(roots)


@batch("batches.request_many")
def _request_many(world: World, roots: list[Case]) -> Deed:
    ids, by = _signed_many(world, roots), world.actor(WORKER)
    until = START + timedelta(days=24)
    return lambda: batches.request_many(ids, by=by, at=at(START), until=until, reason="统一补录")


@batch("batches.undo_requests")
def _undo_requests(world: World, roots: list[Case]) -> Deed:
    by, asked = world.actor(WORKER), _request_many(world, roots)()
    assert isinstance(asked, people.BulkResult)
    assert len(asked.done) == len(roots)
    return lambda: batches.undo_requests(asked.batch, by=by, at=at(START))


@batch("batches.draft_supervision")
def _draft_supervision(world: World, roots: list[Case]) -> Deed:
    ids, day = _signed_many(world, roots), START + timedelta(days=40)
    return lambda: batches.draft_supervision(ids, by=world.office, at=at(day))


@batch("endings.delist_firms")
def _delist_firms(world: World, roots: list[Case]) -> Deed:
    _with_remedies(world, roots)
    reasons = dict.fromkeys(firms_of(roots), "退库名单")
    return lambda: endings.delist_firms(
        reasons, city_id=world.city.pk, left_on=START, by=world.office, at=at(START, 15)
    )


@batch("endings.reopen_firms")
def _reopen_firms(world: World, roots: list[Case]) -> Deed:
    _delist_firms(world, roots)()
    return lambda: endings.reopen_firms(
        firms_of(roots), city_id=world.city.pk, by=world.office, at=at(START, 16), reason="回"
    )


def drafted(world: World) -> tuple[EscalationDraft, Actor, datetime]:
    """The letter about the county whose firms nobody has signed for, the office's head, a day."""
    day = late(10)
    sweep(at(day))
    return EscalationDraft.objects.get(), world.actor(HEAD, day), at(day, 15)


@batch("proposals.propose_suspension")
def _propose(world: World, roots: list[Case]) -> Deed:
    firms, by = firms_of(roots), world.office
    return lambda: proposals.propose_suspension(
        firms, city_id=world.city.pk, reason="停产", by=by, at=at(START)
    )


def desk_of(case: Case) -> Post:
    return Post.objects.get(pk=WorkItem.objects.get(process=case, finished=None).post_id)


@batch("handing_over.hand_over")
def _hand_over(world: World, roots: list[Case]) -> Deed:
    post, by, to = desk_of(roots[0]), world.actor(LEAD), person("new", "接任人")
    return lambda: handing_over.hand_over([post], to=to, from_on=START, by=by, at=at(START, 10))


@batch("handing_over.delegate")
def _delegate(world: World, roots: list[Case]) -> Deed:
    post, by, to = desk_of(roots[0]), world.actor(LEAD), person("new", "代办人")
    return lambda: handing_over.delegate(
        post,
        to_user=to,
        from_on=START,
        until_on=START + timedelta(days=3),
        reason="出差",
        by=by,
        at=at(START, 10),
    )


@batch("drafts.release")
def _release(world: World, roots: list[Case]) -> Deed:
    row, by, when = drafted(world)
    assert row.lines.count() == len(roots)
    return lambda: drafts.release(row.pk, by=by, at=when, body="请关注")


@batch("drafts.drop")
def _drop(world: World, roots: list[Case]) -> Deed:
    row, by, when = drafted(world)
    return lambda: drafts.drop(row.pk, by=by, at=when, reason="已办")
