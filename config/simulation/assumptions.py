"""What a dry run takes for granted about people: stated on the page, adjustable, whole numbers.

The defaults come from practice (how many visits three teams make a week, how long a paper takes);
none of them comes from the plan's own limits, or a plan could never turn out too tight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.form_fields import HAVES
from workflows.packs import Pack
from workflows.procedure import OF_HAVES, Procedure, Stage
from workflows.text import localised

GRADE = "grade"  # the field of a form that gives a class
MOST_DAYS = 260
MOST_RUNS = 40


@dataclass(frozen=True)
class Pace:
    """How a kind of step is worked on: the working days that it takes from its beginning (`low` to
    `high`, if nobody queues), the share (per cent) that is forgotten until somebody is reminded,
    and the share that comes back for correction.
    """

    low: int
    high: int
    forgotten: int = 6
    returned: int = 0


# kinds of steps: 签收 | first visit | search for a partner | a desk's other work | application |
# a review | the city's confirmation (on its batch days)
SIGN = Pace(0, 1, forgotten=3)
VISIT = Pace(2, 12)
SEARCH = Pace(10, 24)
DESK = Pace(2, 8)
APPLY = Pace(1, 5, forgotten=4)
REVIEW = Pace(1, 4, forgotten=3, returned=5)
# of matters: the seal of a unit's head | what follows the work itself (a call, a report sent on)
SEAL = Pace(0, 2, forgotten=3)
FOLLOW = Pace(0, 3, forgotten=4)
REMEDY = Pace(8, 22, forgotten=6, returned=13)
# by have, for a firm of the middle class; classes before and after it take less and more
REMEDIES: Mapping[str, Pace] = {
    "institution": Pace(8, 20, returned=13),
    "staff": Pace(6, 16, returned=13),
    "spending": Pace(20, 60, returned=13),
    "cooperation": Pace(18, 48, returned=13),
}


@dataclass(frozen=True)
class StepKind:
    """A row of the table of assumptions: a stage, or a remedy of one have.

    `work` says whose hands it needs: ``visit``, ``desk`` or ``review`` (so many a week), ``sign``
    (any number at once), or ``turn``: done by its own date, whatever that is (a watched firm, the
    city's batch day).
    """

    key: str
    title: str
    work: str
    pace: Pace


@dataclass(frozen=True)
class Numbers:
    """Everything else that is assumed."""

    visits: int = 24  # a county's task force: visits a week (3 teams, 2 half-days, 4 firms each)
    county_desk: int = 60  # its other steps a week
    reviews: int = 40  # what one reviewer looks at in a week
    department: int = 40
    liaison: int = 20
    office: int = 200
    found: int = 20  # of the haves that the filing does not show, what a visit finds in order
    watched: int = 10  # firms of the last class, which is only watched
    never: int = 20  # firms that never act
    wakes: int = 50  # reminders that bring a forgotten step back to mind
    filed: int = 70  # of what a firm has, what it files in the same month
    spread: int = 25  # counties work up to so much faster or slower
    first_class: int = 70  # the first class's time, in per cent of the middle one's
    last_class: int = 150
    correction: int = 4  # working days that a paper takes to be mended, on the average
    rests: int = 3  # steps with a firm that stand still for a while (停产检修)
    rest_days: int = 10  # working days of a rest, on the average
    extends: int = 30  # of the steps that will not be done in time, those for which time is asked
    granted: int = 80  # of what is asked for
    issues: int = 8  # visits that leave an issue for a department behind
    early: int = 5  # working days before the date that it was given a matter is done, at most


# what the page asks, in its order: name, words, most
NUMBERS: tuple[tuple[str, Any, int], ...] = (
    ("visits", gettext_lazy("Visits of a county's task force in a week"), 500),
    ("county_desk", gettext_lazy("Its other steps in a week"), 2000),
    ("reviews", gettext_lazy("Reviews of one reviewer in a week"), 2000),
    ("department", gettext_lazy("Steps of a department in a week"), 2000),
    ("liaison", gettext_lazy("Steps of a liaison group in a week"), 2000),
    ("office", gettext_lazy("Confirmations of the office in a week"), 5000),
    ("found", gettext_lazy("Missing in the filing but found in order, per cent"), 100),
    ("watched", gettext_lazy("Firms that are only watched, per cent"), 100),
    ("never", gettext_lazy("Firms that never act, per cent"), 100),
    ("wakes", gettext_lazy("Reminders that help, per cent"), 100),
    ("filed", gettext_lazy("Filed in the month in which it is there, per cent"), 100),
    ("spread", gettext_lazy("Counties differ by up to, per cent"), 90),
    ("first_class", gettext_lazy("Time of the first class, per cent of the middle one"), 500),
    ("last_class", gettext_lazy("Time of the last class, per cent of the middle one"), 500),
    ("correction", gettext_lazy("Working days to mend what came back"), 60),
    ("rests", gettext_lazy("Steps that stand still for a while, per cent"), 100),
    ("rest_days", gettext_lazy("Working days of such a rest"), 30),
    ("extends", gettext_lazy("More time is asked for where it will be late, per cent"), 100),
    ("granted", gettext_lazy("Extensions granted, per cent"), 100),
    ("issues", gettext_lazy("Visits that leave an issue behind, per cent"), 100),
    ("early", gettext_lazy("A matter is done so many working days before its date, at most"), 60),
)


@dataclass(frozen=True)
class Assumptions:
    """All of them; ``paces`` by the key of a ``StepKind``."""

    paces: Mapping[str, Pace]
    numbers: Numbers = field(default_factory=Numbers)

    def pace(self, key: str, have: str | None) -> Pace:
        """The pace of a stage, of a remedy by its have where one is named."""
        return self.paces.get(f"{key}.{have}") or self.paces.get(key) or DESK

    def with_pace(self, key: str, **changes: int) -> Assumptions:
        return replace(self, paces={**self.paces, key: replace(self.paces[key], **changes)})

    def with_numbers(self, **changes: int) -> Assumptions:
        return replace(self, numbers=replace(self.numbers, **changes))


def defaults(pack: Pack) -> Assumptions:
    return Assumptions({kind.key: kind.pace for kind in kinds(pack)})


def kinds(pack: Pack) -> Iterator[StepKind]:
    """Every kind of step of a firm's case under a pack, in the order of its stages; then those of
    matters."""
    for procedure in (*procedures(pack), *matter_procedures(pack)):
        for stage in procedure.stages:
            yield from _kinds_of(pack, procedure, stage)


def procedures(pack: Pack) -> list[Procedure]:
    """The firm's own procedure and those of the remedies that it opens."""
    opened = [s.procedure for stage in pack.root.stages for s in stage.spawns if s.for_ in OF_HAVES]
    return [pack.root, *(pack.procedures[key] for key in dict.fromkeys(opened))]


def matter_procedures(pack: Pack) -> list[Procedure]:
    """Those of the plan's measures, of what the calendar opens, of issues, and of their parts."""
    begin = [one.procedure for one in pack.plan]
    begin += [p.key for p in pack.procedures.values() if p.opening("calendar") or p.call_back]
    found: dict[str, None] = {}
    while begin:
        key = begin.pop(0)
        if key in found:
            continue
        found[key] = None
        stages = pack.procedure(key).stages
        begin += [
            spawn.procedure
            for stage in stages
            for spawn in stage.spawns
            if spawn.when == "each_turn" or spawn.for_ in ("counties", "units")
        ]
    known = {one.key for one in procedures(pack)}
    return [pack.procedure(key) for key in found if key not in known]


def is_matter(pack: Pack, procedure: Procedure) -> bool:
    """Whether it is neither the firm's own procedure nor one of its remedies."""
    return procedure is not pack.root and procedure.criteria_for(None) is None


def work_of(pack: Pack, procedure: Procedure, stage: Stage) -> str:
    """Whose hands a stage needs (``StepKind.work``)."""
    phrases = [limit.phrase for limit in stage.time]
    if phrases and all(phrase.every or phrase.next_batch_day for phrase in phrases):
        return "turn"
    if stage.key in procedure.reviews or stage.owner in ("county_lead", "responsible_lead"):
        return "review"
    if stage.leaves_by("acknowledge"):
        return "sign"
    is_out = stage.owner in ("county", "township", "liaison_group")
    if procedure is pack.root and is_out and stage.form and not _applies(stage):
        return "visit"
    return "desk"


def gives_class(pack: Pack, stage: Stage) -> bool:
    """Whether the form of a stage says of which class a firm is."""
    return _asks(pack, stage, GRADE)


def finds_haves(pack: Pack, stage: Stage) -> bool:
    """Whether the form of a stage says which haves are there (摸底)."""
    return _asks(pack, stage, HAVES)


def _asks(pack: Pack, stage: Stage, key: str) -> bool:
    form = pack.forms.get(stage.form or "")
    return form is not None and any(field.key == key for field in form.inputs)


def _applies(stage: Stage) -> bool:
    return bool(stage.waits_for) or stage.leaves_by("apply_for_closure")


def _kinds_of(pack: Pack, procedure: Procedure, stage: Stage) -> Iterator[StepKind]:
    key, title = f"{procedure.key}.{stage.key}", localised(stage.title)
    work = work_of(pack, procedure, stage)
    if is_matter(pack, procedure):
        words = _("%(matter)s: %(stage)s")
        title = words % {"matter": localised(procedure.title), "stage": title}
    if procedure is pack.root or is_matter(pack, procedure) or stage.key != procedure.initial:
        yield StepKind(key, title, work, _pace(pack, procedure, stage, work))
        return
    for have in pack.haves:
        words = _("%(stage)s: %(have)s") % {"stage": title, "have": localised(have.label)}
        yield StepKind(f"{key}.{have.key}", words, work, REMEDIES.get(have.key, REMEDY))


def _pace(pack: Pack, procedure: Procedure, stage: Stage, work: str) -> Pace:
    if work == "turn":
        is_review = stage.key in procedure.reviews
        return Pace(0, 0, forgotten=0, returned=2 if is_review else 0)
    if work == "review":
        return SEAL if stage.owner == "responsible_lead" else REVIEW
    if work == "sign":
        return SIGN
    if _applies(stage):
        return APPLY
    if work == "visit":
        first = next(s for s in procedure.stages if work_of(pack, procedure, s) == "visit")
        return VISIT if stage is first else SEARCH
    is_given = any(limit.phrase.as_given for limit in stage.time)
    is_later = is_matter(pack, procedure) and stage.key != procedure.initial
    return FOLLOW if is_later and not is_given else DESK
