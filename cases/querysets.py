"""Questions about cases that read as a sentence; row scope starts here.

Each question is a ``Q`` over a case with its open item (``with_item``), so that one word serves a
filter and a count of the same aggregate.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import connections
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from viewflow.workflow.managers import ProcessQuerySet

from cases.stages import TERMINAL, WITHDRAWN
from organisations import place_marks
from organisations.among import among_those
from organisations.asked_again import kept
from organisations.models import Region, Unit
from organisations.roles import Act, Role
from organisations.scope import Actor, Standing
from workflows.models import Places, Programme, review_stages, stages_left_by

# what a service officer may do for his firms, wherever they lie (003-03, 004-05)
SERVED_ACTS = frozenset({Act.READ, Act.COMMENT})
# what a part in a case allows wherever the case lies: a unit that owes its open step, leads, does
# or helps with it sees it; the step itself is moved by ``OWED_ACTS``
PART_ACTS = frozenset({Act.READ, Act.COMMENT})
DEPARTMENT = (Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_LEAD)
# cases that are found faster by looking at all there are
MUCH = 50_000
UNDOING = ("undo_import", "undo_carry")
IDLE_AFTER = timedelta(days=30)


class CaseQuerySet(ProcessQuerySet):  # type: ignore[misc]
    """Cases; every view starts from ``visible_to``."""

    if TYPE_CHECKING:

        def filter(self, *args: Any, **kwargs: Any) -> Self: ...
        def exclude(self, *args: Any, **kwargs: Any) -> Self: ...
        def annotate(self, *args: Any, **kwargs: Any) -> Self: ...
        def select_related(self, *args: Any) -> Self: ...

    def visible_to(self, actor: Actor, *, with_item: bool = False) -> Self:
        """Row scope: the region subtree × unit of every post held, and a clerk's own firms.

        ``with_item``: the open step is joined, and its unit need not be asked for anew.
        """
        if actor.is_system:
            return self.filter()
        return self.filter(scope_of(actor, with_item=with_item))

    def visible_by_parts_to(self, actor: Actor) -> Self:
        """The same as ``visible_to``, for figures over all that is seen: each part of the scope is
        found by its own index, so that a county reads its cases and not the country."""
        standings = actor.standings_for(Act.READ)
        # a department that leads most of a country looks at each case once
        if actor.is_system or self._leads_much(actor, standings):
            return self.visible_to(actor)
        parts = parts_of(scope_of(actor))
        if len(parts) < 2 or not all(map(works_in_part, standings)):
            return self.visible_to(actor)
        first, *others = (keys_of(one, self.model.objects.all()) for one in parts)
        return self.filter(among_those("pk", first.union(*others, all=True)))

    def _leads_much(self, actor: Actor, standings: Iterable[Standing]) -> bool:
        """Asked once a day by a process: the statements that follow from it are kept."""
        units = tuple(sorted({s.unit_id for s in standings if s.role in DEPARTMENT}))
        led = self.model.objects.filter(competent_unit_id__in=units).order_by()
        asked = ("leads much", units, actor.day)
        return bool(units) and kept(asked, lambda: bool(led[MUCH : MUCH + 1].exists()))

    def open(self) -> Self:
        return self.exclude(stage__in=TERMINAL)

    def roots(self) -> Self:
        return self.filter(parent=None)

    def undone(self) -> Self:
        """Opened by an import or a carry-over that was taken back, and by nobody since: their firms
        have no case, and whoever opens one takes this one's place.
        """
        ends = apps.get_model("cases", "CaseEvent").objects.filter(case=OuterRef("pk"))
        ended = ends.filter(verb__in=(*UNDOING, "withdraw")).order_by("-id").values("verb")
        rows = self.filter(stage=WITHDRAWN).annotate(ended_by=Subquery(ended[:1]))
        return rows.filter(ended_by__in=UNDOING)

    def main(self) -> Self:
        """Firms' own cases of the programme's main procedure: what ledger and closings count."""
        return self.filter(is_main=True)

    def with_item(self) -> Self:
        """``item`` is the open step, joined once; None for a finished case."""
        return self.annotate(
            item=FilteredRelation("task_set", condition=Q(task_set__finished=None))
        )

    def as_rows(self) -> Self:
        """With everything that a row prints; needs ``with_item``. ``has_returned``: a paper of the
        case was sent back and nothing newer took its place.
        """
        return self.with_returned().select_related(
            "item__post__unit", "enterprise", "county", "township", "competent_unit", "programme"
        )

    def as_lines(self) -> Self:
        """The same but for what ``row_places.fill`` gives: places, units, post and programme."""
        mark = place_marks.current(connections[self.db].vendor)
        return self.with_returned().annotate(places_mark=mark).select_related("item", "enterprise")

    def with_returned(self) -> Self:
        return self.annotate(has_returned=Exists(_papers().filter(state="returned")))

    def owed_by(self, actor: Actor) -> Self:
        """What the actor must do himself; a case that waits for its children is not among it."""
        return self.filter(owed_by(actor)).exclude(waits_for_children())


def is_open() -> Q:
    return Q(item__isnull=False)


def of_year(year: str = "") -> Q:
    """Of one statistical year, or of ``all``; else of what is worked on now: what is open, and what
    has ended in the newest programme of its city, not last year's closings too.
    """
    if year == "all":
        return Q()
    if year:
        return Q(programme__statistical_year=int(year))
    later = Programme.objects.filter(
        city=OuterRef("city"), statistical_year__gt=OuterRef("statistical_year")
    )
    return is_open() | Q(programme__in=Programme.objects.filter(~Exists(later)).values("pk"))


def runs() -> Q:
    """The clock runs against whoever owes the step."""
    return Q(
        item__isnull=False,
        item__is_suspended=False,
        item__is_declined=False,
        item__is_chased=True,
    )


def overdue(on: date, *, own: bool = False) -> Q:
    """Past its day and not waiting for a higher level; ``own``: a reviewer's own steps too.

    The county's own review is the county's time; its clock stops when that review has passed.
    """
    late = runs() & Q(item__due_on__lt=on)
    return late if own else late & Q(item__waits_higher=False)


def due_between(first: date, last: date, *, own: bool = False) -> Q:
    """Due on one of these days, both included; what is only watched is never due (class D)."""
    due = runs() & Q(item__due_on__gte=first, item__due_on__lte=last)
    return due if own else due & Q(item__waits_higher=False)


def in_time(on: date, near: date) -> Q:
    """Chased, and due after ``near`` or never: neither late nor near (●)."""
    chased = runs() & Q(item__waits_higher=False)
    return chased & (Q(item__due_on__gt=near) | Q(item__due_on=None))


def rests(on: date) -> Q:
    """The clock stands still or a higher level has it, and no review has come round (○)."""
    return is_open() & ~(runs() & Q(item__waits_higher=False)) & ~review_waits(on)


def rests_by_index() -> Q:
    """Open, and not chased now: as the index of what rests has it."""
    rests = Q(item__is_suspended=True) | Q(item__is_declined=True) | Q(item__is_chased=False)
    return is_open() & rests


def review_waits(on: date) -> Q:
    """待复核: a quarterly review whose day has come; to be done, never late (practice: class D)."""
    return Q(
        item__isnull=False,
        item__is_suspended=False,
        item__is_declined=False,
        item__is_chased=False,
        item__due_on__lte=on,
    )


def stands_in(places: Places) -> Q:
    """The open item lies in one of these stages, each of its own plan and procedure."""
    found = Q(item__stage__in=places.anywhere)
    for procedure, keys in places.in_procedure.items():
        found |= Q(procedure=procedure, item__stage__in=keys)
    for (version, procedure), keys in places.in_version.items():
        found |= Q(pack_version=version, procedure=procedure, item__stage__in=keys)
    return found


def to_acknowledge() -> Q:
    """待签收: a stage that its pack lets one leave by signing for it."""
    return runs() & stands_in(stages_left_by("acknowledge"))


def to_confirm() -> Q:
    """待市级确认: a firm's own case in a stage that a confirmation ends."""
    return Q(is_main=True) & stands_in(stages_left_by("close"))


