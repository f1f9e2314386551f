"""A batch of events with everything that their notices need: a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.annex import Counted, counted
from cases.models import (
    Case,
    CaseEvent,
    DraftLine,
    EscalationDraft,
    OrderOrigin,
    PhoneReminder,
    WorkItem,
)
from cases.rulebook import APPLY, pack_of
from notifications.groups import (
    Groups,
    MovingKey,
    Opening,
    OpeningKey,
    moving_key,
    opening_key,
)
from notifications.recipients import Directory
from organisations.models import Unit, User

A_MONTH = timedelta(days=30)
# owners who review what a handler did; the handler is whoever had the case before them
REVIEWERS = frozenset({"county_lead", "office", "department"})


@dataclass(frozen=True)
class Letter:
    """A draft with what its own rung put there (all, where a pack names its rungs otherwise), and
    the number of letters within a month before."""

    pk: int
    kind: str
    unit_id: int
    unit: str
    county: str
    body: str
    number: str
    counted: Counted
    sent_before: int


class Batch:
    """Events claimed for delivery at ``at``, with their related rows selected; ``groups``: what
    the batches of one run share."""

    def __init__(
        self, events: Sequence[CaseEvent], at: datetime, groups: Groups | None = None
    ) -> None:
        self.events = events
        self.at = at
        self._groups = groups or Groups()
        self._calls: dict[tuple[int, date], tuple[int, int]] = {}
        self.directory = self._directory()

    @cached_property
    def instructed(self) -> dict[int, list[User]]:
        """Order → whoever's word it came of, for the orders that end here."""
        ended = {e.case_id for e in self.events if e.verb == "close" and e.case.is_matter}
        if not ended:
            return {}
        rows = OrderOrigin.objects.filter(case__in=ended, instruction__by__isnull=False)
        found = rows.select_related("instruction__by")
        said = {row.case_id: row.instruction for row in found}
        return {pk: [event.by] for pk, event in said.items() if event and event.by}

    # --- who ---

    def _directory(self) -> Directory:
        cases = [event.case for event in self.events]
        units = {c.responsible_unit_id for c in cases} | {c.competent_unit_id for c in cases}
        units |= {c.liaison_unit_id for c in cases if c.liaison_unit_id}
        units |= {e.data["from_unit"] for e in self.events if e.data.get("from_unit")}
        units |= {pk for e in self.events for pk in e.data.get("helpers", ())}
        posts = {e.item.post_id for e in self.events if e.item is not None}
        posts |= {e.data[k] for e in self.events for k in ("from_post", "to_post") if k in e.data}
        posts |= set(self._handling_posts.values())
        return Directory(
            timezone.localdate(self.at),
            posts=posts,
            units=units | {d.unit_id for d in self.drafts.values()},
            cities={c.programme.city_id for c in cases},
            firms={c.enterprise_id for c in cases if c.enterprise_id},
        )

    def post_of(self, event: CaseEvent) -> int | None:
        """The post that owes the step of an event."""
        return event.item.post_id if event.item is not None else None

    def vacant(self, post_id: int | None) -> int | None:
        """The post itself where nobody holds it today: what is said is kept for it (004-30)."""
        if post_id is None or self.directory.of_post(post_id):
            return None
        return post_id

    def handler_post(self, event: CaseEvent) -> int | None:
        """The post of whoever handles the case, also while a reviewer has it."""
        if event.item is not None and self.owner(event.case, event.item.stage) not in REVIEWERS:
            return event.item.post_id
        return self._handling_posts.get(event.case_id, self.post_of(event))

    @cached_property
    def _handling_posts(self) -> dict[int, int]:
        """By case: the post of the newest step that was not a reviewer's; one query."""
        wanted = {
            e.case_id: e.case
            for e in self.events
            if e.item is None or self.owner(e.case, e.item.stage) in REVIEWERS
        }
        if not wanted:
            return {}
        rows = WorkItem.objects.filter(process__in=list(wanted)).order_by("id")
        return {
            case_id: post
            for case_id, stage, post in rows.values_list("process_id", "stage", "post_id")
            if self.owner(wanted[case_id], stage) not in REVIEWERS
        }

    # --- what the procedure says ---

    def owner(self, case: Case, stage: str) -> str:
        """Who owes a stage; nobody a stage that the procedure does not have (closed …)."""
        return self._stages(case).get(stage, ("", "", False))[0]

    def is_under_review(self, case: Case, stage: str) -> bool:
        return case.is_main and self.owner(case, stage) in REVIEWERS

    def is_reviewed(self, case: Case, stage: str) -> bool:
        """Whether a step is a reviewer's, who asks nobody for an extension."""
        return self.owner(case, stage) in REVIEWERS

    def applies_from(self, case: Case, stage: str) -> bool:
        """Whether closing is applied for from this stage (整改)."""
        return self._stages(case).get(stage, ("", "", False))[2]

    def _stages(self, case: Case) -> dict[str, tuple[str, str, bool]]:
        procedure = pack_of(case.pack_version_id).procedure(case.procedure)
        return {
            s.key: (s.owner, s.phase, any(move.verb == APPLY for move in s.moves))
            for s in procedure.stages
        }

    # --- groups ---

    def opening_key(self, event: CaseEvent) -> OpeningKey:
        return opening_key(event.case.programme_id, event.data, event.at)

    @cached_property
    def opened(self) -> Mapping[OpeningKey, Opening]:
        """Sizes of the openings at hand."""
        return self._groups.opened({self.opening_key(e) for e in self.events if e.verb == "open"})

    def moving_key(self, event: CaseEvent) -> MovingKey:
        moves = event.data.get("batch") or event.data.get("undo_of")
        return moving_key(event.data) if moves else ()

    @cached_property
    def moved(self) -> Mapping[MovingKey, int]:
        """Firms of the bulk reassignments at hand."""
        keys = {key for e in self.events if e.verb == "reassign" and (key := self.moving_key(e))}
        return self._groups.moved(keys)

    def handed(self, event: CaseEvent) -> tuple[int, int, str | None]:
        """Of the moves of this batch into the same hands: first event, number, earliest date."""
        return self._handed[self._hands(event)]

    def _hands(self, event: CaseEvent) -> tuple[int, int, int, str]:
        case = event.case
        by = event.by_id or 0
        return (case.programme_id, case.responsible_unit_id, by, event.to_stage)

    @cached_property
    def _handed(self) -> dict[tuple[int, int, int, str], tuple[int, int, str | None]]:
        groups: dict[tuple[int, int, int, str], tuple[int, int, str | None]] = {}
        for event in self.events:
            case = event.case
            if event.verb not in (APPLY, "advance") or case.parent_id is not None:
                continue
            if self.owner(case, event.from_stage) == self.owner(case, event.to_stage):
                continue
            first, count, due = groups.get(self._hands(event), (event.pk, 0, None))
            dates = [day for day in (due, event.data.get("due_on")) if day]
            groups[self._hands(event)] = (first, count + 1, min(dates, default=None))
        return groups

    @cached_property
    def _people(self) -> dict[int, User]:
        """Whom events name by id: both sides of a hand-over; no query without any."""
        ids = {pk for event in self.events for pk in event.data.get("readers", ())}
        return User.objects.filter(is_active=True).in_bulk(ids) if ids else {}

    def named(self, event: CaseEvent) -> list[User]:
        """The people whom an event names as its readers."""
        return [self._people[pk] for pk in event.data.get("readers", ()) if pk in self._people]

    # --- drafts, calls, units, dates ---

    def calls(self, city_id: int, day: date) -> tuple[int, int]:
        """Firms put on the office's call list on a day, and all that wait there."""
        key = (city_id, day)
        if key not in self._calls:
            rows = PhoneReminder.objects.filter(
                item__process__programme__city=city_id, item__finished=None
            )
            firm = Coalesce("item__process__enterprise", -F("item__process"))
            counted = rows.aggregate(
                listed=Count(firm, filter=Q(listed_on=day), distinct=True),
                waiting=Count(firm, filter=Q(called_at=None), distinct=True),
            )
            self._calls[key] = (counted["listed"], counted["waiting"])
        return self._calls[key]

    @cached_property
    def drafts(self) -> dict[int, Letter]:
        """The drafts that the batch speaks of, by id."""
        ids = {e.data["draft"] for e in self.events if e.data.get("draft")}
        return {letter.pk: letter for letter in _letters(ids, self.at)} if ids else {}

    @cached_property
    def _units(self) -> dict[int, Unit]:
        ids = {e.data[k] for e in self.events for k in ("from_unit", "to_unit") if k in e.data}
        ids |= {pk for e in self.events for pk in e.data.get("helpers", ())}
        # a reassignment and a matter name who has the step now
        ids |= {
            e.item.unit_id
            for e in self.events
            if e.item is not None and ("from_unit" in e.data or not e.case.is_main)
        }
        return Unit.objects.in_bulk(ids)

    def unit(self, pk: int | None) -> str:
        found = self._units.get(pk) if pk is not None else None
        return (found.short_name or found.name) if found is not None else ""

    def unit_of(self, event: CaseEvent) -> int | None:
        return event.item.unit_id if event.item is not None else None

    def due_of(self, event: CaseEvent) -> date | None:
        return event.item.due_on if event.item is not None else None


