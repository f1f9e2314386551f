"""What a freeze sets going: the counties' to-dos about the lists, and letters for a person to send.

Only the newest month does, on its first freezing: an older month that is frozen late, a correction,
a cut of a day and the year's second edition say nothing about today.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.actions.county_letters import Asked, draft_for, sent_since_talk
from cases.letters_of_county import BEHIND, LETTERS
from cases.models import EscalationDraft
from organisations.days import day_of
from reports.figures.months import State, gaps_of, month_before, state_on
from reports.figures.nouns import Freeze
from reports.reconciled import open_todos
from workflows.models import ProgrammeVersion

MONTHLY = (Freeze.Edition.MONTH, Freeze.Edition.YEAR_END)
Kind = EscalationDraft.Kind


def follow(
    row: Freeze, version: ProgrammeVersion, state: State, was: State, *, at: datetime
) -> None:
    """In the transaction of the freeze; ``was``: the state of the month before."""
    is_newest = row.as_of == month_before(day_of(at))
    if row.edition not in MONTHLY or row.number > 1 or not is_newest:
        return
    open_todos(version, row.as_of, at=at)
    draft_for(version, [*behind(state, was, at), *_after_letters(state)], at=at)


def behind(state: State, was: State, at: datetime) -> list[Asked]:
    """督办函: counties below their line at the end of each of the last months (defaults: two)."""
    months = state.pack.limits.behind_months
    if not months:
        return []
    states = [state, was][:months]
    while len(states) < months:
        before = month_before(states[-1].as_of)
        states.append(state_on(state.programme, before, today=day_of(at), pack=state.pack))
    gaps = [gaps_of(one) for one in states]
    if states[-1].as_of < state.pack.work_from:
        return []  # the campaign has not run so long
    found = []
    for county, place in gaps[0].items():
        if all(county in one and one[county].below for one in gaps):
            cause: dict[str, Any] = {
                "trigger": BEHIND,
                "month": state.as_of.isoformat(),
                "months": [f"{one.as_of:%Y-%m}" for one in reversed(states)],
                "rate": str(place.rate),
                "planned": str(place.planned),
                "gap": str(place.gap),
                "short": place.short,
            }
            found.append(Asked(Kind.SUPERVISION_LETTER, county, cause))
    return found


def _after_letters(state: State) -> list[Asked]:
    """约谈: counties to which so many supervision letters went (defaults: three)."""
    most = state.pack.limits.letters_before_talk
    if not most:
        return []
    month = state.as_of.isoformat()
    return [
        Asked(
            Kind.TALK,
            county,
            {"trigger": LETTERS, "month": month, "numbers": [letter.number for letter in letters]},
        )
        for county, letters in sent_since_talk(state.programme.pk).items()
        if len(letters) >= most
    ]