def to_correct() -> Q:
    """退回待补正: the step itself was sent back, or one of its papers was; the paper of a remedy
    lies with its firm's case."""
    returned = Q(Exists(_papers().filter(state="returned")))
    rows = apps.get_model("cases", "Evidence").objects.filter(state="returned")
    mended = rows.filter(case_id=OuterRef("parent_id"), criterion=OuterRef("criterion"))
    mine = ~Q(criterion="") & Q(Exists(mended))
    return is_open() & (Q(item__is_correction=True) | returned | mine)


def lacks_one() -> Q:
    """只差一项."""
    return is_open() & Q(is_main=True, lacking_count=1)


def suspended() -> Q:
    return Q(item__is_suspended=True)


def suspension_proposed() -> Q:
    """建议暂缓: waits for a person, who suspends the case or says why it goes on."""
    return is_open() & Q(proposal="suspend", item__is_suspended=False)


def idle(on: date, days: int = IDLE_AFTER.days) -> Q:
    """30天无进展: nobody has acted for thirty days, or as many as are asked for."""
    day = on - timedelta(days=days)
    unmoved = Q(progress_at__date__lt=day) | Q(progress_at=None, opened_on__lt=day)
    return runs() & Q(item__waits_higher=False) & unmoved


def to_review(actor: Actor) -> Q:
    """待我审核: a closing that waits for the actor, or papers that somebody else handed in; papers
    of a case that rests too: they lie there all the same."""
    closing = owed_by(actor) & in_review() & runs()
    mine = reviews(actor)
    return closing | (is_open() & mine & papers_wait(actor)) if mine else closing