def _letters(ids: Collection[int], at: datetime) -> list[Letter]:
    """Two queries: drafts, their annexes counted, and what the same addressee had of late."""
    earlier = (
        EscalationDraft.objects.filter(
            programme=OuterRef("programme"),
            unit=OuterRef("unit"),
            kind=OuterRef("kind"),
            state=EscalationDraft.State.RELEASED,
            decided_at__gte=at - A_MONTH,
        )
        .order_by()
        .values("kind")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rows = EscalationDraft.objects.filter(pk__in=ids).annotate(
        sent_before=Coalesce(Subquery(earlier), 0)
    )
    lines = _lines_of(ids)
    fields = ("pk", "kind", "unit_id", "unit__name", "county__name", "body", "number")
    return [
        Letter(pk, kind, unit_id, unit, county or "", body, number, _counted(lines[pk], kind), sent)
        for pk, kind, unit_id, unit, county, body, number, sent in rows.values_list(
            *fields, "sent_before"
        )
    ]


Line = tuple[str, object, bool]  # the rung, the firm, whether it is a remedy


def _lines_of(ids: Collection[int]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = defaultdict(list)
    rows = DraftLine.objects.filter(draft__in=list(ids), item__process__enterprise__isnull=False)
    names = ("draft", "rung", "item__process__enterprise", "item__process__criterion")
    for draft, rung, firm, criterion in rows.values_list(*names):
        found[draft].append((rung, firm, bool(criterion)))
    return found


def _counted(lines: list[Line], kind: str) -> Counted:
    own = [line for line in lines if line[0] == kind] or lines
    return counted((firm, is_remedy) for _rung, firm, is_remedy in own)
