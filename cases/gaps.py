"""责任缺口 (004-04, "一一对应、全部覆盖"): what has no owner, kind by kind, with its list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.desks import WORKING
from cases.models import Case, ProgrammeFirm
from cases.stages import DELISTED, WITHDRAWN
from cases.unhandled import ITEMS, SECOND, UNSEEN, unhandled
from enterprises.models import Membership, Pairing
from enterprises.querysets import on_register
from organisations.models import Delegation, Post, Region, Tenure, Unit
from organisations.scope import Actor

LISTED = 100


@dataclass(frozen=True)
class Gap:
    """``lines``: (name, where, address) of the first hundred; ``count``: all there are."""

    key: str
    title: str | Promise
    remedy: str | Promise
    count: int
    lines: tuple[tuple[str, str, str], ...]


def gaps(actor: Actor, on: date, city: Region) -> list[Gap]:
    """Every kind of gap of a city, empty ones too; ten statements at most."""
    posts = [build(actor, on, city) for build in KINDS]
    firms = _firms(actor, on, city) + _uncovered(actor, on, city)
    return firms + _items(actor, on, city) + posts + _counties(actor, on, city)


def total(found: Iterable[Gap]) -> int:
    return sum(gap.count for gap in found)


def as_json(found: Iterable[Gap]) -> dict[str, Any]:
    """For ``gaps --json``: {"total": n, "gaps": [{key, title, count, lines}]}."""
    rows = list(found)
    return {
        "total": total(rows),
        "gaps": [
            {
                "key": gap.key,
                "title": str(gap.title),
                "count": gap.count,
                "lines": [{"name": name, "where": where} for name, where, _url in gap.lines],
            }
            for gap in rows
        ],
    }


def _gap(key: str, title: str | Promise, remedy: str | Promise, rows: list[Any]) -> Gap:
    return Gap(key, title, remedy, len(rows), tuple(rows[:LISTED]))


def _firms(actor: Actor, on: date, city: Region) -> list[Gap]:
    """On the register and in no programme of the city: no unit answers for them; and, once the city
    pairs firms with service officers, those without one (003-03). One statement."""
    owned = ProgrammeFirm.objects.filter(programme__city=city, enterprise=OuterRef("enterprise"))
    kinds = (Pairing.Kind.OFFICER, Pairing.Kind.CHIEF)
    used = Pairing.objects.on(on).filter(city=city, kind__in=kinds)
    served = used.filter(enterprise=OuterRef("enterprise"))
    rows = Membership.objects.visible_to(actor).filter(on_register(on), city=city)
    rows = rows.filter(~Exists(owned) | Exists(used) & ~Exists(served))
    rows = rows.annotate(owned=Exists(owned), unserved=Exists(used) & ~Exists(served))
    order = ("county__position", "enterprise__name")
    names = ("enterprise__name", "county__name", "enterprise_id", "owned", "unserved")
    found = list(_first_of_each(rows, ("owned", "unserved"), order).values_list(*names, "number"))

    def gap(key: str, title: Promise, remedy: Promise, place: int, value: bool) -> Gap:
        chosen = [row for row in found if bool(row[place]) is value]
        each = {(bool(row[3]), bool(row[4])): row[5] for row in chosen}
        lines = [(row[0], row[1], reverse("firm", args=[row[2]])) for row in chosen[:LISTED]]
        return Gap(key, title, remedy, sum(each.values()), tuple(lines))

    return [
        gap(
            "firms",
            _("Firms without a responsible unit"),
            _("Open cases once more: the rules then say who answers for each."),
            3,
            False,
        ),
        gap(
            "officers",
            _("Firms without a service officer"),
            _("Pair them: a whole county or township at once."),
            4,
            True,
        ),
    ]


def _first_of_each(rows: QuerySet[Any], kinds: Sequence[str], order: Sequence[str]) -> Any:
    """The first lines of each kind, in this order, each with how many there are (``number``)."""
    kept = rows.order_by().annotate(
        number=Window(Count("pk"), partition_by=list(kinds)),
        place=Window(RowNumber(), partition_by=list(kinds), order_by=[*order, "pk"]),
    )
    return kept.filter(place__lte=LISTED).order_by(*order, "pk")


def _uncovered(actor: Actor, on: date, city: Region) -> list[Gap]:
    """In the programme, not covered, on the register: no case was ever opened; or it was delisted
    or withdrawn by hand, and nobody would ask for the firm again, though leaving is decided by the
    bureau's list (practice.md). One statement."""
    cases = Case.objects.filter(
        programme=OuterRef("programme"), enterprise=OuterRef("enterprise"), is_main=True
    )
    by_hand = (DELISTED, WITHDRAWN)
    listed = Membership.objects.filter(
        on_register(on), city=city, enterprise=OuterRef("enterprise")
    )
    rows = ProgrammeFirm.objects.filter(
        ~Exists(cases.exclude(stage__in=by_hand)), Exists(listed), programme__city=city
    ).annotate(ended=Exists(cases.filter(stage__in=by_hand)))
    order = ("county__position", "enterprise__name")
    found = _first_of_each(rows.filter(covered=False), ("ended",), order)
    lines: dict[bool, list[Any]] = {False: [], True: []}
    counts = {False: 0, True: 0}
    names = ("ended", "enterprise__name", "county__name", "enterprise_id", "number")
    for ended, name, county, pk, number in found.values_list(*names):
        lines[ended].append((name, county, reverse("firm", args=[pk])))
        counts[ended] = number
    words = {
        False: ("unopened", _("Uncovered firms without a case"), _("Open the next wave.")),
        True: (
            "ended",
            _("Listed, uncovered, and the case was delisted or withdrawn"),
            _("Reopen the case, or have the bureau take the firm off its list."),
        ),
    }
    return [Gap(*words[one], counts[one], tuple(lines[one])) for one in (False, True)]


