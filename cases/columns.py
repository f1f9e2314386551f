"""The one registry of columns: screen, phone card, Excel, chat text and print read it.

A ``Row`` is everything that a list prints of a case; ``Reader`` makes rows of a page with a fixed
number of queries, whatever its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases import permissions, wording
from cases.kinds import DASH, kind_label
from cases.labels import grade_label
from cases.lights import Light, light_of
from cases.models import Case, CaseEvent, WorkItem
from cases.names import Names
from cases.newest import newest_events, tenures_of
from cases.row_words import due_of, is_lacking, lack_of, named, phase_of, progress_line
from cases.waiting import waiting_for_parts, waits_words
from organisations.days import day_of
from organisations.models import Unit
from organisations.scope import Actor

# stands in the address of a case in place of its key
NUMBER = 10**15


@dataclass(frozen=True)
class Row:
    """One case as a list prints it; texts are ready in the active language."""

    pk: int
    url: str
    number: str
    firm: str
    code: str
    light: Light
    county: str
    township: str
    grade: str
    phase: dict[str, Any]
    lack: str
    due_on: date | None
    handler: str
    department: str
    progress: str
    progress_on: date | None
    stage: str
    # the day of the list, so that dates of another year carry it
    on: date | None = None
    # 暂定: the date lies past the days off that have been announced
    is_provisional: bool = False
    # 整改事项 研发人员; empty for a firm's own case
    remedy: str = ""
    # whether ``lack`` names what is missing; 材料齐全 does not
    is_lacking: bool = True
    # who has the next move, by name
    waits: str = ""

    @property
    def lack_words(self) -> str:
        """还差：研发人员; what lacks nothing is said as it is."""
        return _("still missing: %(what)s") % {"what": self.lack} if self.is_lacking else self.lack

    @property
    def name(self) -> str:
        """Firm, and what the remedy mends: two lines of one firm are told apart."""
        return named(self.firm, self.remedy)

    @property
    def light_dict(self) -> dict[str, str]:
        """For the template tag ``light``."""
        return {"kind": self.light.kind, "shape": self.light.shape, "words": self.light.words}

    @property
    def progress_line(self) -> str:
        """9月14日 申请销号."""
        return progress_line(self.progress, self.progress_on, self.on)


@dataclass(frozen=True)
class Column:
    """``text``: the cell as plain text; ``kind``: how the screen draws it; ``width``: of Excel."""

    key: str
    title: str | Promise
    text: Callable[[Row], str]
    kind: str = "text"
    head_class: str = ""
    cell_class: str = "desk-only"
    width: int = 12
    sort: tuple[str, ...] = ()
    # what a workbook holds instead of the text: a day, a number, or nothing
    value: Callable[[Row], date | int | None] | None = None
    # whether that day is only provisional
    unsure: Callable[[Row], bool] | None = None


def _due(row: Row) -> str:
    if row.due_on is None:
        return DASH
    day = wording.short_day(row.due_on, row.on)
    return _("%(day)s (provisional)") % {"day": day} if row.is_provisional else day


STATE = Column(
    "state",
    gettext_lazy("State"),
    lambda row: f"{row.light.shape} {row.light.words}",
    kind="light",
    head_class="w-light",
    cell_class="cell-light",
    width=20,
    sort=("urgency",),
)
FIRM = Column(
    "firm",
    gettext_lazy("Firm name"),
    attrgetter("name"),
    kind="firm",
    head_class="w-firm",
    cell_class="cell-firm",
    width=38,
    sort=("enterprise__name",),
)
CODE = Column(
    "code",
    gettext_lazy("Credit code"),
    attrgetter("code"),
    head_class="w-code wide-only",
    cell_class="desk-only wide-only",
    width=22,
)
COUNTY = Column(
    "county", gettext_lazy("County"), attrgetter("county"), head_class="w-m",
    sort=("county__position", "county__name"),
)  # fmt: skip
TOWNSHIP = Column(
    "township",
    gettext_lazy("Township (park)"),
    attrgetter("township"),
    head_class="w-m gives-way",
    cell_class="desk-only gives-way",
    sort=("township__position", "township__name"),
)
GRADE = Column(
    "grade",
    gettext_lazy("Class"),
    attrgetter("grade"),
    head_class="w-s gives-way",
    cell_class="desk-only gives-way",
    sort=("grade",),
)
STAGE = Column(
    "stage",
    gettext_lazy("Stage"),
    lambda row: str(row.phase["words"]),
    kind="phase",
    head_class="w-stage",
    cell_class="cell-stage",
    sort=("stage",),
)
LACK = Column(
    "lack",
    gettext_lazy("Still missing"),
    attrgetter("lack"),
    kind="clip",
    head_class="w-l",
    cell_class="cell-lack",
    width=28,
    sort=("lacking_count",),
)
DUE = Column(
    "due",
    gettext_lazy("Due"),
    _due,
    kind="date",
    head_class="number w-due",
    cell_class="number cell-due wrap",
    width=10,
    sort=("item__due_on",),
)
HANDLER = Column(
    "handler",
    gettext_lazy("Handler"),
    attrgetter("handler"),
    kind="clip",
    head_class="w-xs large-gives-way",
    cell_class="desk-only large-gives-way",
    sort=("item__post_id",),
)
DEPARTMENT = Column(
    "department",
    gettext_lazy("Department"),
    attrgetter("department"),
    head_class="w-m wide-only",
    cell_class="desk-only wide-only",
    width=14,
    sort=("competent_unit__position",),
)
PROGRESS = Column(
    "progress",
    gettext_lazy("Latest progress"),
    attrgetter("progress_line"),
    kind="clip",
    head_class="w-said",
    cell_class="desk-only w-said",
    width=40,
    sort=("progress_at",),
)
ALL: tuple[Column, ...] = (
    STATE, FIRM, CODE, COUNTY, TOWNSHIP, GRADE, STAGE, LACK, DUE, HANDLER, DEPARTMENT, PROGRESS,
)  # fmt: skip


def columns_for(actor: Actor) -> tuple[Column, ...]:
    """A county's own people need no county column; whoever sees several has no use for towns."""
    drop = TOWNSHIP if sees_counties(actor) else COUNTY
    return tuple(column for column in ALL if column is not drop)


