"""Random verbs by random people at rising times against what must always hold.

A machine for hypothesis: it plays with a small register inside one transaction that is rolled
back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from cases.actions import (
    endings,
    evidence,
    extending,
    filling,
    handing_over,
    pauses,
    people,
    remarks,
    remedies,
    stages,
)
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.models import (
    Case,
    CaseEvent,
    Evidence,
    Extension,
    WorkItem,
)
from cases.rulebook import calendar
from cases.stages import TERMINAL
from cases.sweeps import sweep
from organisations.days import day_of
from organisations.errors import Refused as NotSo
from organisations.models import Post
from organisations.scope import Actor
from tests.world import World, at, closing_form, matching_form, survey_form

HAVES = ("institution", "staff", "spending", "cooperation")
PEOPLE = (
    "涧西区/county_worker",
    "涧西区/county_lead",
    "嵩县/county_worker",
    "嵩县/county_lead",
    "市工信局/department_lead",
    "liaison_member",
    "office/1",
    "office/2",
    "leader",
    "supervisor",
)
UNITS = ("涧西区工作专班", "嵩县工作专班", "市住建局", "市工信局", "市政府督查室")
Deed = Callable[["Game", Case, Actor, datetime, int], object]


@dataclass
class Game:
    """The world as played: the day it is, and what has been seen of it."""

    world: World
    day: date
    hour: int = 9
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    versions: dict[int, int] = field(default_factory=dict)
    # the trail as it stood: (id, at, verb, from, to) of each event
    trail: list[tuple[Any, ...]] = field(default_factory=list)
    # the firms' cases as of the end of past days, as they were first asked for
    days: dict[date, list[tuple[Any, ...]]] = field(default_factory=dict)
    papers: int = 0

    def now(self) -> datetime:
        return at(self.day, self.hour)

    def wait(self, hours: int) -> None:
        """Time only rises; nights are for sleeping."""
        self.hour += hours
        while self.hour > 18:
            self.hour, self.day = 9, self.day + timedelta(days=1)

    def play(self, verb: str, who: str, which: int, choice: int) -> None:
        """One deed; a refusal must have words and must have written nothing."""
        cases = list(Case.objects.select_related("programme__city").order_by("pk"))
        case, actor = cases[which % len(cases)], self.world.actor(who, self.day)
        before = CaseEvent.objects.count()
        refusal = self._refusal(DEEDS[verb], case, actor, choice)
        if refusal is None:
            self.done[verb] += 1
            return
        assert refusal.words
        assert CaseEvent.objects.count() == before
        self.refused[verb] += 1

    def _refusal(self, deed: Deed, case: Case, actor: Actor, choice: int) -> NotSo | None:
        try:
            deed(self, case, actor, self.now(), choice)
        except NotSo as refusal:
            return refusal
        return None

    def proceed(self, which: int) -> None:
        """What the procedure wants next, by whoever may do it; so that closings are reached."""
        roots = list(Case.objects.filter(parent=None).order_by("pk"))
        case = roots[which % len(roots)]
        for verb, who in WAY.get(case.stage, ()):
            name = who.format(county=case.county.name)
            if name in self.world.people:
                self.play(verb, name, _place(case), which)

    def sweep(self) -> None:
        sweep(self.now())
        self.done["sweep"] += 1


def _place(case: Case) -> int:
    return int(Case.objects.filter(pk__lt=case.pk).count())


WAY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "assigned": (("acknowledge", "{county}/county_worker"),),
    "survey": (("advance", "{county}/county_worker"),),
    "watching": (("advance", "{county}/county_worker"),),
    "matching": (("advance", "{county}/county_worker"),),
    "rectification": (
        ("prove_all", "{county}/county_lead"),
        ("apply", "{county}/county_worker"),
    ),
    "county_review": (("advance", "{county}/county_lead"),),
    "confirmation": (("close", "office/1"),),
}


# --- deeds ---------------------------------------------------------------------------------------
def _advance(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    grade = "ABCD"[choice % 4]
    sound = {key: "regular" for n, key in enumerate(HAVES) if choice >> n & 1}
    forms: dict[str, Mapping[str, object]] = {
        "survey": survey_form(grade, game.day, **sound),
        "matching": matching_form(game.day),
    }
    form = forms.get(case.stage)
    to = "survey" if case.stage == "watching" and choice % 2 else None
    return stages.advance(case.pk, by=by, at=when, form=form, to=to)


def _submit(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    game.papers += 1
    file = ContentFile(b"%PDF", "a.pdf")
    one = Paper(file, "材料.pdf", "application/pdf", 4, f"{game.papers:064d}")
    return evidence.submit(case.pk, criterion=HAVES[choice % 4], papers=[one], by=by, at=when)


def _paper(case: Case, choice: int) -> int:
    rows = list(Evidence.objects.filter(case=case.parent_id or case.pk).order_by("pk"))
    if not rows:
        raise Refused("no_evidence", "none")
    return int(rows[choice % len(rows)].pk)


def _prove_all(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    """Hand in, accept and close whatever lacks, by two people of the county."""
    worker = game.world.actor(f"{case.county.name}/county_worker", game.day)
    for key in list(case.lacking):
        for row in _submit(game, case, worker, when, HAVES.index(key)):  # type: ignore[attr-defined]
            evidence.accept(row.pk, by=by, at=when)
    for child in Case.objects.filter(parent=case).exclude(stage__in=TERMINAL):
        stages.close(child.pk, by=by, at=when)
    return case


def _reassign(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    unit = game.world.units[UNITS[choice % len(UNITS)]]
    return people.reassign(case.pk, by=by, at=when, reason="划转", unit=unit, knowing=True)


def _bulk(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    ids = list(Case.objects.values_list("pk", flat=True)[: 2 + choice % 9])
    unit = game.world.units[UNITS[choice % 2]]
    done = people.reassign_many(ids, by=by, at=when, reason="划转", unit=unit)
    return people.undo_reassign(done.batch, by=by, at=when) if choice % 3 == 0 else done


def _suspend(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    until = calendar().add(game.day, 1 + choice % 12)
    return pauses.suspend(case.pk, by=by, at=when, until=until, reason="检修")


def _reopen(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    failing = [key for n, key in enumerate(HAVES) if choice >> n & 1] or ["staff"]
    return endings.reopen(case.pk, by=by, at=when, reason="复核", criteria=failing)


def _register(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    city = game.world.city.pk
    if choice % 2:
        return endings.delist_firms(
            {case.firm_id: "退库"}, city_id=city, left_on=game.day, by=by, at=when
        )
    return endings.reopen_firms([case.firm_id], city_id=city, by=by, at=when, reason="入库")


def _waive(game: Game, case: Case, by: Actor, when: datetime, n: int) -> object:
    """Half of the haves stand in the province by then."""
    if n % 2:
        game.world.in_province(case, HAVES[n % 4])
    return evidence.waive(case.pk, criterion=HAVES[n % 4], reason="省系统已有", by=by, at=when)


def _ask_longer(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    """By whoever was drawn, else by the county's worker, who owes most steps."""
    item = WorkItem.objects.filter(process=case, finished=None).first()
    if item is None or item.due_on is None:
        raise Refused("no_item", "none")
    until = calendar().add(item.due_on, 1 + choice % 6)
    if choice % 3:
        by = game.world.actor(f"{case.county.name}/county_worker", game.day)
    return extending.request(case.pk, by=by, at=when, until=until, reason="资料未齐")