def _items(actor: Actor, on: date, city: Region) -> list[Gap]:
    """Open steps that nobody handles; that lie with posts which read no case, or with people whose
    accounts are closed, so that nobody of the unit opens them; and closings that only those may
    decide who applied for them or reviewed them (four eyes). Two statements at most."""
    found = unhandled(actor, on, city, LISTED)
    said = {
        ITEMS: (
            _("Open items that nobody handles"),
            _("Name a successor for the post, or reassign."),
        ),
        UNSEEN: (
            _("Open items that nobody of the unit can open"),
            _("Appoint somebody who works on cases, or reassign."),
        ),
        SECOND: (
            _("Closings that wait for a second person"),
            _("Whoever applied may not review: appoint another one, or name a stand-in."),
        ),
    }
    return [
        Gap(
            kind,
            *words,
            found.counts.get(kind, 0),
            tuple(
                (line.name, line.desk, reverse("case", args=[line.case]))
                for line in found.lines[kind]
            ),
        )
        for kind, words in said.items()
    ]


@dataclass(frozen=True)
class Vacancy:
    """A post that cases of a county are given to and that nobody holds on the day."""

    county: str
    post: str
    unit_id: int
    count: int


def vacancies(given: Mapping[tuple[int, int], int], on: date) -> list[Vacancy]:
    """Of posts that were just given cases (how many, by county and post) those that nobody is there
    to see; one statement each for posts and counties."""
    posts = Post.objects.filter(pk__in={post for _county, post in given})
    held = Tenure.objects.on(on).filter(post__unit=OuterRef("unit"), post__role=OuterRef("role"))
    deputies = Delegation.objects.on(on).filter(post=OuterRef("pk"), reads_only=False)
    rows = posts.filter(~Exists(held), ~Exists(deputies)).select_related("unit")
    vacant = {post.pk: post for post in rows}
    told = {key: count for key, count in given.items() if key[1] in vacant}
    counties = Region.objects.in_bulk({county for county, _post in told})

    def place(key: tuple[int, int]) -> tuple[int, str, str]:
        county = counties[key[0]]
        return county.position, county.name, vacant[key[1]].name

    found = []
    for key in sorted(told, key=place):
        post = vacant[key[1]]
        name = f"{post.unit.short_name or post.unit.name}{post.name}"
        found.append(Vacancy(counties[key[0]].name, name, post.unit_id, told[key]))
    return found


def _units_without_post(actor: Actor, on: date, city: Region) -> Gap:
    rows = _units(city).filter(~Exists(Post.objects.filter(unit=OuterRef("pk"))))
    return _gap(
        "units",
        _("Units without a post"),
        _("Add a post, then appoint somebody."),
        [(u.name, u.region.name, reverse("unit", args=[u.pk])) for u in rows],
    )


def _posts_without_holder(actor: Actor, on: date, city: Region) -> Gap:
    """空岗: posts that work on cases and that nobody holds on the day."""
    held = Tenure.objects.on(on).filter(post=OuterRef("pk"))
    rows = Post.objects.filter(~Exists(held), role__in=WORKING, unit__in=_units(city))
    found = rows.select_related("unit__region").order_by("unit__position", "unit_id", "position")
    return _gap(
        "posts",
        _("Posts that nobody holds"),
        _("Appoint somebody, or hand the post over."),
        [(p.title, p.unit.region.name, reverse("unit", args=[p.unit_id])) for p in found],
    )


def _counties(actor: Actor, on: date, city: Region) -> list[Gap]:
    """Counties that no liaison group looks after (001-22), or that have no task force."""
    here = Unit.objects.filter(kind=Unit.Kind.TASK_FORCE, region=OuterRef("pk"))
    paired = Unit.objects.filter(kind=Unit.Kind.LIAISON_GROUP, paired_counties=OuterRef("pk"))
    counties = Region.objects.counties_of(city).annotate(
        has_force=Exists(here), has_group=Exists(paired)
    )
    rows = list(counties.values_list("name", "has_group", "has_force"))
    groups, new = reverse("people") + "?kind=liaison_group", reverse("unit_create")
    return [
        _gap(
            "liaison",
            _("Counties without a liaison group"),
            _("Pair the county with a group on the group's page."),
            [(name, city.name, groups) for name, has_group, _force in rows if not has_group],
        ),
        _gap(
            "task_force",
            _("Counties without a task force"),
            _("Create the unit and appoint its people."),
            [(name, city.name, new) for name, _group, has_force in rows if not has_force],
        ),
    ]


def _units(city: Region) -> QuerySet[Unit]:
    return Unit.objects.within(city).select_related("region").order_by(F("position"), "pk")


KINDS = (
    _posts_without_holder,
    _units_without_post,
)
