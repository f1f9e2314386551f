"""延期: what may be asked for, by when, and who decides it. Asked by verbs, bar and pages alike.

As in ``policies``: ``check_x()`` raises ``Refused`` with the reason and the next step in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import permissions, policies
from cases.dates import long_day_words
from cases.errors import Refused
from cases.models import Case, CaseEvent, Extension, WorkItem
from cases.querysets import scope_of
from cases.rulebook import calendar, rules_of
from organisations.among import among_those
from organisations.models import Unit
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows import extensions
from workflows.extensions import ExtensionRule, Room
from workflows.procedure import Stage
from workflows.text import localised


@dataclass(frozen=True)
class History:
    """What has become of the date of one step so far: requests, and the days the clock stood."""

    rows: Sequence[Extension] = ()
    rested: int = 0

    @classmethod
    def of(
        cls, item: WorkItem | None, rows: Iterable[Extension], events: Iterable[CaseEvent]
    ) -> History:
        """Of one step, out of everything that is at hand about its case."""
        if item is None:
            return cls()
        lost = [
            int(event.data.get("working_days") or 0)
            for event in events
            if event.verb == "resume" and event.item_id == item.pk
        ]
        return cls([row for row in rows if row.item_id == item.pk], sum(lost))

    @property
    def granted(self) -> list[int]:
        return [row.granted_days for row in self.rows if row.is_granted]

    @property
    def waiting(self) -> Extension | None:
        return next((row for row in self.rows if row.is_waiting), None)


def histories(items: Iterable[WorkItem]) -> dict[int, History]:
    """By item; two queries for any number."""
    by_pk = {item.pk: item for item in items}
    rows = list(Extension.objects.filter(item__in=list(by_pk)).order_by("id"))
    # the trail is read by case
    cases = {item.process_id for item in by_pk.values()}
    events = list(CaseEvent.objects.filter(case__in=cases, item__in=list(by_pk), verb="resume"))
    return {pk: History.of(item, rows, events) for pk, item in by_pk.items()}


def rule_of(case: Case) -> ExtensionRule:
    return rules_of(case).pack.extensions


# --- asking --------------------------------------------------------------------------------------
def check_askable(case: Case, item: WorkItem | None, past: History, on: date) -> Room:
    """What is left to be asked for on a day; refused where nothing is (practice: the stages)."""
    policies.check_clock(case, item, "request_extension")
    stage = _stage(case)
    if item is None or item.due_on is None or not item.is_chased:
        raise Refused("extension_no_date", _("This step has no date that could be extended."))
    if not rule_of(case).allows(rules_of(case).procedure, stage):
        raise Refused("extension_stage", _("In this stage no extension is asked for."))
    if on >= item.due_on:
        raise Refused(
            "extension_late",
            _(
                "An extension is asked for before the due date. Leave a remark with the reason"
                " and the day on which it will be done."
            ),
        )
    if past.waiting is not None:
        raise Refused("extension_asked", _("An extension has been asked for; wait for the answer."))
    left = room_of(case, item, past)
    if left.times < 1:
        n = rule_of(case).times
        words = ngettext(
            "A step is extended at most %(n)d time.", "A step is extended at most %(n)d times.", n
        )
        raise Refused("extension_often", words % {"n": n})
    if last_day(case, item, left) <= item.due_on:
        raise Refused("extension_long", _long_words(case, item, left))
    return left


def check_wish(case: Case, item: WorkItem, left: Room, wished: date) -> int:
    """Working days to the day wished for; refused beyond the limits."""
    assert item.due_on is not None  # asked for a step with a date
    days = calendar().between(item.due_on, wished)
    if wished <= item.due_on or days < 1:
        words = _("Choose a working day after %(day)s, the date as it stands.")
        raise Refused("extension_no_gain", words % {"day": long_day_words(item.due_on)})
    if wished > last_day(case, item, left):
        raise Refused("extension_long", _long_words(case, item, left))
    return days


def room_of(case: Case, item: WorkItem, past: History) -> Room:
    return extensions.room(
        rule_of(case), budget=item.budget or 0, moved=past.rested, granted=past.granted
    )


def last_day(case: Case, item: WorkItem, left: Room) -> date:
    """The last day that can be asked for, never beyond the programme's work, nor the day on which a
    later step must be done."""
    assert item.due_on is not None
    stops = [
        rules_of(case).pack.work_until,
        *(day for day, _stage in _later_days(case, item.due_on)),
    ]
    return extensions.latest(item.due_on, left, calendar(), min(stops))


def _later_days(case: Case, due: date) -> list[tuple[date, Stage]]:
    """The days that the plan names for the steps behind this one, the first of them first; none
    that this step's own date has passed already, as that of a case begun late has."""
    procedure, now = rules_of(case).procedure, _stage(case)
    behind = procedure.stages[procedure.stages.index(now) + 1 :]
    found = []
    for stage in behind:
        phrase = stage.time_for(case.grade or None, case.criterion or None)
        days = phrase.dates() if phrase is not None else ()
        found += [(day, stage) for day in days if day >= due]
    return sorted(found, key=lambda one: one[0])


