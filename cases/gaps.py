"""责任缺口 (004-04, "一一对应、全部覆盖"): what has no owner, kind by kind, with its list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import querysets as ask
from cases.desks import WORKING
from cases.models import Case, ProgrammeFirm
from cases.stages import DELISTED, WITHDRAWN
from enterprises.models import Membership, Pairing
from enterprises.querysets import on_register
from organisations.models import Delegation, Post, Region, Tenure, Unit
from organisations.roles import POLICY, Act
from organisations.scope import Actor

LISTED = 100
READERS = sorted(role for role, acts in POLICY.items() if Act.READ in acts)


@dataclass(frozen=True)
class Gap:
    """``lines``: (name, where, address) of the first hundred; ``count``: all there are."""

    key: str
    title: str | Promise
    remedy: str | Promise
    count: int
    lines: tuple[tuple[str, str, str], ...]


def gaps(actor: Actor, on: date, city: Region) -> list[Gap]:
    """Every kind of gap of a city, empty ones too; one statement for each kind."""
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
    names = ("enterprise__name", "county__name", "enterprise_id", "owned", "unserved")
    found = list(rows.order_by("county__position", "enterprise__name").values_list(*names))

    def lines(place: int, value: bool) -> list[Any]:
        chosen = (row for row in found if bool(row[place]) is value)
        return [(row[0], row[1], reverse("firm", args=[row[2]])) for row in chosen]

    return [
        _gap(
            "firms",
            _("Firms without a responsible unit"),
            _("Open cases once more: the rules then say who answers for each."),
            lines(3, False),
        ),
        _gap(
            "officers",
            _("Firms without a service officer"),
            _("Pair them: a whole county or township at once."),
            lines(4, True),
        ),
    ]


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
    found = rows.filter(covered=False).order_by("county__position", "enterprise__name")
    lines: dict[bool, list[Any]] = {False: [], True: []}
    names = found.values_list("ended", "enterprise__name", "county__name", "enterprise_id")
    for ended, name, county, pk in names:
        lines[ended].append((name, county, reverse("firm", args=[pk])))
    return [
        _gap(
            "unopened",
            _("Uncovered firms without a case"),
            _("Open the next wave."),
            lines[False],
        ),
        _gap(
            "ended",
            _("Listed, uncovered, and the case was delisted or withdrawn"),
            _("Reopen the case, or have the bureau take the firm off its list."),
            lines[True],
        ),
    ]


def _items(actor: Actor, on: date, city: Region) -> list[Gap]:
    """Open steps that nobody handles; that lie with posts which read no case, or with people whose
    accounts are closed, so that nobody of the unit opens them; and closings that only those may
    decide who applied for them or reviewed them (four eyes). One statement."""
    others = _holders(on).exclude(user=Coalesce(OuterRef("applied_by"), 0))
    others = others.exclude(user=Coalesce(OuterRef("reviewed_by"), 0))
    cases = Case.objects.visible_to(actor).with_item().filter(ask.is_open(), programme__city=city)
    rows = cases.filter(~Exists(_deputies(on))).annotate(
        held=Exists(_holders(on)),
        opens=Exists(_readers(on)),
        decided=Q(applied_by=None) | Exists(others),
    )
    rows = rows.filter(Q(held=False) | Q(opens=False) | Q(decided=False))
    found = rows.order_by("county__position", "pk").values_list(
        "enterprise__name",
        "title",
        "item__unit__short_name",
        "item__post__name",
        "pk",
        "held",
        "opens",
    )

    def lines(*wanted: tuple[bool, bool]) -> list[Any]:
        return [
            (firm or title, f"{unit}{post}", reverse("case", args=[pk]))
            for firm, title, unit, post, pk, held, opens in found
            if (bool(held), bool(opens)) in wanted
        ]

    return [
        _gap(
            "items",
            _("Open items that nobody handles"),
            _("Name a successor for the post, or reassign."),
            lines((False, False), (False, True)),
        ),
        _gap(
            "unseen",
            _("Open items that nobody of the unit can open"),
            _("Appoint somebody who works on cases, or reassign."),
            lines((True, False)),
        ),
        _gap(
            "second",
            _("Closings that wait for a second person"),
            _("Whoever applied may not review: appoint another one, or name a stand-in."),
            lines((True, True)),
        ),
    ]


def _readers(on: date) -> QuerySet[Tenure]:
    """Who of the unit that owes the step opens cases at all; where it lies is no matter
    (``querysets.scope_of``)."""
    held = Tenure.objects.on(on).filter(post__unit=OuterRef("item__unit"))
    return held.filter(post__role__in=READERS, user__is_active=True)


def _holders(on: date) -> QuerySet[Tenure]:
    """Who holds the open step's post, or is a colleague of the same role."""
    return Tenure.objects.on(on).filter(
        post__unit=OuterRef("item__unit"), post__role=OuterRef("item__post__role")
    )


def _deputies(on: date) -> QuerySet[Delegation]:
    return Delegation.objects.on(on).filter(post=OuterRef("item__post"), reads_only=False)


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
