"""督查督办, the reading side: counties by lateness, reminders given, letters, calls to make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case as Case_
from django.db.models import Count, F, Max, Min, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from cases import caps, work_counts
from cases.ledger import Asked, Ledger
from cases.models import (
    Case,
    CaseEvent,
    EscalationDraft,
    PhoneReminder,
)
from cases.querysets import CaseQuerySet, is_open, of_year, waits_for_children
from cases.rulebook import pack_of
from cases.stages import CLOSED, UNCOUNTED
from cases.waiting import WHOM, waits_for
from cases.walking import top
from cases.work_counts import PLACE, REMEDIES, WAITS
from organisations.models import Region, Unit
from organisations.roles import Act
from organisations.rounding import percent
from organisations.scope import Actor
from workflows.text import localised

LETTER_ACTS = (Act.RELEASE_DRAFT, Act.PROPOSE_SUPERVISION)
# so many counties are listed at first
LISTED = 100
FAR = 10**15  # before every moment in milliseconds
REMINDERS = ("urge", "rung", "review_rung", "call", "release_draft")


@dataclass(frozen=True)
class CountyRow:
    """How late one county is: firms' own cases, and beside them the remedies."""

    pk: int
    name: str
    firms: int
    closed: int
    overdue: int
    late10: int
    soon: int
    remedies: int

    @property
    def closed_percent(self) -> Decimal:
        return percent(self.closed, self.firms) or Decimal(0)


@dataclass(frozen=True)
class KindRow:
    """How late one kind of case is besides the firms' own; their remedies are one of the kinds."""

    key: str
    title: str
    open: int
    overdue: int
    soon: int

    @property
    def asks(self) -> str:
        """The ledger's query for cases of this kind."""
        return "of=remedies" if self.key == REMEDIES else f"procedure={self.key}"

    @property
    def counts(self) -> str:
        """The query of the list that its figures count."""
        return self.asks if self.key == REMEDIES else f"of=all&{self.asks}"


@dataclass(frozen=True)
class Lateness:
    """Who is late with what: by county, the latest first, without the city's own matters; and by
    kind of case, remedies first, then in the pack's order.
    """

    counties: list[CountyRow]
    kinds: list[KindRow]
    # of the overdue firms: how many lie with whom (``WHOM``)
    waits: dict[str, int] = field(default_factory=dict)


def counties(actor: Actor, on: date) -> list[CountyRow]:
    return lateness(actor, on).counties


def lateness(actor: Actor, on: date) -> Lateness:
    """One statement of two halves, either grouped by keys alone: by names too, or with what asks
    about papers among the counts, the database sorts a country instead of adding it up. Whoever
    sees whole cities of a large installation gets what was counted ahead (docs/adr/0070)."""
    told = work_counts.kept(actor, on)
    if told is not None:
        return _of_kept(told)
    return lateness_anew(actor, on)


def _of_kept(told: work_counts.Kept) -> Lateness:
    found, waits = [], dict.fromkeys(WHOM, 0)
    for line in told.lines:
        if line.kind == WAITS:
            for whom in WHOM:
                waits[whom] += getattr(line, f"waits_{whom}")
        else:
            sums = {"firms": told.firms(line), "closed": told.closed(line)}
            found.append(line._asdict() | sums)
    return Lateness(_by_county(found), _by_kind(found), waits)


def lateness_anew(actor: Actor, on: date) -> Lateness:
    """The same from the cases themselves."""
    ledger, work = Ledger(actor, on), Ledger(actor, on, Asked(of="all"))
    root = Q(is_main=True)
    asked = {name: ledger.situation(name) for name in ("overdue", "late10", "soon")}
    counts = {
        "firms": Count("pk", filter=root & ~Q(stage__in=UNCOUNTED) & of_year()),
        "closed": Count("pk", filter=root & Q(stage=CLOSED) & of_year()),
        "overdue": Count("pk", filter=root & asked["overdue"]),
        "late10": Count("pk", filter=root & asked["late10"]),
        "soon": Count("pk", filter=root & asked["soon"]),
        "remedies": Count("pk", filter=~Q(criterion="") & asked["overdue"]),
        "open": Count("pk", filter=is_open()),
        "kind_overdue": Count("pk", filter=_of_its_list(asked["overdue"], work, "overdue")),
        "kind_soon": Count("pk", filter=_of_its_list(asked["soon"], work, "soon")),
    }
    own = When(is_main=True, then=Value(""))
    mended = When(~Q(criterion=""), then=Value(REMEDIES))
    place = {name: Min(f"county__{name}") for name in PLACE}
    cases = Case.objects.visible_by_parts_to(actor).with_item().order_by()
    # a matter that waits for its parts is nobody's work: they are, and stand in the list instead
    works = root | ~Q(criterion="") | ~Q(waits_for_children())
    rows = cases.filter(works).annotate(kind=Case_(own, mended, default=F("procedure")))
    grouped = rows.values_list("county_id", "kind", "pack_version_id")
    told = grouped.annotate(**place, **counts)
    names, found, waits = (*KEYS, *PLACE, *counts), [], dict.fromkeys(WHOM, 0)
    late = cases.filter(root & asked["overdue"])
    for row in told.union(_waits(late, on, len(names)), all=True):
        if row[1] == WAITS:
            waits = {w: waits[w] + n for w, n in zip(WHOM, row[WAITS_FROM:], strict=False)}
        else:
            found.append(dict(zip(names, row, strict=True)))
    return Lateness(_by_county(found), _by_kind(found), waits)