def _long_words(case: Case, item: WorkItem, left: Room) -> str:
    later = next(iter(_later_days(case, item.due_on)), None) if item.due_on else None
    if later is not None and last_day(case, item, left) in (later[0], item.due_on):
        # what stops it is not the share: the share alone would reach further
        free = extensions.latest(item.due_on or later[0], left, calendar(), date.max)
        if free > later[0]:
            stopped = _("Not beyond %(day)s, when the step “%(stage)s” behind it must be done.")
            return stopped % {"day": long_day_words(later[0]), "stage": localised(later[1].title)}
    last, share = last_day(case, item, left), rule_of(case).share
    words = {"share": _("half") if share == 50 else f"{share}%", "day": long_day_words(last)}
    if item.due_on is None or last <= item.due_on:
        return (
            _(
                "This step cannot be extended any more: together at most %(share)s of its time, and"
                " not beyond the programme's work."
            )
            % words
        )
    return (
        _("At most until %(day)s: together at most %(share)s of the time, within the programme.")
        % words
    )


def needs_office(by: Actor, case: Case, item: WorkItem, in_all: int) -> bool:
    """Beyond what the county's reviewer grants alone, not the county's, or asked for by himself."""
    own = permissions.acts_as(by, Role.COUNTY_LEAD, case)
    return (
        own or not is_countys(case, item) or not rule_of(case).county_decides(_stage(case), in_all)
    )


def is_countys(case: Case, item: WorkItem | None) -> bool:
    """Whether the step lies with a county; a department's share of a matter does not."""
    in_county = item is not None and item.unit.kind in (Unit.Kind.TASK_FORCE, Unit.Kind.TOWNSHIP)
    return in_county and rule_of(case).county_decides(_stage(case), 0)


def _stage(case: Case) -> Stage:
    stage = rules_of(case).stage
    if stage is None:
        policies.check_open(case)
        raise Refused("finished", _("Nothing is open in this case."))
    return stage


# --- deciding ------------------------------------------------------------------------------------
def check_decider(by: Actor, case: Case, item: WorkItem | None, row: Extension) -> None:
    """Who may decide at all: the office; the county's reviewer on the county's own steps."""
    permissions.check(by, Act.DECIDE_EXTENSION, case, item)
    policies.check_person(by.user)
    is_office = permissions.acts_as(by, Role.OFFICE, case)
    if not is_office and not is_countys(case, item):
        raise Refused(
            "extension_office", _("This step lies with another unit. Only the city office decides.")
        )
    policies.check_not_own(
        by.user, row.asked_by_id, _("What you asked for yourself is decided by somebody else.")
    )


def check_grant(by: Actor, case: Case, in_all: int) -> None:
    """Beyond ten working days in all the office decides; a shorter time the county may grant."""
    rule = rule_of(case)
    if permissions.acts_as(by, Role.OFFICE, case) or in_all <= rule.county_days:
        return
    raise Refused(
        "extension_office",
        _("Beyond %(n)d working days in all the city office decides; grant less, or leave it.")
        % {"n": rule.county_days},
    )


def check_waiting(row: Extension | None) -> Extension:
    """The request, while there is something to decide."""
    if row is None:
        raise Refused(
            "extension_decided",
            _("No extension waits for a decision: it has been decided, or the step has ended."),
        )
    return row


# --- the queue -----------------------------------------------------------------------------------
def waiting_for(actor: Actor) -> QuerySet[Extension]:
    """Requests that wait for this person's decision, the first asked first."""
    rows = Extension.objects.filter(decided_at=None, item__finished=None)
    if actor.user is None:
        return rows.none()
    mine = _of_lead(actor, "case__") | _of_office(actor, "case__")
    return rows.filter(mine).exclude(asked_by=actor.user).order_by("asked_at", "id")


def waits_for(actor: Actor) -> Q:
    """The same as a question about a case with its open item (``querysets``)."""
    if actor.user is None:
        return Q(pk__in=[])
    rows = Extension.objects.filter(decided_at=None, item=OuterRef("item__pk"))
    rows = rows.exclude(asked_by=actor.user)
    lead = scope_of(_as(actor, Role.COUNTY_LEAD), "", Act.DECIDE_EXTENSION)
    office = scope_of(_as(actor, Role.OFFICE), "", Act.DECIDE_EXTENSION)
    return (lead & Q(Exists(rows.filter(to_office=False)))) | (
        office & Q(Exists(rows.filter(to_office=True)))
    )


def asked_for() -> Q:
    """Cases of which somebody has asked for more time: few, and what else is asked of them starts
    from these."""
    rows = Extension.objects.filter(decided_at=None, item__finished=None)
    return among_those("pk", rows.order_by().values("case"))


def _of_lead(actor: Actor, prefix: str) -> Q:
    found = scope_of(_as(actor, Role.COUNTY_LEAD), prefix, Act.DECIDE_EXTENSION)
    return found & Q(to_office=False)


def _of_office(actor: Actor, prefix: str) -> Q:
    found = scope_of(_as(actor, Role.OFFICE), prefix, Act.DECIDE_EXTENSION)
    return found & Q(to_office=True)


def _as(actor: Actor, role: Role) -> Actor:
    """The person with the posts of one role only."""
    return Actor(actor.user, actor.day, tuple(s for s in actor.standings if s.role == role))
