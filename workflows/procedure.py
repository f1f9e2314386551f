"""The stage graph of one kind of case: stages, legal moves, who owes, how long, what it spawns."""

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple, Self

from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from workflows.criteria import Criteria
from workflows.deadlines import Phrase
from workflows.fitting import FirmFields
from workflows.openings import Opening
from workflows.pack_source import Misplaced
from workflows.text import Rule, Text, localised

CLOSED = "closed"
DELISTED = "delisted"
WITHDRAWN = "withdrawn"
CARRIED_OVER = "carried_over"
TERMINAL = (CLOSED, DELISTED, WITHDRAWN, CARRIED_OVER)

# Verbs that a pack's graph governs; the rest of the engine's verbs are legal on any open stage.
GRAPH_VERBS = ("acknowledge", "advance", "send_back", "apply_for_closure", "close")
OWN = "own"  # in a child's criteria: the have for which it was spawned

OF_HAVES = ("missing", "unaided")

# `responsible` is whoever must do a case that is not about a firm, `lead` whoever leads it
Owner = Literal[
    "county", "county_lead", "township", "department", "liaison_group", "office",
    "responsible", "responsible_lead", "lead",
]  # fmt: skip
# `unit`: whoever owes the step, or the head of his unit in his place
Closer = Literal[
    "office", "county_lead", "department_lead", "responsible_lead", "lead", "unit"
]  # fmt: skip
# what a case is about: a listed firm, or the unit that must do something
About = Literal["firm", "unit"]
GraphVerb = Literal["acknowledge", "advance", "send_back", "apply_for_closure", "close"]
# verbs beside the graph that a kind of case may do without: an order is not contested
Barred = Literal["decline", "suspend", "request_extension", "reassign", "urge"]


class Move(Rule):
    """A legal move. `grades` limits it to classes; `time` overrides the target stage's limit."""

    verb: GraphVerb
    to: str
    grades: tuple[str, ...] | None = None
    label: Text
    time: Phrase | None = None

    def fits(self, grade: str | None) -> bool:
        return self.grades is None or grade in self.grades


class TimeLimit(Rule):
    """A deadline phrase, for certain classes (`grades`) or a certain have only."""

    phrase: Phrase
    grades: tuple[str, ...] = ()
    have: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"phrase": value}
        if not isinstance(value, dict) or "phrase" in value:
            return value
        own = {key: value[key] for key in ("grades", "have") if key in value}
        return {**own, "phrase": {key: item for key, item in value.items() if key not in own}}


class Grade(Rule):
    """A class of cases (the survey's A–D). `chased: false`: no ladder, counted nowhere as late;
    `likely_when`: what the filing shows of a firm that will probably be of it, for waves of opening
    only: the form decides."""

    key: str
    label: Text
    meaning: Text | None = None
    chased: bool = True
    likely_when: Criteria | None = None


class RowColumns(Rule):
    """Which columns of a form's rows make a child case: its title, who must do it, by when.

    `unit` holds the short name of a unit; without one the child stays with the parent's.
    """

    title: str
    unit: str | None = None
    due: str | None = None
    grade: str | None = None


class Spawn(Rule):
    """Children that a stage opens, on entering or on leaving it, at each turn of a measure's time
    (001-05), or that a person opens in it.

    `for`: one child for each … `missing` have, `unaided` one (that needs no partner); of the
    `counties` (001-04); of the case's `units` in the part named, or of those that stand in `units`
    (short names and classes, 004-14); of the `rows` of a form's field; of the `firms` that fit: a
    policy of the plan says which, else the fields of the opening form that `firms` names (002-12).
    `grades`: only for these classes. A have that already has a child gets no second one.
    """

    procedure: str
    when: Literal["entering", "leaving", "by_hand", "each_turn"]
    for_: Literal["missing", "unaided", "counties", "units", "rows", "firms"] | None = Field(
        default=None, alias="for"
    )
    grades: tuple[str, ...] | None = None
    part: Literal["helping", "joint", "responsible"] | None = None
    units: tuple[str, ...] = ()
    firms: FirmFields | None = None
    field: str | None = None
    columns: RowColumns | None = None

    @model_validator(mode="before")
    @classmethod
    def _wants_is_for(cls, value: Any) -> Any:
        """`wants` is what the first packs called `for`."""
        if isinstance(value, dict) and "wants" in value:
            return {"for" if key == "wants" else key: item for key, item in value.items()}
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.when in ("by_hand", "each_turn")) == (self.for_ is not None):
            raise ValueError(_("“for” says for what children are opened; by hand a person does"))
        if (self.for_ == "units") != (self.part is not None or bool(self.units)):
            raise ValueError(_("“part” or “units” belongs to “for: units”, and only there"))
        if self.part is not None and self.units:
            raise ValueError(_("children are for a “part” of the case or for named “units”"))
        if self.firms is not None and self.for_ != "firms":
            raise ValueError(_("“firms” belongs to “for: firms”, and only there"))
        if (self.for_ == "rows") != (self.field is not None and self.columns is not None):
            raise ValueError(_("“field” and “columns” belong to “for: rows”, and only there"))
        return self

    def fits(self, when: str, grade: str | None) -> bool:
        return self.when == when and (self.grades is None or grade in self.grades)


