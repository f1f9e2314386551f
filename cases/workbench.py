"""工作台: what one person owes today, what waits for his review, how his county stands.

The figures come from one aggregate; every figure has a list of the same length in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Case as Choose
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models import When as If

from cases import extensions
from cases import querysets as ask
from cases.asking import QUESTION
from cases.ledger import Asked, Ledger
from cases.ledger_known import known_to
from cases.models import Case, Evidence, Suspension
from cases.names import holders_of
from cases.oversight import tray_counts
from cases.querysets import CaseQuerySet
from cases.rulebook import calendar
from cases.stages import CLOSED, TERMINAL, UNCOUNTED
from cases.walking import FEW, Walk, top
from cases.work_counts import Kept, kept
from enterprises.models import Contact
from organisations.asked_again import asked_again, instances_again
from organisations.keyset import Place
from organisations.roles import Act, Role
from organisations.scope import Actor

LISTED = 15
QUEUE = 8
WEEK = 7  # days of the strip that are worked
LEADS = (Role.COUNTY_LEAD, Role.DEPARTMENT_LEAD)
LIGHTS = ("overdue", "soon", "fine", "rest")
# what ``figures`` counts besides the days of the week, in its order
FIGURES = (
    "mine", "overdue", "oldest", "today", "next", "returned", "reviews", "review", "sign",
    "confirm", "extensions", "questions", "declined", "firms", "closed", "lacks_one",
    "all_overdue", "soon",
)  # fmt: skip


@dataclass(frozen=True)
class Load:
    """One row of the workload: a person (or a county) against the lights."""

    key: int
    name: str
    overdue: int
    soon: int
    fine: int
    rest: int

    @property
    def total(self) -> int:
        return self.overdue + self.soon + self.fine + self.rest


@dataclass(frozen=True)
class Desk:
    """What an actor finds on his desk on a day."""

    actor: Actor
    on: date
    # whether the same person looks again and again, as at a page (docs/adr/0048)
    is_page: bool = False
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ledger", Ledger(self.actor, self.on, Asked(of="mine")))

    def _again(self, what: str, build: Callable[[], QuerySet[Any, Any]]) -> list[Any]:
        """The rows of a queryset that depends on person, day and what the plans say alone."""
        if not self.is_page:
            return list(build())
        key, made_with = known_to(self.actor, self.on)
        return instances_again((what, key), build, by=made_with)

    def visible(self, question: Q | None = None) -> CaseQuerySet:
        """In one filter with ``question``: each further one would join the open step anew."""
        cases: CaseQuerySet = Case.objects.with_item()
        return cases.filter(self.ledger.scope() & (question or Q()))

    @cached_property
    def _kept(self) -> Kept | None:
        """What was counted ahead, for whoever sees whole cities of a large installation."""
        return kept(self.actor, self.on)

    @cached_property
    def week(self) -> list[date]:
        """Today and the worked days after it, seven in all; a worked Sunday is among them."""
        days, day = [self.on], self.on
        while len(days) < WEEK:
            day += timedelta(days=1)
            if calendar().is_working(day):
                days.append(day)
        return days

    @cached_property
    def figures(self) -> dict[str, Any]:
        """Tallies, the week, the county's box; three statements: what the actor owes is found by
        his desk, what his part of the map holds by the parts of what he sees."""
        own = self._asked("own", lambda: self.visible(self._owed), self._owned())
        if self._kept is None:
            there = self._asked("there", self._there, self._wanted())
        else:
            there = self._counted_ahead(self._kept)
        waits = extensions.waits_for(self.actor)
        found = own | there | self._one("extensions", waits & extensions.asked_for())
        if isinstance(found["oldest"], str):  # as SQLite has it
            found["oldest"] = date.fromisoformat(found["oldest"])
        return {name: found[name] for name in (*FIGURES, *(f"day{n}" for n in range(WEEK)))}

    def _asked(
        self, what: str, rows: Callable[[], CaseQuerySet], wanted: dict[str, Any]
    ) -> dict[str, Any]:
        def count() -> dict[str, Any]:
            found: dict[str, Any] = rows().aggregate(**wanted)
            return found

        if not self.is_page:
            return count()
        key, made_with = known_to(self.actor, self.on)
        ask_again = (f"desk, {what}", key)
        [row] = asked_again(ask_again, lambda: [tuple(count().values())], by=made_with)
        return dict(zip(wanted, row, strict=True))

    def _one(self, name: str, question: Q) -> dict[str, Any]:
        return self._asked(name, lambda: self.visible(question), {name: Count("pk")})

    def _counted_ahead(self, told: Kept) -> dict[str, Any]:
        """``_wanted`` of whole cities: what each county has, what waits for this person's review,
        and firms' questions, which are few beside the rest."""
        firms = [line for line in told.lines if not line.kind]
        asked = Q(procedure=QUESTION, is_main=False, criterion="") & ask.is_open()
        return {
            **self._one("review", self.ledger.situation("review") & Q(criterion="")),
            **self._one("questions", asked),
            "firms": sum(map(told.firms, firms)),
            "closed": sum(map(told.closed, firms)),
            "lacks_one": sum(line.lacks_one for line in firms),
            "all_overdue": sum(line.overdue for line in firms),
            "soon": sum(line.soon for line in firms),
        }

    def _there(self) -> CaseQuerySet:
        cases: CaseQuerySet = Case.objects.visible_by_parts_to(self.actor)
        return cases.with_item()

    @property
    def _owed(self) -> Q:
        return ask.owed_by(self.actor) & ~Q(ask.waits_for_children())

    def _owned(self) -> dict[str, Any]:
        """Of what the actor owes."""
        names = ("overdue", "today", "next", "returned")
        situations = {name: self.ledger.situation(name) for name in names}
        wanted: dict[str, Any] = {
            "mine": Count("pk"),
            "overdue": Count("pk", filter=situations["overdue"]),
            "oldest": Min("item__due_on", filter=situations["overdue"]),
            "today": Count("pk", filter=situations["today"]),
            "next": Count("pk", filter=situations["next"]),
            "returned": Count("pk", filter=situations["returned"]),
            "reviews": Count("pk", filter=ask.review_waits(self.on)),
            "sign": Count("pk", filter=ask.to_acknowledge()),
            "confirm": Count("pk", filter=ask.to_confirm()),
            "declined": Count("pk", filter=Q(item__is_declined=True)),
        }
        for place, day in enumerate(self.week):
            wanted[f"day{place}"] = Count("pk", filter=ask.due_between(day, day, own=True))
        return wanted

    def _wanted(self) -> dict[str, Any]:
        """Of what the actor sees."""
        main = Q(is_main=True)
        soon = ask.due_between(self.on, self.ledger.soon_until)
        return {
            "review": Count("pk", filter=self.ledger.situation("review") & Q(criterion="")),
            "questions": Count("pk", filter=Q(procedure=QUESTION) & ask.is_open()),
            "firms": Count("pk", filter=main & ~Q(stage__in=UNCOUNTED) & ask.of_year()),
            "closed": Count("pk", filter=Q(is_main=True, stage=CLOSED) & ask.of_year()),
            "lacks_one": Count("pk", filter=ask.lacks_one()),
            "all_overdue": Count("pk", filter=main & ask.overdue(self.on)),
            "soon": Count("pk", filter=main & soon),
        }

    def todos(self, limit: int = LISTED) -> list[Case]:
        """What the actor owes, most pressing first; one statement, or where it is very much two
        that walk it."""
        if self.figures["mine"] > FEW:
            return list(Walk(self.ledger)(Place(), limit))
        return self._again(f"todos {limit}", lambda: self.ledger.rows()[:limit])

    def late_elsewhere(self, limit: int = LISTED) -> list[Case]:
        """For whoever owes nothing himself: what is late in his part of the map."""
        ledger = Ledger(self.actor, self.on, Asked(chip="overdue"))
        return self._again(f"late {limit}", lambda: top(ledger, limit))

    def queue(self) -> list[Evidence]:
        """Papers that wait for this reviewer, first come first, each with their number
        (``waiting``), and whether and until when its case rested; one statement."""
        return self._again("queue", self._queued)

    def _queued(self) -> QuerySet[Evidence]:
        mine = ask.reviews(self.actor, "case__") or Q(pk__in=[])
        waiting = Evidence.objects.filter(mine, state=Evidence.State.SUBMITTED).exclude(
            submitted_by=self.actor.user
        )
        running = waiting.filter(case__finished=None).select_related("case", "enterprise")
        rests = Suspension.objects.filter(case=OuterRef("case")).order_by("-resumed_on")
        counted = running.annotate(
            waiting=Window(Count("pk")),
            is_resting=Exists(rests.filter(resumed_on=None)),
            rested_until=Subquery(rests.exclude(resumed_on=None).values("resumed_on")[:1]),
        )
        return counted.order_by("submitted_at", "id")[:QUEUE]

    def workload(self) -> list[Load]:
        """人员负荷: the people of a lead's own units × lights; two statements."""
        units = [s.unit_id for s in self.actor.standings if s.role in LEADS]
        if not units:
            return []

        def theirs() -> CaseQuerySet:
            return self.visible(Q(item__unit_id__in=units) & ~Q(ask.waits_for_children()))

        rows = self._by_light(theirs, "item__post_id", own=True)
        held = holders_of([key for key, *_counts in rows], self.on)
        return [Load(key, held[key], *counts) for key, *counts in rows]

    def counties(self) -> list[Load]:
        """逾期 by county for whoever sees several; one statement, or those of what was counted."""
        if self._kept is not None:
            return _by_county(self._kept)
        rows = self._by_light(
            lambda: self.visible(Q(is_main=True) & ~Q(stage__in=TERMINAL)),
            "county_id",
            named="county__name",
        )
        return [Load(*row) for row in rows]

    def _by_light(
        self, cases: Callable[[], CaseQuerySet], group: str, *, named: str = "", own: bool = False
    ) -> list[tuple[Any, ...]]:
        """Each open case under exactly one light, counted by group; one statement.

        ``named``: what the group is called. ``own``: by who owes the step, a reviewer's own steps
        are late like any other.
        """

        def count() -> QuerySet[Any, Any]:
            late = ask.overdue(self.on, own=own)
            soon = ask.due_between(self.on, self.ledger.soon_until, own=own)
            rest = ask.is_open() & ~ask.runs()
            rest = rest if own else rest | Q(item__waits_higher=True)
            light = Choose(
                If(late, then=Value("overdue")),
                If(soon, then=Value("soon")),
                If(rest, then=Value("rest")),
                default=Value("fine"),
            )
            counts = {name: Count("pk", filter=Q(light=name)) for name in LIGHTS}
            # grouped by a name too, a country is sorted (docs/adr/0054)
            name = {"called": Min(named)} if named else {}
            rows = cases().annotate(light=light).values(group).annotate(**name, **counts)
            found: QuerySet[Any, Any] = rows.order_by("-overdue", group)
            return found.values_list(group, *name, *LIGHTS)

        return self._again(f"by light {group}", count)

    def office_tray(self) -> dict[str, int]:
        """What only the office decides: drafts, calls to make; two statements."""
        if not self.actor.may(Act.RELEASE_DRAFT):
            return {}
        return tray_counts(self.actor, self.on)