def papers_wait(actor: Actor, before: date | None = None) -> Q:
    """Papers that somebody else handed in; ``before``: before that day."""
    waiting = _papers().filter(state="submitted").exclude(submitted_by=actor.user)
    if before is not None:
        waiting = waiting.filter(submitted_at__date__lt=before)
    return Q(Exists(waiting))


def in_review() -> Q:
    """A reviewer has it, the county's or the city's; who works on it waits (◇)."""
    return stands_in(review_stages())


def reviews(actor: Actor, prefix: str = "") -> Q:
    """Where papers wait for this person: his own county. The office may review anywhere, but it
    is the county's work; an empty ``Q`` for whoever reviews nothing.
    """
    found = Q()
    for standing in actor.standings_for(Act.REVIEW_EVIDENCE):
        if standing.region_level == Region.Level.COUNTY:
            found |= _standing_scope(standing, prefix)
    return found


def owed_by(actor: Actor) -> Q:
    """The item's post, or its like in the same unit (``permissions.owes`` as a question)."""
    owed = Q(pk__in=[])
    for standing in actor.standings:
        post = Q(item__post_id=standing.post_id) | Q(item__post__role=standing.role)
        owed |= Q(item__unit_id=standing.unit_id) & post
    return owed & is_open()


def waits_for_children() -> Exists:
    """A case with open children: they are the work, it only waits for them."""
    children = apps.get_model("cases", "Case").objects.filter(parent_id=OuterRef("pk"))
    return Exists(children.exclude(stage__in=TERMINAL))


def _papers() -> Any:
    return apps.get_model("cases", "Evidence").objects.filter(case_id=OuterRef("pk"))


def parts_of(asked: Q) -> list[Q]:
    """The questions of which one is enough, each by itself."""
    if asked.negated or (asked.connector != Q.OR and len(asked.children) != 1):
        return [asked]
    parts = (one if isinstance(one, Q) else Q(one) for one in asked.children)
    return [found for one in parts for found in (parts_of(one) if one != asked else [one])]