def _answer_longer(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    row = Extension.objects.filter(is_granted=None, item__finished=None).first()
    granted, pk = bool(choice % 4), row.case_id if row else case.pk
    return extending.decide(pk, by=by, at=when, is_granted=granted, reason="经核实")


def _stand_in(game: Game, case: Case, by: Actor, when: datetime, choice: int) -> object:
    """For some days somebody else acts on the county's post as well."""
    post = Post.objects.filter(unit=case.responsible_unit_id).order_by("position")[0]
    other = game.world.people[PEOPLE[choice % len(PEOPLE)]]
    until = game.day + timedelta(days=1 + choice)
    return handing_over.delegate(
        post, to_user=other, from_on=game.day, until_on=until, reason="出差", by=by, at=when
    )


DEEDS: dict[str, Deed] = {
    "acknowledge": lambda g, c, by, t, n: stages.acknowledge(c.pk, by=by, at=t),
    "advance": _advance,
    "send_back": lambda g, c, by, t, n: stages.send_back(
        c.pk, by=by, at=t, number=1, reason="缺页"
    ),
    "apply": lambda g, c, by, t, n: stages.apply_for_closure(
        c.pk, by=by, at=t, form=closing_form(g.day)
    ),
    "close": lambda g, c, by, t, n: stages.close(c.pk, by=by, at=t),
    "decline": lambda g, c, by, t, n: people.decline(c.pk, by=by, at=t, reason="不属本区"),
    "reassign": _reassign,
    "reassign_many": _bulk,
    "suspend": _suspend,
    "resume": lambda g, c, by, t, n: pauses.resume(c.pk, by=by, at=t),
    "ask_longer": _ask_longer,
    "answer_longer": _answer_longer,
    "stand_in": _stand_in,
    "submit": _submit,
    "accept": lambda g, c, by, t, n: evidence.accept(_paper(c, n), by=by, at=t),
    "return": lambda g, c, by, t, n: evidence.return_(_paper(c, n), reason=1, by=by, at=t),
    "take_back": lambda g, c, by, t, n: evidence.take_back(_paper(c, n), by=by, at=t),
    "waive": _waive,
    "offline": lambda g, c, by, t, n: evidence.verify_offline(
        c.pk, criterion=HAVES[n % 4], witness="孟示例", number="1号", dated=day_of(t), by=by, at=t
    ),
    "prove_all": _prove_all,
    "spawn": lambda g, c, by, t, n: remedies.spawn(c.pk, criterion=HAVES[n % 4], by=by, at=t),
    "comment": lambda g, c, by, t, n: remarks.comment(c.pk, by=by, at=t, text="请关注"),
    "urge": lambda g, c, by, t, n: remarks.urge(c.pk, by=by, at=t),
    "draft": lambda g, c, by, t, n: filling.save_draft(
        c.pk, form="survey", data={"production": "normal"}, by=by, at=t
    ),
    "withdraw": lambda g, c, by, t, n: endings.withdraw(c.pk, by=by, at=t, reason="误建"),
    "delist": lambda g, c, by, t, n: endings.delist(c.pk, by=by, at=t, reason="退库"),
    "register": _register,
    "reopen": _reopen,
}