def _waits(late: CaseQuerySet, on: date, width: int) -> QuerySet[Any, Any]:
    """Of overdue firms how many lie with whom, in a line as wide as those of the counties."""
    counts = {f"waits_{whom}": Count("pk", filter=waits_for(whom, on)) for whom in WHOM}
    least = Min("pk", filter=Q(pk=None))
    rest = {f"_{n}": least for n in range(width - WAITS_FROM - len(WHOM))}
    place = {f"{name}_": Min(Value(value)) for name, value in zip(PLACE, (0, "", ""), strict=True)}
    line = late.annotate(kind=Value(WAITS))
    grouped = line.values_list("programme__city_id", "kind", "programme_id")
    found: QuerySet[Any, Any] = grouped.annotate(**place, **counts, **rest)
    return found


def _of_its_list(of_firms: Q, work: Ledger, name: str) -> Q:
    """What the list behind the figure holds: of remedies as of firms, of the rest somebody's work,
    where a review has a date too."""
    return ~Q(criterion="") & of_firms | Q(criterion="") & work.situation(name)


WAITS_FROM = 6
KEYS = ("pk", "kind", "version")
FIGURES = ("firms", "closed", "overdue", "late10", "soon", "remedies")


def _by_county(rows: list[dict[str, Any]]) -> list[CountyRow]:
    sums: dict[int, dict[str, Any]] = {}
    for row in rows:
        if row["level"] == Region.Level.COUNTY:
            here = {name: row[name] for name in ("pk", "name", "position")}
            mine = sums.setdefault(row["pk"], here | dict.fromkeys(FIGURES, 0))
            for name in FIGURES:
                mine[name] += row[name]
    latest_first = sorted(
        sums.values(), key=lambda r: (-r["overdue"], -r["late10"], r.pop("position"), r["pk"])
    )
    return [CountyRow(**row) for row in latest_first]


def _by_kind(rows: list[dict[str, Any]]) -> list[KindRow]:
    sums: dict[str, dict[str, int]] = {}
    newest: dict[str, int] = {}
    for row in rows:
        if not row["kind"] or not row["open"]:
            continue
        newest[row["kind"]] = max(newest.get(row["kind"], 0), row["version"])
        mine = sums.setdefault(row["kind"], dict.fromkeys(("open", "overdue", "soon"), 0))
        mine["open"] += row["open"]
        mine["overdue"] += row["kind_overdue"]
        mine["soon"] += row["kind_soon"]
    titles = {kind: _place_of(kind, version) for kind, version in newest.items()}
    ordered = sorted(sums, key=lambda kind: titles[kind][0])
    return [KindRow(kind, titles[kind][1], **sums[kind]) for kind in ordered]


def _place_of(kind: str, version: int) -> tuple[int, str]:
    """Where a kind stands in the table, and its name."""
    if kind == REMEDIES:
        return -1, _("Remedies")
    known = pack_of(version).procedures
    return list(known).index(kind), localised(known[kind].title)


def latest(actor: Actor, on: date, limit: int) -> list[Case]:
    """The cases that are longest overdue; one statement."""
    return list(top(Ledger(actor, on, Asked(chip="overdue")), limit))


def near_waits(actor: Actor, on: date) -> dict[str, int]:
    """等谁办理: of the firms that are soon due how many lie with whom; one statement."""
    soon = Ledger(actor, on, Asked(chip="soon")).situation("soon")
    cases = Case.objects.visible_by_parts_to(actor).with_item()
    rows = cases.filter(Q(is_main=True) & soon)
    counts = {whom: Count("pk", filter=waits_for(whom, on)) for whom in WHOM}
    found: dict[str, int] = rows.aggregate(**counts)
    return found


def near(actor: Actor, on: date, limit: int) -> list[Case]:
    """临期: due within three working days, the nearest first; one statement."""
    return list(top(Ledger(actor, on, Asked(chip="soon")), limit))


