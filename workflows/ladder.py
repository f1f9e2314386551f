"""The escalation ladder: rungs at offsets from the due date (or the start) of a step.

From 工作提示 upward a rung only makes a draft that a person releases: no machine writes to a
county's leader.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, Self

from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from workflows.calendar import DAY, WorkCalendar
from workflows.text import Rule, Text

Audience = Literal["handler", "county_lead", "liaison_group", "department_lead", "office"]
Addressee = Literal["county_bureau", "county_government", "department", "supervision_office"]
DraftKind = Literal[
    "work_note", "reminder_letter", "supervision_letter", "coordination_letter", "talk"
]


ENDS = ("from", "until")


class Rung(Rule):
    """One step of a ladder.

    `offset` counts working days (the ladder may say calendar days) from `anchor`; `audience` who
    is told; `act` what happens; `release: person` leaves a draft in the office's tray for
    `addressee`; `requires` the rung that must be on record first (reached, its
    letter sent or not: ADR 12); `min_budget` the least budget (working days) for which it
    exists; `text` a key of the pack's texts; `digest_only`: no
    notice of its own; `at_once`: sent by itself, not only in the digest; `once_per: month` at most
    one letter per addressee and month.
    """

    key: str
    offset: int
    anchor: Literal["due", "start"] = "due"
    audience: tuple[Audience, ...] = ()
    act: Literal["notify", "phone_list", "draft"] = "notify"
    release: Literal["system", "person"] = "system"
    draft_kind: DraftKind | None = None
    addressee: Addressee | None = None
    requires: str | None = None
    min_budget: int | None = None
    once_per: Literal["month"] | None = None
    digest_only: bool = False
    at_once: bool = False
    text: str = ""
    title: Text | None = None

    @model_validator(mode="after")
    def _draft_is_whole(self) -> Self:
        if (self.act == "draft") != (self.draft_kind is not None):
            raise ValueError(_("“act: draft” and “draft_kind” go together"))
        if self.act == "draft" and self.release == "system":
            raise ValueError(_("a draft needs “release: person”: no machine writes to a leader"))
        return self

    def applies(self, budget: int | None) -> bool:
        return self.min_budget is None or (budget is not None and budget >= self.min_budget)


class Ladder(Rule):
    """Rungs from the lowest to the highest."""

    key: str
    title: Text | None = None
    counting: Literal["working_days", "calendar_days"] = "working_days"
    rungs: tuple[Rung, ...]

    def __hash__(self) -> int:
        """Of the key alone: what is kept for a ladder is found without looking at every rung."""
        return hash(self.key)

    def rung(self, key: str) -> Rung:
        return next(rung for rung in self.rungs if rung.key == key)


class QuietSeason(Rule):
    """A season in which the ladder of marked stages rests (年报季), every year.

    `from_` and `until` are (month, day), both included; in a pack `{from: 01-01, until: 03-31}`.
    """

    from_: tuple[int, int] = Field(alias="from")
    until: tuple[int, int]
    title: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {key: _month_day(item) if key in ENDS else item for key, item in value.items()}

    def last_day(self, day: date) -> date:
        """The last day of the season in which a day lies."""
        for _n in range(366):
            if not self.holds(day + DAY):
                break
            day += DAY
        return day

    def holds(self, day: date) -> bool:
        at = (day.month, day.day)
        if self.from_ <= self.until:
            return self.from_ <= at <= self.until
        return at >= self.from_ or at <= self.until


def is_quiet(day: date, quiet: Iterable[QuietSeason]) -> bool:
    return any(season.holds(day) for season in quiet)


def moment(
    rung: Rung,
    *,
    due_on: date | None,
    started_on: date,
    calendar: WorkCalendar,
    counting: str = "working_days",
) -> date | None:
    """The day on which a rung is reached; None for a rung about a due date that is not there."""
    anchor = started_on if rung.anchor == "start" else due_on
    if anchor is None:
        return None
    if counting == "calendar_days":
        return anchor + timedelta(days=rung.offset)
    return calendar.add(anchor, rung.offset)


def next_check(
    ladder: Ladder,
    *,
    due_on: date | None,
    started_on: date,
    after: date,
    calendar: WorkCalendar,
    budget: int | None,
    fired: frozenset[str] = frozenset(),
    earlier: frozenset[str] = frozenset(),
    not_before: date = date.min,
    quiet: Sequence[QuietSeason] = (),
) -> date | None:
    """The first day after `after` on which a sweep has to look at the step again.

    Given what has `fired`, a rung whose moment has passed but that waited for a lower one is
    looked at on the next working day, so a ladder climbs one letter a day after downtime.
    """
    standing = fired | earlier
    waited = {rung.key for rung in ladder.rungs if rung.requires in standing}
    days = [
        max(day, calendar.add(after, 1)) if day <= after else day
        for rung, day in _moments(ladder, due_on, started_on, calendar, budget, tuple(quiet))
        if day > after
        or (rung.key in waited - fired and _may_fire(ladder, rung, day, not_before, standing))
    ]
    return min(days, default=None)


def rungs_due(
    ladder: Ladder,
    *,
    due_on: date | None,
    started_on: date,
    on: date,
    fired: frozenset[str],
    not_before: date,
    calendar: WorkCalendar,
    budget: int | None,
    earlier: frozenset[str] = frozenset(),
    quiet: Sequence[QuietSeason] = (),
) -> tuple[Rung, ...]:
    """Rungs reached by the end of `on` that have not fired, lowest first.

    `fired`: for this date; `earlier`: for the dates that the step had before. After a changed
    deadline only rungs whose moment is on or after `not_before` can fire, and of those behind it
    the ones that a higher rung builds on and that are not on record. A rung that requires a lower
    one waits until that one is on record, whatever the date was then: nobody escapes a letter by
    a changed date. In a quiet season nothing is due.
    """
    if is_quiet(on, quiet):
        return ()
    standing = fired | earlier
    return tuple(
        rung
        for rung, day in _moments(ladder, due_on, started_on, calendar, budget, tuple(quiet))
        if day <= on
        and rung.key not in fired
        and (rung.requires is None or rung.requires in standing)
        and _may_fire(ladder, rung, day, not_before, standing)
    )


def _may_fire(
    ladder: Ladder, rung: Rung, day: date, not_before: date, standing: frozenset[str]
) -> bool:
    """Whether a changed date has not left the rung behind for good."""
    if day >= not_before:
        return True
    return rung.key not in standing and any(one.requires == rung.key for one in ladder.rungs)


def speaking(rungs: Sequence[Rung]) -> Rung | None:
    """After days of downtime only the highest rung reached speaks; the others fire in silence."""
    return rungs[-1] if rungs else None


@lru_cache(maxsize=4096)
def _moments(
    ladder: Ladder,
    due_on: date | None,
    started_on: date,
    calendar: WorkCalendar,
    budget: int | None,
    quiet: tuple[QuietSeason, ...],
) -> tuple[tuple[Rung, date], ...]:
    """Each rung that exists for this budget with its day, in the order in which they come.

    Kept: thousands of steps that begin and end on the same days ask for the same.
    """
    found = []
    for place, rung in enumerate(ladder.rungs):
        day = _when(rung, ladder, due_on, started_on, calendar, quiet)
        if day is not None and rung.applies(budget):
            found.append((day, place, rung))
    return tuple((rung, day) for day, _place, rung in sorted(found, key=lambda item: item[:2]))


def _when(
    rung: Rung,
    ladder: Ladder,
    due_on: date | None,
    started_on: date,
    calendar: WorkCalendar,
    quiet: Sequence[QuietSeason],
) -> date | None:
    """The rung's day with the quiet season taken out.

    A step that falls due in the season is counted late from the season's end, and gets no
    reminder that its day is near; a moment inside the season waits for its end.
    """
    if rung.anchor == "due" and due_on is not None and is_quiet(due_on, quiet):
        if rung.offset <= 0:
            return None
        due_on = _last_quiet_day(due_on, quiet)
    day = moment(
        rung, due_on=due_on, started_on=started_on, calendar=calendar, counting=ladder.counting
    )
    if day is None or not is_quiet(day, quiet):
        return day
    return calendar.on_or_after(_last_quiet_day(day, quiet) + DAY)


def _last_quiet_day(day: date, quiet: Sequence[QuietSeason]) -> date:
    while is_quiet(day + DAY, quiet):
        day += DAY
    return day


def _month_day(item: object) -> object:
    if not isinstance(item, str):
        return item
    try:
        day = date.fromisoformat(f"2024-{item}")
    except ValueError:
        raise ValueError(_("a day of the year is written “03-31”")) from None
    return (day.month, day.day)
