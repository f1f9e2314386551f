"""What people can do in a game: every verb of a firm's case, with whatever luck gives it."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.db import transaction

from cases.actions import (
    endings,
    evidence,
    extending,
    filling,
    pauses,
    people,
    remarks,
    remedies,
    stages,
)
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.models import Case, Evidence, Extension, WorkItem
from cases.rulebook import calendar, rules_of
from enterprises.models import Membership
from organisations.days import day_of
from organisations.models import Unit
from organisations.scope import Actor
from tests.plays.game import Deed, Game


def _onward(game: Game, case: Case, by: Actor) -> object:
    """The move that was wanted, or any one of the stage."""
    stage = rules_of(case).stage
    move, game.wanted = game.wanted, None
    if stage is None:
        raise Refused("finished", "finished")
    if move not in stage.moves:
        move = game.luck.choice(stage.moves)
    if move.verb == "acknowledge":
        return stages.acknowledge(case.pk, by=by, at=game.now())
    if move.verb == "close":
        return _close(game, case, by)
    if move.verb == "send_back":
        return stages.send_back(case.pk, by=by, at=game.now(), number=1, reason="缺页", to=move.to)
    if move.verb == "apply_for_closure":
        form = game.form_of(case)
        return stages.apply_for_closure(case.pk, by=by, at=game.now(), form=form)
    form = game.form_of(case)
    to = None if form and "grade" in form else move.to
    return stages.advance(case.pk, by=by, at=game.now(), form=form, to=to)


@transaction.atomic
def _close(game: Game, case: Case, by: Actor) -> object:
    """With the answers without which nothing is closed from the stage."""
    stage, form = rules_of(case).stage, game.form_of(case)
    if stage is not None and stage.closes_with and stage.form and form is not None:
        filling.save_draft(case.pk, form=stage.form, data=form, by=by, at=game.now())
    return stages.close(case.pk, by=by, at=game.now())


def _submit(game: Game, case: Case, by: Actor) -> object:
    game.papers += 1
    have, game.have = game.have or game.luck.choice(game.pack.haves).key, ""
    file = ContentFile(b"%PDF", "a.pdf")
    one = Paper(file, "材料.pdf", "application/pdf", 4, f"{game.papers:064d}")
    return evidence.submit(case.pk, criterion=have, papers=[one], by=by, at=game.now())


def _paper(game: Game, case: Case) -> int:
    papers = Evidence.objects.filter(case=case.parent_id or case.pk).order_by("pk")
    ids = list(papers.values_list("pk", flat=True))
    if not ids:
        raise Refused("no_evidence", "none")
    return int(game.luck.choice(ids))


@transaction.atomic
def _accept_all(game: Game, case: Case, by: Actor) -> object:
    root = case.parent_id or case.pk
    rows = Evidence.objects.filter(case=root, state=Evidence.State.SUBMITTED).order_by("pk")
    rows = rows.exclude(submitted_by=by.user)
    done = [evidence.accept(row.pk, by=by, at=game.now()) for row in rows]
    if not done:
        raise Refused("no_evidence", "none")
    return done


def _suspend(game: Game, case: Case, by: Actor) -> object:
    until = calendar().add(game.day, game.luck.randint(1, 14))
    return pauses.suspend(case.pk, by=by, at=game.now(), until=until, reason="检修")


def _reassign(game: Game, case: Case, by: Actor) -> object:
    unit = game.units[game.luck.choice(sorted(game.units))]
    unit = game.takers.pop() if game.takers else unit
    return people.reassign(case.pk, by=by, at=game.now(), reason="划转", unit=unit, knowing=True)


def _take_on(game: Game, case: Case, by: Actor) -> object:
    """The office's answer to 申请改派: it stays with whoever owes the step."""
    stage = rules_of(case).stage
    owner = stage.owner if stage else ""
    ids = {"department": case.competent_unit_id, "liaison_group": case.liaison_unit_id}
    pk = ids.get(owner) or case.responsible_unit_id
    unit = game.units["市专班办"] if owner == "office" else Unit.objects.get(pk=pk)
    return people.reassign(
        case.pk, by=by, at=game.now(), reason="仍由原单位办理", unit=unit, knowing=True
    )


