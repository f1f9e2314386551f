"""Everything that a case page shows, read in a fixed number of statements.

A remedy's papers lie with its parent: ``papers`` are those of the root, narrowed to its criterion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from cases import permissions, policies
from cases.extensions import History
from cases.lights import Light, light_of
from cases.models import Case, CaseEvent, Evidence, Extension, FormRecord, Suspension, WorkItem
from cases.register_stays import stays_of
from cases.rulebook import Rules, rules_of
from organisations.asked_again import kept
from organisations.compiled import Compiled, CompiledFor, ask
from organisations.days import day_of
from organisations.models import Tenure, Unit
from organisations.roles import Role
from organisations.scope import Actor


@dataclass
class Sheet:
    """A case on a day with its steps, events, papers and children."""

    case: Case
    on: date
    items: list[WorkItem]
    events: list[CaseEvent]
    papers: list[Evidence]
    children: list[Child]
    suspensions: list[Suspension]
    records: list[FormRecord]
    holders: list[Tenure]
    extensions: list[Extension] = field(default_factory=list)

    @cached_property
    def rules(self) -> Rules:
        return rules_of(self.case)

    @cached_property
    def item(self) -> WorkItem | None:
        return next((item for item in self.items if item.finished is None), None)

    def light_for(self, actor: Actor) -> Light:
        """As the ledger shows it to this person: who reviews sees the date, who handles what lies
        with the county's own reviewer sees ◇."""
        item = self.item
        return light_of(
            self.case,
            item,
            self.on,
            own=permissions.owes(actor, item),
            handed_up=permissions.handed_up(actor, self.case, item),
            waits_for_parts=self.waits_for_parts,
        )

    @property
    def waits_for_parts(self) -> bool:
        """A matter with open children, which no list of what is owed holds: they are the work."""
        return self.case.is_matter and any(child.open_item for child in self.children)

    @cached_property
    def lacking(self) -> list[str]:
        """Closing criteria that accepted papers do not meet yet; all of them before the survey."""
        return policies.lacking(self.case, self.papers)

    @cached_property
    def dating(self) -> History:
        """What has become of the date of the open step."""
        return History.of(self.item, self.extensions, self.events)

    @cached_property
    def stays(self) -> list[tuple[date, date | None]]:
        """When the firm stood on the register; asked for by whoever may end the case."""
        return stays_of(self.case)

    @property
    def root_id(self) -> int:
        return self.case.parent_id or self.case.pk

    def last(self, verb: str) -> date | None:
        """The day of the newest event of a verb."""
        found = (event.at for event in self.events if event.verb == verb)
        return local_day(next(found, None))

    def record_of(self, form: str, case_id: int | None = None) -> FormRecord | None:
        """The newest record of a form, its draft first."""
        mine = [
            record
            for record in self.records
            if record.form == form and record.case_id == (case_id or self.case.pk)
        ]
        return max(mine, key=lambda record: (record.is_draft, record.pk), default=None)

    def people(self, unit_id: int, *roles: str) -> list[Tenure]:
        """Who holds the posts of a unit on the day; of certain roles only, if any are named."""
        return [
            tenure
            for tenure in self.holders
            if tenure.post.unit_id == unit_id and (not roles or tenure.post.role in roles)
        ]

    @property
    def handlers(self) -> list[Tenure]:
        """Whoever holds the post of the open item, else the handlers of the responsible unit."""
        item = self.item
        if item is not None:
            mine = [t for t in self.holders if t.post_id == item.post_id]
            if mine:
                return mine
        return self.county_handlers

    @property
    def worked(self) -> list[Tenure]:
        """Whoever holds the post that had the newest step which is no review."""
        reviews = self.rules.procedure.reviews
        posts = [item.post_id for item in self.items if item.stage not in reviews]
        mine = [t for t in self.holders if posts and t.post_id == posts[-1]]
        return mine or self.county_handlers

    @property
    def county_handlers(self) -> list[Tenure]:
        return self.people(self.case.responsible_unit_id, Role.COUNTY_WORKER)


@dataclass(frozen=True)
class Child:
    """A child case with its newest step."""

    case: Case
    item: WorkItem

    @property
    def open_item(self) -> WorkItem | None:
        return None if self.item.finished else self.item


def load(case: Case, on: date, *, brief: bool = False) -> Sheet:
    """Read a case's page; the number of statements does not depend on what there is. ``brief``:
    without suspensions, forms and extensions, which a firm's page shows nothing of.
    """
    root, wanted = case.parent_id or case.pk, [_ITEMS.asked(case.pk)]
    wanted += [_PAPERS.asked(root), _EVENTS.asked(case.pk)]
    if not brief:
        wanted += [_PAUSES.asked(case.pk), _RECORDS.asked(case.pk), _EXTENSIONS.asked(case.pk)]
    items, papers, events, *more = ask(*wanted)
    pauses, records, extensions = more or ([], [], [])
    for item in items:
        if item.process_id != case.pk:
            item.process.programme = case.programme
    own = [item for item in items if item.process_id == case.pk]
    newest = {item.process_id: item for item in items if item.process_id != case.pk}
    return Sheet(
        case=case,
        on=on,
        items=own,
        events=events,
        papers=papers,
        children=[Child(item.process, item) for item in newest.values()],
        suspensions=pauses,
        records=records,
        holders=holders(_units(case, own), on),
        extensions=extensions,
    )