def near_count(actor: Actor, on: date) -> int:
    """How many firms ``near`` holds; one statement."""
    found: int = Ledger(actor, on, Asked(chip="soon")).listed().count()
    return found


def reminders(actor: Actor, limit: int) -> list[CaseEvent]:
    """催办记录: by hand, by the ladder, by phone, by letter; newest first."""
    events = CaseEvent.objects.filter(case__in=Case.objects.visible_to(actor), verb__in=REMINDERS)
    related = events.select_related("case__enterprise", "case__county", "by", "by_post__unit")
    return list(related.order_by("-id")[:limit])


def drafts_for(actor: Actor) -> QuerySet[EscalationDraft]:
    """Letters of the cities in which the actor decides on them or oversees."""
    cities = {s.city_id for act in LETTER_ACTS for s in actor.standings_for(act)}
    drafts = EscalationDraft.objects.filter(programme__city_id__in=cities - {None})
    return drafts.select_related("unit", "county", "programme", "decided_by", "into")


def letters_to(actor: Actor) -> QuerySet[EscalationDraft]:
    """Letters that went out to the actor's units, or to the body whose desk they are."""
    gone_out = EscalationDraft.objects.filter(state=EscalationDraft.State.RELEASED)
    mine = Q(unit__in=actor.unit_ids)
    counties = {s.region_id for s in actor.standings if s.unit_kind == Unit.Kind.TASK_FORCE}
    mine |= Q(county__in=counties) & ~Q(kind=EscalationDraft.Kind.TALK)
    found = gone_out.filter(mine)
    return found.select_related("unit", "county", "programme", "decided_by", "into")


def calls_for(actor: Actor) -> QuerySet[PhoneReminder]:
    """The call list: items that are still open, not called yet first."""
    rows = PhoneReminder.objects.filter(
        item__process__in=Case.objects.visible_to(actor), item__finished=None
    ).select_related("item__process__enterprise", "item__process__county", "item__unit", "by")
    return rows.order_by(F("called_at").desc(nulls_first=True), "item__unit_id", "id")


# a firm, or the case itself where it is about no firm
FIRM = Coalesce("item__process__enterprise", -F("item__process"))


def firms_to_call(actor: Actor) -> QuerySet[PhoneReminder, Any]:
    """The call list by firm, one line each: ``firm``; first those to call, by unit and the latest
    first; behind them those called, the newest call first."""
    rows, to_call = calls_for(actor).order_by().values(firm=FIRM), Q(called_at=None)
    grouped = rows.annotate(
        waiting=Count("pk", filter=to_call),
        last=Max("called_at"),
        unit=Coalesce(Min("item__unit", filter=to_call), Min("item__unit")),
        due=Min("item__due_on", filter=to_call),
    )
    called = Case_(When(waiting=0, then=F("last")))
    rows = grouped.annotate(called=called)
    return rows.order_by(F("called").desc(nulls_first=True), "unit", "due", "firm")


def call_place(line: Mapping[str, Any]) -> tuple[int, int, str, int]:
    """Where a line of ``firms_to_call`` stands in it, growing."""
    called, due = line["called"], line["due"]
    newest = -round(called.timestamp() * 1000) if called else -FAR
    return newest, line["unit"], due.isoformat() if due else "", line["firm"]


def calls_by_firm(actor: Actor, firms: Sequence[int]) -> list[list[PhoneReminder]]:
    """What the list says about each of these firms: not called yet first, the latest first.

    A firm whose last step ended since it was listed has no row any more and is left out.
    """
    found: dict[int, list[PhoneReminder]] = {firm: [] for firm in firms}
    rows = calls_for(actor).annotate(firm=FIRM).filter(firm__in=list(firms))
    for row in rows.order_by(F("called_at").desc(nulls_first=True), "item__due_on", "id"):
        found[row.firm].append(row)
    return [rows for rows in found.values() if rows]


def trays(actor: Actor) -> list[str]:
    """The trays that the actor's posts open: letters to decide, calls to make."""
    letters = ["drafts"] if any(actor.may(act) for act in LETTER_ACTS) else []
    return [*letters, "calls"] if actor.may(Act.RELEASE_DRAFT) else letters


def tray_counts(actor: Actor, on: date) -> dict[str, int]:
    """For the tabs: letters to decide (not what next month only may go out), calls to make; two
    statements at most."""
    mine, found = trays(actor), {}
    if "drafts" in mine:
        is_held = caps.waiting(drafts_for(actor), on).values()
        found["drafts"] = sum(held is None for held in is_held)
    if "calls" in mine:
        found["calls"] = firms_to_call(actor).filter(called_at=None).count()
    return found