def keys_of(part: Q, cases: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Keys of the cases of which a part holds, and where it is a list of keys itself no more than
    that list: what is asked of them is asked of cases anyhow."""
    told = _told(part)
    return cases.filter(part).order_by().values("pk") if told is None else told


def as_keys(part: Q) -> Q:
    """The same, entered by keys where it is a list of keys, whatever else is asked."""
    told = _told(part)
    return part if told is None else among_those("pk", told)


def _told(part: Q) -> QuerySet[Any, Any] | None:
    match part.children:
        case [("pk__in", QuerySet() as told)] if not part.negated:
            return told.order_by()
    return None


def scope_of(actor: Actor, prefix: str = "", act: Act = Act.READ, *, with_item: bool = False) -> Q:
    """What ``visible_to`` applies; ``prefix`` leads from another model to the case.

    With another ``act``: the rows on which one of the person's posts may do that. ``with_item``:
    for cases whose open step is joined.
    """
    allowed = Q(pk__in=[])
    for standing in actor.standings_for(act):
        allowed |= _standing_scope(standing, prefix)
    if act in PART_ACTS:
        allowed |= _taking_part(actor.standings_for(act), prefix, with_item=with_item)
    if actor.enterprise_ids and act == Act.READ:
        allowed |= Q(**{f"{prefix}enterprise_id__in": list(actor.enterprise_ids)})
    if actor.served_ids and act in SERVED_ACTS:
        served = Q(**{f"{prefix}enterprise_id__in": list(actor.served_ids)})
        # what the city keeps to itself, a firm's complaint, may be about its own service officer
        kept = Q(**{f"{prefix}county_id": F(f"{prefix}programme__city_id")})
        allowed |= served & ~kept
    return allowed


def works_in_part(standing: Standing) -> bool:
    """Whether the post opens less than its whole city, so that a part in a case adds something."""
    if standing.role in DEPARTMENT or standing.unit_kind == Unit.Kind.LIAISON_GROUP:
        return True
    return standing.region_level in (Region.Level.COUNTY, Region.Level.TOWNSHIP)


def _taking_part(standings: Iterable[Standing], prefix: str, *, with_item: bool) -> Q:
    """Cases that these posts' units owe a step of, lead, do or help with (``takes_part``)."""
    units = sorted({s.unit_id for s in standings if works_in_part(s)})
    if not units:
        return Q(pk__in=[])
    shared = apps.get_model("cases", "CaseUnit").objects.filter(unit_id__in=units)
    items = apps.get_model("cases", "WorkItem").objects.filter(finished=None, unit_id__in=units)
    owed = Q(**{f"{prefix}pk__in": items.values("process_id")})
    return (
        _led_or_done(units, prefix)
        | Q(**{f"{prefix}pk__in": shared.values("case_id")})
        | (Q(item__unit_id__in=units) if with_item else owed)
    )


def _led_or_done(units: list[int], prefix: str) -> Q:
    led = Q(**{f"{prefix}competent_unit_id__in": units})
    return led | Q(**{f"{prefix}responsible_unit_id__in": units})


def _standing_scope(standing: Standing, prefix: str) -> Q:
    if standing.role in DEPARTMENT:
        unit = standing.unit_id
        shared = apps.get_model("cases", "CaseUnit").objects.filter(unit_id=unit).values("case_id")
        return _led_or_done([unit], prefix) | Q(
            **{f"{prefix}enterprise": None, f"{prefix}pk__in": shared}
        )
    if standing.unit_kind == Unit.Kind.LIAISON_GROUP:
        paired = Q(**{f"{prefix}county_id__in": list(standing.paired_county_ids)})
        return paired | _led_or_done([standing.unit_id], prefix)
    if standing.region_level == Region.Level.TOWNSHIP:
        return Q(**{f"{prefix}township_id": standing.region_id})
    if standing.region_level == Region.Level.COUNTY:
        return Q(**{f"{prefix}county_id": standing.region_id})
    if standing.region_level == Region.Level.PROVINCE:
        return Q(**{f"{prefix}programme__city__path__startswith": standing.region_path})
    return Q(**{f"{prefix}programme__city_id": standing.region_id})