def sees_counties(actor: Actor) -> bool:
    """Whether the actor's part of the map is larger than one county."""
    return any(s.region_level not in ("county", "township") for s in actor.standings)


class Reader:
    """Reads cases (``with_item().as_rows()``) into rows; queries: newest events, holders,
    and of a list with matters which of them wait for their parts."""

    def __init__(self, actor: Actor, on: date, units: Iterable[Unit] = ()) -> None:
        self.actor, self.on = actor, on
        self.units = {u.pk: u.short_name or u.name for u in units}
        # matters whose parts are the work
        self.waiting: frozenset[int] = frozenset()
        # the people of the actor's own units, for the filter by handler
        self.colleagues: dict[int, str] = {}
        # ``phase_of`` of each kind of row
        self._phases: dict[tuple[Any, ...], dict[str, Any]] = {}

    def rows(self, cases: Sequence[Case]) -> list[Row]:
        if not cases:
            return []
        events = newest_events(cases)
        holders = self._holders(cases, events.values())
        self.waiting = waiting_for_parts(cases)
        names = Names(self.units or self._units(events.values()), holders)
        place = address_of("case", NUMBER)
        return [self._row(case, events.get(case.pk), names, place) for case in cases]

    def plain(self, cases: Sequence[Case]) -> list[Row]:
        """Rows without handler and progress; no statement."""
        place = address_of("case", NUMBER)
        return [self._row(case, None, Names(), place) for case in cases]

    def _holders(self, cases: Sequence[Case], events: Iterable[CaseEvent]) -> dict[int, str]:
        posts = {item.post_id: item.post.name for c in cases if (item := item_of(c))}
        named = {v for e in events for k, v in e.data.items() if k.endswith("_post") and v}
        held: dict[int, list[str]] = {}
        for tenure in tenures_of(self.on, set(posts) | named, self.actor.unit_ids):
            held.setdefault(tenure.post_id, []).append(str(tenure.user))
            if tenure.post.unit_id in self.actor.unit_ids:
                self.colleagues[tenure.post_id] = ""
        comma = pgettext("list of names", ", ")
        names = {pk: comma.join(people) for pk, people in held.items()}
        self.colleagues = {pk: names[pk] for pk in self.colleagues}
        return posts | names

    def _units(self, events: Iterable[CaseEvent]) -> dict[int, str]:
        ids = {v for e in events for k, v in e.data.items() if k.endswith("unit") and v}
        return {u.pk: u.short_name or u.name for u in Unit.objects.filter(pk__in=ids)}

    def _phase(self, case: Case, item: WorkItem | None) -> dict[str, Any]:
        rests = item is not None and item.is_suspended
        kind = (case.pack_version_id, case.procedure, case.stage, case.is_matter, rests)
        if kind not in self._phases:
            self._phases[kind] = phase_of(case, item)
        return self._phases[kind]

    def _row(self, case: Case, event: CaseEvent | None, names: Names, place: str) -> Row:
        item = item_of(case)
        own, phase = permissions.owes(self.actor, item), self._phase(case, item)
        return Row(
            pk=case.pk,
            url=place.replace(str(NUMBER), str(case.pk)),
            number=case.number,
            firm=case.subject,
            code=(case.enterprise.credit_code or "") if case.enterprise else "",
            light=light_of(
                case,
                item,
                self.on,
                own=own,
                handed_up=permissions.handed_up(self.actor, case, item),
                waits_for_parts=case.pk in self.waiting,
            ),
            county=case.county.name,
            township=case.township.name if case.township else "",
            grade=grade_label(case.pack_version_id, case.procedure, case.grade),
            phase=phase,
            lack=lack_of(case, item),
            due_on=due_of(item, own=own),
            is_provisional=item is not None and item.provisional,
            handler=names.holder(item.post_id) if item else "",
            department=case.competent_unit.short_name or case.competent_unit.name,
            progress=wording.words_of(event, names) if event else "",
            progress_on=day_of(event.at) if event else None,
            stage=phase["words"],
            on=self.on,
            remedy=kind_label(case),
            is_lacking=is_lacking(case, item),
            waits=waits_words(case, item, names.holder(item.post_id) if item else ""),
        )


def address_of(view: str, *args: int) -> str:
    """Another door of this app by its URL name, or nothing where it is not installed."""
    try:
        return reverse(view, args=args)
    except NoReverseMatch:
        return ""


def item_of(case: Case) -> WorkItem | None:
    """The open step that ``with_item`` joined."""
    item: WorkItem | None = getattr(case, "item", None)
    return item