def _family(pk: int) -> QuerySet[Case, Any]:
    """A case and its parts, each found by an index: asked of the steps, whether they are the case's
    own or a part's, PostgreSQL reads every step that there is."""
    rows: QuerySet[Case, Any] = Case.objects.filter(Q(pk=pk) | Q(parent=pk)).values("pk")
    return rows


# what a page reads of a case by its key, in one way there and back
_ITEMS = Compiled(
    lambda pk: (
        WorkItem.objects.filter(process__in=_family(pk))
        .select_related("process__enterprise", "unit", "post")
        .order_by("id")
    ),
    int,
)
_PAPERS = Compiled(
    lambda root: (
        Evidence.objects.filter(case_id=root)
        .select_related("submitted_by", "reviewed_by", "confirmed_by")
        .order_by("-id")
    ),
    int,
)
_EVENTS = Compiled(
    lambda pk: (
        CaseEvent.objects.filter(case=pk).select_related("by", "by_post__unit").order_by("-id")
    ),
    int,
)
_PAUSES = Compiled(lambda pk: Suspension.objects.filter(case=pk).order_by("id"), int)
_RECORDS = Compiled(
    lambda pk: FormRecord.objects.filter(case__in=_family(pk)).select_related("by"), int
)
_EXTENSIONS = Compiled(
    lambda pk: (
        Extension.objects.filter(case=pk).select_related("asked_by", "decided_by").order_by("id")
    ),
    int,
)


def load_brief(cases: Sequence[Case], on: date) -> list[Sheet]:
    """As ``load(brief=True)`` of each of several firms' own cases, in their order; four statements
    however many: somebody may be the contact of ten firms.
    """
    items: dict[int, dict[int, list[WorkItem]]] = {case.pk: {} for case in cases}
    known = {case.pk: case for case in cases}
    family = Case.objects.filter(Q(pk__in=known) | Q(parent__in=known)).values("pk")
    rows = WorkItem.objects.filter(process__in=family)
    for item in rows.select_related("process__enterprise", "unit", "post").order_by("id"):
        root = known[item.process.parent_id or item.process_id]
        item.process.programme = root.programme
        items[root.pk].setdefault(item.process_id, []).append(item)
    events: dict[int, list[CaseEvent]] = {case.pk: [] for case in cases}
    said = CaseEvent.objects.filter(case__in=known).select_related("by", "by_post__unit")
    for event in said.order_by("-id"):
        events[event.case_id].append(event)
    papers: dict[int, list[Evidence]] = {case.pk: [] for case in cases}
    sent = Evidence.objects.filter(case__in=known)
    for paper in sent.select_related("submitted_by", "reviewed_by", "confirmed_by").order_by("-id"):
        papers[paper.case_id].append(paper)
    units = [_units(case, items[case.pk].get(case.pk, [])) for case in cases]
    people = holders(set[int]().union(*units), on)
    return [
        Sheet(
            case=case,
            on=on,
            items=items[case.pk].get(case.pk, []),
            events=events[case.pk],
            papers=papers[case.pk],
            children=[
                Child(own[-1].process, own[-1])
                for pk, own in items[case.pk].items()
                if pk != case.pk
            ],
            suspensions=[],
            records=[],
            holders=people,
        )
        for case in cases
    ]


def of_criterion(papers: Sequence[Evidence], criterion: str) -> list[Evidence]:
    """Papers of a criterion that still say something: not replaced, not taken back."""
    gone = (Evidence.State.REPLACED, Evidence.State.WITHDRAWN)
    return [p for p in papers if p.criterion == criterion and p.state not in gone]


def holders(unit_ids: set[int], on: date) -> list[Tenure]:
    """Who holds the posts of these units on a day, in the units' own order; one query."""

    def held(units: Sequence[int]) -> QuerySet[Tenure]:
        rows = Tenure.objects.on(on).select_related("user", "post__unit")
        theirs = Q(post__unit_id__in=units) | Q(post__unit__kind=Unit.Kind.OFFICE)
        return rows.filter(theirs).order_by("post__position", "id")

    found: list[Tenure] = kept(("holders", on), lambda: CompiledFor(held))(sorted(unit_ids))
    return found


def local_day(at: datetime | None) -> date | None:
    return day_of(at) if at else None


def _units(case: Case, items: Sequence[WorkItem]) -> set[int]:
    units = {case.responsible_unit_id, case.competent_unit_id}
    return units | {item.unit_id for item in items if item.finished is None}
