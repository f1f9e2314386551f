"""Draws of 材料复核 as a person may see them: what is counted, and what may be done now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict

from cases import permissions
from cases.models import Case, CaseEvent, SpotCheck, SpotDraw
from cases.querysets import CaseQuerySet
from cases.stages import CLOSED
from organisations.keyset import KeyPage, counted, keys
from organisations.roles import Act
from organisations.scope import Actor

State = SpotCheck.State
WITH = ("case__enterprise", "case__county", "case__programme", "checked_by", "explained_by",
        "decided_by", "draw")  # fmt: skip
OVER = "over"


def stands(check: SpotCheck) -> bool:
    """Whether the closing that was drawn is in force: not taken back since, nor granted anew."""
    case = check.case
    if case.stage != CLOSED:
        return False
    return case.finished is None or case.finished <= check.draw.drawn_at


def is_over(check: SpotCheck) -> bool:
    """Undecided, and its closing was taken back by another door: nobody need look any more."""
    return check.state not in SpotCheck.DONE and not stands(check)


def grantors(cases: Iterable[Case]) -> dict[int, set[int]]:
    """By case who applied for, reviewed or last confirmed its closing; one statement."""
    by_id = {case.pk: case for case in cases}
    told = CaseEvent.objects.filter(case__in=list(by_id), verb="close").order_by("id")
    closers = dict(told.values_list("case_id", "by_id"))
    return {
        pk: {
            user
            for user in (case.applied_by_id, case.reviewed_by_id, closers.get(pk))
            if user is not None
        }
        for pk, case in by_id.items()
    }


@dataclass(frozen=True)
class Tally:
    """One county of a draw, or all of it."""

    name: str
    of: int
    drawn: int
    passed: int = 0
    failed: int = 0
    struck: int = 0
    open: int = 0
    # 已另行恢复办理: nothing is left to be looked at
    over: int = 0


@dataclass
class Drawn:
    """A draw with the checks that a person may see."""

    draw: SpotDraw
    checks: list[SpotCheck] = field(default_factory=list)

    @property
    def total(self) -> Tally:
        of = sum(len(numbers) for numbers in self.draw.population.values())
        return _tally("", of, self.checks)

    @property
    def counties(self) -> list[Tally]:
        """By county, those without anybody drawn left out."""
        by_county: dict[str, list[SpotCheck]] = {}
        for check in self.checks:
            by_county.setdefault(check.case.county.name, []).append(check)
        return [
            _tally(name, len(self.draw.population.get(name, ())), checks)
            for name, checks in sorted(by_county.items())
        ]


def _tally(name: str, of: int, checks: Sequence[SpotCheck]) -> Tally:
    states = Counter(OVER if is_over(check) else check.state for check in checks)
    return Tally(
        name=name,
        of=of,
        drawn=len(checks),
        passed=states[State.PASSED] + states[State.LET_STAND],
        failed=states[State.FAILED] + states[State.EXPLAINED],
        struck=states[State.STRUCK],
        open=states[State.OPEN],
        over=states[OVER],
    )


class DrawPage(TypedDict):
    """A page of draws, as the template takes it."""

    draws: list[Drawn]
    page: KeyPage


def draws_of(visible: CaseQuerySet, a_page: int, asked: Mapping[str, str]) -> DrawPage:
    """The draws in which somebody sees a case, the newest first; three queries a page."""
    checks = SpotCheck.objects.filter(case__in=visible).select_related(*WITH)
    drawn = SpotDraw.objects.filter(pk__in=checks.values("draw")).select_related("programme__city")
    page = KeyPage(drawn, keys("-id"), asked, a_page, counted(drawn))
    found = {one.pk: Drawn(one) for one in page.object_list}
    for check in checks.filter(draw__in=list(found)).order_by("case__county__position", "id"):
        found[check.draw_id].checks.append(check)
    return {"draws": list(found.values()), "page": page}


def acts_on(check: SpotCheck, actor: Actor, on: date, granted: Collection[int] = ()) -> list[str]:
    """What this person may do with a check now, by verb. ``granted``: by whom the closing was."""
    if not stands(check):
        return []
    office = permissions.can(actor, Act.REOPEN, check.case)
    own = actor.user is not None and actor.user.pk in granted
    if check.state == State.OPEN:
        return ["pass", "fail"] if office and not own else []
    acts = []
    if check.state in (State.FAILED, State.EXPLAINED):
        if permissions.can(actor, Act.COUNTY_REVIEW, check.case):
            acts.append("explain")
        over = check.explain_by is not None and on > check.explain_by
        if office and (over or check.state == State.EXPLAINED):
            acts += ["strike"] if own else ["let_stand", "strike"]
    return acts
