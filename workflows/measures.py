"""举措: the plan's own tasks with leads, responsible units and official times (001-01…06)."""

from typing import Self

from django.utils.translation import gettext as _
from pydantic import model_validator

from workflows.deadlines import Phrase
from workflows.text import Rule, Text

# classes as units: every county of the city (001-04: 各县区政府（管委会）), every liaison group; a
# pack names further ones under `unit_classes` (004-10: 归口部门、支持部门)
COUNTIES = "counties"
LIAISON_GROUPS = "liaison_groups"
CLASSES = (COUNTIES, LIAISON_GROUPS)


class Measure(Rule):
    """A task of the plan. `leads` in the paper's order (001-03); `responsible` units, or
    `counties` for all of them; `time` may be a date, a turn (`every: month, until: …`), `ongoing`
    or a count (`count: 5, until: …`). `number` is the paper's own ("（一）1"), `phase` the phase
    of the campaign in which it is done (004-09).
    """

    key: str
    number: str = ""
    title: Text
    text: Text | None = None
    section: Text | None = None
    procedure: str = "measure"
    leads: tuple[str, ...]
    responsible: tuple[str, ...] = ()
    time: Phrase
    phase: str | None = None

    @model_validator(mode="after")
    def _has_a_lead(self) -> Self:
        if not self.leads:
            raise ValueError(_("a measure needs somebody who leads it"))
        return self

    @property
    def named_units(self) -> tuple[str, ...]:
        """Every unit or class of the pack that the measure names."""
        return tuple(name for name in (*self.leads, *self.responsible) if name not in CLASSES)

    @property
    def led_by_counties(self) -> bool:
        return COUNTIES in self.leads