def _reopen(game: Game, case: Case, by: Actor) -> object:
    failing = [] if case.is_matter else [game.luck.choice(game.pack.haves).key]
    return endings.reopen(case.pk, by=by, at=game.now(), reason="复核", criteria=failing)


def _spawn(game: Game, case: Case, by: Actor) -> object:
    have = game.luck.choice(game.pack.haves).key
    return remedies.spawn(case.pk, criterion=have, by=by, at=game.now())


def _offline(game: Game, case: Case, by: Actor) -> object:
    have = game.luck.choice(game.pack.haves).key
    return evidence.verify_offline(
        case.pk, criterion=have, witness="孟示例", number="1号",
        dated=day_of(game.now()), by=by, at=game.now(),
    )  # fmt: skip


def _waive(game: Game, case: Case, by: Actor) -> object:
    have = game.luck.choice(game.pack.haves).key
    return evidence.waive(case.pk, criterion=have, reason="省系统已有", by=by, at=game.now())


def _ask_longer(game: Game, case: Case, by: Actor) -> object:
    """申请延期 by a few working days; more often than not by whoever owes the step."""
    item = WorkItem.objects.filter(process=case, finished=None).first()
    stage = rules_of(case).stage
    if item is None or stage is None or item.due_on is None:
        raise Refused("no_item", "none")
    if game.luck.random() < 0.8:
        by = game.owner(case, stage)
    until = calendar().add(item.due_on, game.luck.randint(1, 8))
    return extending.request(case.pk, by=by, at=game.now(), until=until, reason="资料未齐")


def _answer_longer(game: Game, case: Case, by: Actor) -> object:
    """Of this case, or of one that waits for it, by whoever may as a rule."""
    waiting = list(Extension.objects.filter(is_granted=None, item__finished=None).order_by("pk"))
    if waiting and game.luck.random() < 0.8:
        case, by = game.case(waiting[-1].case_id), game.actor("office")
    granted = game.luck.random() < 0.7
    return extending.decide(case.pk, by=by, at=game.now(), is_granted=granted, reason="经核实")


def _delist(game: Game, case: Case, by: Actor) -> object:
    """The bureau's list has dropped the firm, or it has not: then it is refused."""
    if game.luck.random() < 0.8:
        Membership.objects.filter(enterprise=case.enterprise_id).update(left_on=game.day)
    return endings.delist(case.pk, by=by, at=game.now(), reason="退库")


DEEDS: dict[str, Deed] = {
    "onward": _onward,
    "submit": _submit,
    "accept": lambda g, c, by: evidence.accept(_paper(g, c), by=by, at=g.now()),
    "accept_all": _accept_all,
    "return": lambda g, c, by: evidence.return_(_paper(g, c), reason=1, by=by, at=g.now()),
    "take_back": lambda g, c, by: evidence.take_back(_paper(g, c), by=by, at=g.now()),
    "offline": _offline,
    "waive": _waive,
    "suspend": _suspend,
    "resume": lambda g, c, by: pauses.resume(c.pk, by=by, at=g.now()),
    "ask_longer": _ask_longer,
    "answer_longer": _answer_longer,
    "decline": lambda g, c, by: people.decline(c.pk, by=by, at=g.now(), reason="不属本区"),
    "take_on": _take_on,
    "reassign": _reassign,
    "spawn": _spawn,
    "comment": lambda g, c, by: remarks.comment(c.pk, by=by, at=g.now(), text="请关注"),
    "urge": lambda g, c, by: remarks.urge(c.pk, by=by, at=g.now()),
    "reopen": _reopen,
    "withdraw": lambda g, c, by: endings.withdraw(c.pk, by=by, at=g.now(), reason="误建"),
    "delist": _delist,
}