def _by_county(told: Kept) -> list[Load]:
    found: dict[int, list[int]] = {}
    names = {line.pk: line.name for line in told.lines}
    for line in told.lines:
        if not line.kind and line.unended:
            fine = line.unended - line.overdue - line.soon - line.resting
            here = found.setdefault(line.pk, [0, 0, 0, 0])
            mine = (line.overdue, line.soon, fine, line.resting)
            here[:] = (a + b for a, b in zip(here, mine, strict=True))
    loads = (Load(pk, names[pk], *counts) for pk, counts in found.items())
    return sorted(loads, key=lambda load: (-load.overdue, load.key))


def phones(firms: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Whom to call at each firm: name and number, the filing clerk first; one statement."""
    found: dict[int, tuple[str, str]] = {}
    contacts = Contact.objects.filter(enterprise_id__in=list(firms)).exclude(phone="")
    for contact in contacts.order_by("enterprise_id", "duty", "id"):
        found.setdefault(contact.enterprise_id, (contact.name, contact.phone))
    return found


def papers_of(cases: Sequence[Case]) -> dict[tuple[int, str], Evidence]:
    """The newest paper under way (returned or to be reviewed) by root case and criterion."""
    roots = [case.parent_id or case.pk for case in cases]
    under_way = (Evidence.State.RETURNED, Evidence.State.SUBMITTED)
    rows = Evidence.objects.filter(case_id__in=roots, state__in=under_way).order_by("id")
    return {(row.case_id, row.criterion): row for row in rows}