class Stage(Rule):
    """One stage. `phase` is what the stepper shows; `state_label` is what the ledger says;
    `firm_label` what the firm reads. `waits_for` names procedures whose open children hold the
    case; `waits_higher`: shown ◇ and not counted against the lower level; `quiet_season`: the
    ladder rests in the pack's quiet seasons. `closes_with` names the fields of the form without
    which nothing is closed from here. `time` lists limits, the first that fits counts.
    """

    key: str
    title: Text
    state_label: Text
    firm_label: Text
    phase: str
    owner: Owner
    time: tuple[TimeLimit, ...] = ()
    form: str | None = None
    closes_with: tuple[str, ...] = ()
    ladder: str | None = None
    moves: tuple[Move, ...] = ()
    waits_for: tuple[str, ...] = ()
    spawns: tuple[Spawn, ...] = ()
    waits_higher: bool = False
    quiet_season: bool = False

    @model_validator(mode="before")
    @classmethod
    def _one_limit_is_a_list(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("time"), (dict, str)):
            return {**value, "time": [value["time"]]}
        return value

    def time_for(self, grade: str | None = None, have: str | None = None) -> Phrase | None:
        """The limit for a class and a have; the widest one listed while no class is known."""
        ours = [limit for limit in self.time if limit.have in (None, have)]
        for limit in ours:
            if not limit.grades or grade in limit.grades:
                return limit.phrase
        return ours[-1].phrase if ours else None

    @property
    def spawns_on_entering(self) -> bool:
        return any(spawn.when == "entering" for spawn in self.spawns)

    def leaves_by(self, verb: str) -> bool:
        """Whether some class may leave the stage by this verb (`acknowledge`: 待签收)."""
        return any(move.verb == verb for move in self.moves)

    def form_for(self, have: str | None = None) -> str | None:
        """The form's key; a child's form may be named by its have (`remedy_{have}`)."""
        return self.form.format(have=have or "") if self.form else None


class Phase(Rule):
    """What the stepper shows; several stages may lie in one phase."""

    key: str
    title: Text
    firm_label: Text | None = None


class Child(NamedTuple):
    """A child case to open: its procedure and the have (criterion) that it mends."""

    procedure: str
    criterion: str


