"""材料复核: draw closings at random, look at each again, hear the county, let stand or strike.

A check that fails gives the county five working days to explain (practice.md, the four stages);
then the office decides. A closing that is struck (核减) is reopened with the reason; the month that
was frozen stays as it is.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import compulsory, engine, permissions, policies, spot_checks
from cases.actions import endings
from cases.dates import long_day_words
from cases.engine import Step
from cases.errors import NotYours, Refused
from cases.models import Case, SpotCheck, SpotDraw
from cases.rulebook import calendar
from cases.stages import CLOSED
from organisations.days import day_of
from organisations.lengths import check_length
from organisations.roles import Act
from organisations.scope import Actor
from workflows import sampling
from workflows.models import Programme

State = SpotCheck.State
MOST_OF_EACH = 999  # closings of a county that are drawn whatever its share
EXPLAIN_WITHIN = 5  # working days (practice.md)
MOST_SEED = 40  # of the word said before witnesses; the machine adds its own part


@dataclass(frozen=True)
class Plan:
    """Who would be drawn: case numbers by county, and how many there are of each."""

    population: dict[str, list[str]]
    drawn: dict[str, list[str]]
    seed: str

    @property
    def numbers(self) -> list[str]:
        return sorted(number for numbers in self.drawn.values() for number in numbers)

    @property
    def of(self) -> int:
        return sum(len(numbers) for numbers in self.population.values())


# --- the draw ------------------------------------------------------------------------------------
def plan(
    programme: Programme, *, closed_from: date, closed_until: date, percent: int, at_least: int,
    seed: str,
) -> Plan:  # fmt: skip
    """Of the closings in force that were confirmed between two days, a share of each county."""
    if closed_until < closed_from:
        raise Refused("backwards", _("The last day comes before the first."))
    if not 1 <= percent <= 100:
        raise Refused("share", _("The share is between 1 and 100 percent."))
    if not 0 <= at_least <= MOST_OF_EACH:
        words = _("Of each county at least 0 and at most %(n)d are drawn.")
        raise Refused("at_least", words % {"n": MOST_OF_EACH})
    if len(seed) > MOST_SEED or not seed.isprintable():
        raise Refused("seed", _("The seed has at most %(n)d plain characters.") % {"n": MOST_SEED})
    population: dict[str, list[str]] = defaultdict(list)
    for case in _closed(programme, closed_from, closed_until):
        population[case.county.name].append(case.number)
    population = {county: sorted(numbers) for county, numbers in sorted(population.items())}
    drawn = sampling.drawn(population, percent=percent, at_least=at_least, seed=seed)
    return Plan(population, drawn, seed)


def _closed(programme: Programme, closed_from: date, closed_until: date) -> Sequence[Case]:
    rows = Case.objects.filter(programme=programme, is_main=True, stage=CLOSED)
    rows = rows.filter(closed_on__range=(closed_from, closed_until))
    return list(rows.select_related("county", "programme").order_by("pk"))


def check_may_draw(programme: Programme, by: Actor) -> None:
    """The office of the programme's city draws, and draws again."""
    if not by.may_in(Act.REOPEN, programme.city):
        raise NotYours("not_yours", permissions.refusal(Act.REOPEN))


@transaction.atomic
def draw(
    programme: Programme,
    *,
    closed_from: date,
    closed_until: date,
    percent: int,
    at_least: int = 1,
    seed: str = "",
    by: Actor,
    at: datetime,
) -> SpotDraw:
    """列入复核名单. The machine's part of the seed is drawn now, when the population is fixed, and
    put behind the word that was said, if any: nobody can try before whom a word would draw. The
    whole is kept with the sorted population, so that anybody can draw again (``redrawn``)."""
    check_may_draw(programme, by)
    policies.check_person(by.user)
    made = plan(
        programme, closed_from=closed_from, closed_until=closed_until, percent=percent,
        at_least=at_least, seed=seed.strip(),
    )  # fmt: skip
    made = replace(made, seed="-".join(filter(None, (made.seed, secrets.token_hex(8)))))
    drawn = sampling.drawn(made.population, percent=percent, at_least=at_least, seed=made.seed)
    made = replace(made, drawn=drawn)
    if not made.numbers:
        raise Refused("nobody_closed", _("Nothing was struck off between these days."))
    row = SpotDraw.objects.create(
        programme=programme,
        closed_from=closed_from,
        closed_until=closed_until,
        percent=percent,
        at_least=at_least,
        seed=made.seed,
        population=made.population,
        drawn=made.numbers,
        drawn_by=by.user,
        drawn_at=at,
    )
    wanted = set(made.numbers)
    cases = [c for c in _closed(programme, closed_from, closed_until) if c.number in wanted]
    SpotCheck.objects.bulk_create([SpotCheck(draw=row, case=case) for case in cases])
    steps = [_said(case, "spot_listed", {"month": closed_until.month}) for case in cases]
    engine.record(steps, by=by, at=at)
    return row


def redrawn(row: SpotDraw) -> list[str]:
    """What the seed draws of the population that was kept: the same as ``row.drawn``."""
    found = sampling.drawn(
        row.population, percent=row.percent, at_least=row.at_least, seed=row.seed
    )
    return sorted(number for numbers in found.values() for number in numbers)


