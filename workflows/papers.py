"""What a paper says of itself and of its aims: numbers, annexes, phases, goals (004-01, 004-09)."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from workflows.text import Rule, Text

# rates that the product counts itself, as of any day
Indicator = Literal["registration_rate", "filing_rate", "coverage_rate", "four_haves_rate"]


class Contact(Rule):
    """Whom a paper names for questions (002-03)."""

    unit: str
    name: str = ""
    phone: str


class SourcePaper(Rule):
    """A paper on which the programme rests.

    `after` is the number of the paper that it carries out (004-01); `annex_of` says that it is an
    annex itself (001-27); `reported_to` and `sent_to` are the two lists of a bulletin (000-02),
    `copies_to` who gets a copy (004-33).
    """

    title: str
    number: str = ""
    issued_by: str = ""
    issued_on: date | None = None
    public: bool = False
    after: str = ""
    annex_of: str = ""
    annexes: tuple[str, ...] = ()
    reported_to: tuple[str, ...] = ()
    sent_to: tuple[str, ...] = ()
    copies_to: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()


class CampaignPhase(Rule):
    """A phase of the whole campaign with its days, both included (004-09)."""

    key: str
    title: Text
    from_: date = Field(alias="from")
    until: date

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.until < self.from_:
            raise ValueError(_("a phase of the campaign ends before it begins"))
        return self


class Goal(Rule):
    """An aim in figures (004-02, 003-01).

    `kind`: `full` (全覆盖), `share` in per cent, `growth` in per cent, `points` (percentage points
    more than the month before), `count`, `amount`, `rank` (place, 1 is best). `of` names the rate
    that the product counts, `measure` the measure of the plan whose entries are counted; without
    either the figure is only told: `start` where it began, `told` what the paper says was reached
    on `told_on`, `rise` the growth in per cent and `rank` the place that it says. `tier` is the
    group to reach (000-15); `assessed`: counts in the yearly assessment (004-21).
    """

    key: str
    title: Text
    kind: Literal["full", "share", "growth", "points", "count", "amount", "rank"]
    target: Decimal | None = None
    unit: Text | None = None
    by: date | None = None
    of: Indicator | None = None
    measure: str | None = None
    start: Decimal | None = None
    told: Decimal | None = None
    told_on: date | None = None
    rise: Decimal | None = None
    rank: int | None = None
    tier: Text | None = None
    counties: dict[str, Decimal] = Field(default_factory=dict)
    assessed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _full_is_all(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("kind") == "full":
            return {"target": 100, **value}
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = (self.target, self.told, self.rise, self.rank, self.tier)
        if all(value is None for value in said) and not self.assessed:
            raise ValueError(_("a goal names a target, or what was reached"))
        if self.of and self.kind not in ("full", "share", "points"):
            raise ValueError(_("“of” names a rate: it goes with full, share and points"))
        if self.of and self.measure:
            raise ValueError(_("a goal is counted by “of” or by “measure”, not by both"))
        return self
