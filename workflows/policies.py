"""政策: what the book of policies holds, and whom each is meant for (004-16, 002-12, 002-14)."""

from datetime import date

from workflows.fitting import FirmRule
from workflows.measures import Measure
from workflows.text import Rule, Text


class Parameter(Rule):
    """A figure of a policy; `was` what it used to be and `since` when it changed (002-14);
    `when` the condition under which it holds (003-10)."""

    label: Text
    value: str
    was: str = ""
    since: date | None = None
    when: Text | None = None


class Policy(Measure):
    """A policy that is brought to the firms it fits: opened like a measure of the plan.

    `fits` picks the firms, `gives` the figures, `needs` what must be there first (003-10), `steps`
    the way to it (政策办事流程图), `paper` the number of the paper that grants it.
    """

    procedure: str = "policy"
    fits: FirmRule = FirmRule()
    gives: tuple[Parameter, ...] = ()
    needs: tuple[Text, ...] = ()
    steps: tuple[Text, ...] = ()
    paper: str = ""