# --- each check ----------------------------------------------------------------------------------
@transaction.atomic
def pass_check(check_id: int, *, by: Actor, at: datetime, reason: str = "") -> SpotCheck:
    """复核通过, by somebody who did not grant the closing."""
    row = _looked_at(check_id, by)
    check_length(reason)
    row.state, row.checked_by, row.checked_at = State.PASSED, by.user, at
    row.reason = reason.strip()
    row.save()
    engine.record([_said(row.case, "spot_passed", {}, row.reason)], by=by, at=at)
    return row


@transaction.atomic
def fail_check(
    check_id: int, *, by: Actor, at: datetime, reason: str, criteria: Sequence[str] = ()
) -> SpotCheck:
    """复核未通过, with the reason and the criteria that do not hold; the county may explain."""
    row = _looked_at(check_id, by)
    policies.check_reason(reason)
    compulsory.check_failing(row.case, criteria)
    policies.check_known(row.case, criteria)
    policies.check_asked_for(row.case, criteria)
    row.state, row.checked_by, row.checked_at = State.FAILED, by.user, at
    row.reason, row.criteria = reason.strip(), sorted(set(criteria))
    row.explain_by = calendar().add(day_of(at), EXPLAIN_WITHIN)
    row.save()
    data = {"criteria": row.criteria, "explain_by": row.explain_by.isoformat()}
    engine.record([_said(row.case, "spot_failed", data, row.reason)], by=by, at=at)
    return row


@transaction.atomic
def explain_check(check_id: int, *, by: Actor, at: datetime, reason: str) -> SpotCheck:
    """The county's explanation, in time or late, as long as the office has not decided."""
    row = _locked(check_id)
    permissions.check(by, Act.COUNTY_REVIEW, row.case)
    policies.check_person(by.user)
    policies.check_reason(reason)
    if row.state not in (State.FAILED, State.EXPLAINED):
        raise Refused("not_failed", _("There is nothing to be explained about this recheck."))
    _check_stands(row)
    row.state, row.explanation = State.EXPLAINED, reason.strip()
    row.explained_by, row.explained_at = by.user, at
    row.save()
    engine.record([_said(row.case, "spot_explained", {}, row.explanation)], by=by, at=at)
    return row


@transaction.atomic
def accept_explanation(check_id: int, *, by: Actor, at: datetime, reason: str) -> SpotCheck:
    """说明成立: the closing stands."""
    row = _decided(check_id, by, at, reason)
    words = _("What you reviewed or confirmed yourself is decided about by somebody else.")
    _check_granted_by_others(row.case, by, words)
    row.state = State.LET_STAND
    row.save()
    engine.record([_said(row.case, "spot_let_stand", {}, row.decision)], by=by, at=at)
    return row


@transaction.atomic
def strike(check_id: int, *, by: Actor, at: datetime, reason: str = "") -> SpotCheck:
    """核减: the closing is taken back and the case goes on, by the reason that the check gave."""
    # whoever finds a fault in what he granted himself may take it back
    row = _decided(check_id, by, at, reason or _reason_of(check_id))
    row.state = State.STRUCK
    row.save()
    endings.reopen(row.case_id, by=by, at=at, reason=row.decision, criteria=row.criteria)
    return row


def _reason_of(check_id: int) -> str:
    return SpotCheck.objects.filter(pk=check_id).values_list("reason", flat=True).first() or ""


def _locked(check_id: int) -> SpotCheck:
    rows = SpotCheck.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("case__programme", "case__county", "draw").filter(pk=check_id).first()
    if row is None:
        raise Refused("no_check", _("There is no such recheck."))
    return row


def _looked_at(check_id: int, by: Actor) -> SpotCheck:
    row = _locked(check_id)
    permissions.check(by, Act.REOPEN, row.case)
    if row.state != State.OPEN:
        raise Refused("checked", _("This recheck has its result already."))
    _check_stands(row)
    words = _("What you reviewed or confirmed yourself is rechecked by somebody else.")
    _check_granted_by_others(row.case, by, words)
    return row


def _decided(check_id: int, by: Actor, at: datetime, reason: str) -> SpotCheck:
    row = _locked(check_id)
    permissions.check(by, Act.REOPEN, row.case)
    policies.check_person(by.user)
    policies.check_reason(reason)
    if row.state not in (State.FAILED, State.EXPLAINED):
        raise Refused("not_failed", _("Only a failed recheck is decided about."))
    assert row.explain_by is not None
    if row.state == State.FAILED and day_of(at) <= row.explain_by:
        words = _("The county may explain until %(day)s. Decide when it has, or after that day.")
        raise Refused("may_explain", words % {"day": long_day_words(row.explain_by)})
    _check_stands(row)
    row.decided_by, row.decided_at, row.decision = by.user, at, reason.strip()
    return row


def _check_stands(row: SpotCheck) -> None:
    if not spot_checks.stands(row):
        raise Refused("not_closed", _("The closing has been taken back meanwhile."))


def _check_granted_by_others(case: Case, by: Actor, words: str) -> None:
    policies.check_person(by.user)
    for other in spot_checks.grantors([case])[case.pk]:
        policies.check_not_own(by.user, other, words)


def _said(case: Case, verb: str, data: dict[str, object], reason: str = "") -> Step:
    step = Step(case, None)
    step.verb, step.data, step.reason = verb, data, reason
    return step
