"""Draws of 材料复核 as a person may see them: what is counted, and what may be done now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from cases import permissions
from cases.models import SpotCheck, SpotDraw
from cases.querysets import CaseQuerySet
from organisations.roles import Act
from organisations.scope import Actor

State = SpotCheck.State
WITH = ("case__enterprise", "case__county", "case__programme", "checked_by", "explained_by",
        "decided_by", "draw")  # fmt: skip


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
    states = Counter(check.state for check in checks)
    return Tally(
        name=name,
        of=of,
        drawn=len(checks),
        passed=states[State.PASSED] + states[State.LET_STAND],
        failed=states[State.FAILED] + states[State.EXPLAINED],
        struck=states[State.STRUCK],
        open=states[State.OPEN],
    )


def draws_of(visible: CaseQuerySet, most: int) -> list[Drawn]:
    """The newest draws in which somebody sees a case; two queries."""
    checks = SpotCheck.objects.filter(case__in=visible).select_related(*WITH)
    newest = SpotDraw.objects.filter(pk__in=checks.values("draw")).order_by("-id")
    found = {one.pk: Drawn(one) for one in newest.select_related("programme__city")[:most]}
    for check in checks.filter(draw__in=list(found)).order_by("case__county__position", "id"):
        found[check.draw_id].checks.append(check)
    return list(found.values())


def acts_on(check: SpotCheck, actor: Actor, on: date) -> list[str]:
    """What this person may do with a check now, by verb."""
    office = permissions.can(actor, Act.REOPEN, check.case)
    if check.state == State.OPEN:
        return ["pass", "fail"] if office else []
    acts = []
    if check.state in (State.FAILED, State.EXPLAINED):
        if permissions.can(actor, Act.COUNTY_REVIEW, check.case):
            acts.append("explain")
        over = check.explain_by is not None and on > check.explain_by
        if office and (over or check.state == State.EXPLAINED):
            acts += ["let_stand", "strike"]
    return acts