class Procedure(Rule):
    """The graph of one kind of case. `closer` may confirm a closing; `closes_when` are the
    criteria that accepted evidence must meet (`own` in a child: the have it was made for).

    `about` says what its cases are about; `opens` how they begin (nothing: the parent alone opens
    them); `grades` its own classes, else the pack's; `title_from` the field of the opening form
    that names a case; `call_back`: the firm is asked before it is closed (004-18);
    `at_most_a_month`: of cases that the ladder opens, for one unit; `closed_label` what a case is
    called that was closed (已落实, 已上报), else 已销号 where one applies for it, and 已办结;
    `without` the verbs that this kind does not know.
    """

    key: str
    title: Text
    initial: str
    phases: tuple[Phase, ...]
    closer: Closer
    closes_when: Criteria | None = None
    reopens_at: str | None = None
    about: About = "firm"
    opens: tuple[Opening, ...] = ()
    grades: tuple[Grade, ...] = ()
    title_from: str | None = None
    call_back: bool = False
    at_most_a_month: int | None = Field(default=None, ge=1)
    closed_label: Text | None = None
    without: tuple[Barred, ...] = ()
    graph: tuple[Stage, ...] = Field(alias="stages")

    @cached_property
    def _by_key(self) -> dict[str, Stage]:
        return {stage.key: stage for stage in self.graph}

    @model_validator(mode="after")
    def _keys_once(self) -> Self:
        for place, stage in enumerate(self.graph):
            if any(stage.key == earlier.key for earlier in self.graph[:place]):
                words = _("the stage “%(key)s” is given twice") % {"key": stage.key}
                raise Misplaced(words, ("stages", place, "key"))
        return self

    @cached_property
    def reviews(self) -> frozenset[str]:
        """Stages in which an application for closure lies with a reviewer: the phase it goes to."""
        asked = {m.to for stage in self.graph for m in stage.moves if m.verb == "apply_for_closure"}
        phases = {stage.phase for stage in self.graph if stage.key in asked}
        return frozenset(
            stage.key
            for stage in self.graph
            if stage.waits_higher
            or (stage.phase in phases and not stage.leaves_by("apply_for_closure"))
        )

    @property
    def stages(self) -> tuple[Stage, ...]:
        return self.graph

    @property
    def closed_words(self) -> str:
        """What a closed case is called: only what is applied for is struck off (销号)."""
        if self.closed_label is not None:
            return localised(self.closed_label)
        applied = any(stage.leaves_by("apply_for_closure") for stage in self.graph)
        return _("Closed") if applied else _("Done")

    def opening(self, way: str) -> Opening | None:
        """How cases begin in one of the ways (`hand`, `register` …); None where they do not."""
        return next((opening for opening in self.opens if opening.from_ == way), None)

    def by_hand(self) -> tuple[str, ...]:
        """Procedures whose cases a person may open below one of this procedure."""
        found = (s.procedure for stage in self.graph for s in stage.spawns if s.when == "by_hand")
        return tuple(dict.fromkeys(found))

    def has(self, stage_key: str) -> bool:
        return stage_key in self._by_key

    def stage(self, key: str) -> Stage:
        """The stage; KeyError for a terminal code or an unknown key."""
        return self._by_key[key]

    def phase_of(self, stage_key: str) -> str:
        """The phase of a stage; none where the plan has given the stage up since."""
        stage = self._by_key.get(stage_key)
        return stage.phase if stage is not None else ""

    def phase(self, key: str) -> Phase:
        return next(phase for phase in self.phases if phase.key == key)

    def moves(self, stage_key: str, grade: str | None = None) -> tuple[Move, ...]:
        """Legal graph moves from a stage for a class; none from a terminal one."""
        stage = self._by_key.get(stage_key)
        return tuple([move for move in stage.moves if move.fits(grade)]) if stage else ()

    def move(
        self, stage_key: str, verb: str, to: str | None = None, grade: str | None = None
    ) -> Move | None:
        """The move that a verb makes; the pack's first one where several fit and `to` is open."""
        stage = self._by_key.get(stage_key)
        for move in stage.moves if stage else ():
            if move.verb == verb and to in (None, move.to) and move.fits(grade):
                return move
        return None

    def criteria_for(self, have: str | None = None) -> Criteria | None:
        """The closing criteria, `own` replaced by the have of the child."""
        if self.closes_when is None or have is None:
            return self.closes_when
        return self.closes_when.renamed(OWN, have)

    def edges(self) -> Iterator[tuple[Stage, Move]]:
        for stage in self.graph:
            for move in stage.moves:
                yield stage, move


def spawned(
    stage: Stage,
    when: str,
    *,
    grade: str | None,
    missing: Collection[str],
    unaided: Collection[str],
    present: Collection[str] = (),
) -> tuple[Child, ...]:
    """The children that entering or leaving a stage opens.

    `missing`: keys of missing haves in the pack's order; `unaided`: haves that need no partner;
    `present`: haves that already have a child of this case.
    """
    found: dict[Child, None] = {}
    for spawn in stage.spawns:
        if spawn.for_ not in OF_HAVES or not spawn.fits(when, grade):
            continue
        for have in missing:
            if have not in present and (spawn.for_ == "missing" or have in unaided):
                found[Child(spawn.procedure, have)] = None
    return tuple(found)


def reachable(procedure: Procedure, start: str) -> frozenset[str]:
    """Stages (and terminal codes) that some class can reach from `start`."""
    return _spread(start, [(stage.key, move.to) for stage, move in procedure.edges()])


def leads_to(procedure: Procedure, target: str) -> frozenset[str]:
    """Stages from which `target` can be reached."""
    return _spread(target, [(move.to, stage.key) for stage, move in procedure.edges()])


def _spread(start: str, edges: Sequence[tuple[str, str]]) -> frozenset[str]:
    seen, open_ = {start}, [start]
    while open_:
        here = open_.pop()
        fresh = {to for source, to in edges if source == here} - seen
        seen |= fresh
        open_ += fresh
    return frozenset(seen)
