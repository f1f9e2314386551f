"""Verb: who serves and who leads firms (000-24, 003-03, 004-05), one or thousands at a time.

Every way in (by hand, pasted, by workbook) gives ``Wish``es; a fixed number of statements however
many there are. The row before ends on the day the new one begins, so history stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from enterprises.importing.folding import fold_name
from enterprises.importing.pairing_sheet import NOBODY
from enterprises.models import Enterprise, Membership, Pairing
from organisations.days import day_of
from organisations.errors import Refused
from organisations.journal import record
from organisations.models import AuditEvent, Post, Region, Tenure
from organisations.permissions import ADMINISTRATORS
from organisations.regions import RegionFinder, fold
from organisations.roles import Act, Role
from organisations.scope import Actor

Kind = Pairing.Kind


@dataclass(frozen=True)
class Wish:
    """One firm (name or code) gets one target of a kind; ``number`` is the row it came from."""

    number: int
    firm: str
    kind: str
    target: str
    from_on: date | None = None


@dataclass
class Paired:
    """What was done: new rows, ended ones, wishes that changed nothing, refusals in words."""

    new: list[Pairing] = field(default_factory=list)
    ended: list[Pairing] = field(default_factory=list)
    unchanged: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)


@transaction.atomic
def pair(wishes: Sequence[Wish], *, city: Region, by: Actor, at: datetime) -> Paired:
    """Do what is wished; what cannot be done is refused row by row, the rest is done."""
    if not (by.is_system or _may_somewhere(by)):
        raise Refused("may_not", _("Pairings are made by the office and the county's reviewer."))
    run = _Run(city, by, at)
    for wish in wishes:
        try:
            run.take(wish)
        except Refused as refusal:
            run.result.refused.append((wish.number, wish.firm, refusal.words))
    run.write()
    return run.result


def _may_somewhere(by: Actor) -> bool:
    return any(s.role in (Role.OFFICE, Role.COUNTY_LEAD) for s in by.standings_for(Act.REASSIGN))


def _is_same(row: Pairing, target: Mapping[str, Model | None]) -> bool:
    return all(
        getattr(row, f"{name}_id") == (value.pk if value is not None else None)
        for name, value in target.items()
    )


class _Run:
    """The city's firms, people and pairings at hand: five queries, then none a row."""

    def __init__(self, city: Region, by: Actor, at: datetime) -> None:
        self.city, self.by, self.at = city, by, at
        self.today = day_of(at)
        self.result = Paired()
        self.regions = RegionFinder(city)
        self._read_firms()
        self._read_people()
        self.open = {
            (row.enterprise_id, row.kind): row
            for row in Pairing.objects.filter(city=city, until_on=None).select_related("enterprise")
        }
        self.ending: list[Pairing] = []
        self.dropped: list[int] = []

    def _read_firms(self) -> None:
        rows = Membership.objects.on(self.today).filter(city=self.city)
        self.firms: dict[str, list[Membership]] = {}
        for row in rows.select_related("enterprise", "county"):
            names = {row.enterprise.folded_name, (row.enterprise.credit_code or "").lower()}
            for name in names - {""}:
                self.firms.setdefault(name, []).append(row)

    def _read_people(self) -> None:
        posts = Post.objects.filter(unit__region__path__startswith=self.city.path)
        posts = posts.exclude(role__in=ADMINISTRATORS).select_related("unit")
        self.posts: dict[str, Post] = {}
        for post in posts:
            for unit in {post.unit.name, post.unit.short_name} - {""}:
                self.posts[fold(f"{unit}/{post.name}")] = post
        self.people: dict[str, list[Tenure]] = {}
        tenures = Tenure.objects.on(self.today).filter(post__in=posts, user__is_active=True)
        for tenure in tenures.select_related("user", "post__unit").order_by("id"):
            for name in {fold(tenure.user.name), fold(tenure.user.username)}:
                self.people.setdefault(name, []).append(tenure)

    def take(self, wish: Wish) -> None:
        member = self._firm(wish.firm)
        kind = Kind(wish.kind)
        self._check_right(member, kind)
        from_on = wish.from_on or self.today
        if kind == Kind.COUNTY and from_on > self.today:
            raise Refused(
                "county_later",
                _("The cases go to the serving county on the day itself: set it then."),
            )
        was = self.open.get((member.enterprise_id, kind))
        if fold(wish.target) in NOBODY:
            if was is None:
                self.result.unchanged += 1
                return
            self._end(was, from_on)
            self.result.ended.append(was)
            self.open.pop((member.enterprise_id, kind))
            return
        target = self._target(kind, wish.target, member)
        if was is not None and _is_same(was, target):
            self.result.unchanged += 1
            return
        if was is not None:
            self._end(was, from_on)
        row = Pairing(
            city=self.city,
            enterprise=member.enterprise,
            kind=kind,
            from_on=from_on,
            by=self.by.user,
            at=self.at,
        )
        for name, value in target.items():
            setattr(row, name, value)
        self.open[member.enterprise_id, kind] = row
        self.result.new.append(row)

    def _firm(self, text: str) -> Membership:
        found = self.firms.get(text.strip().lower()) or self.firms.get(fold_name(text), [])
        if not found:
            raise Refused("no_firm", _("No firm on the register is called so or has this code."))
        if len({row.enterprise_id for row in found}) > 1:
            raise Refused("several_firms", _("Several firms are called so. Write the code."))
        return found[0]

    def _check_right(self, member: Membership, kind: Kind) -> None:
        """The office everywhere; a county's reviewer for its own firms, never the county."""
        if self.by.is_system:
            return
        for standing in self.by.standings_for(Act.REASSIGN):
            if standing.role == Role.OFFICE and standing.covers(self.city):
                return
            own = standing.role == Role.COUNTY_LEAD and standing.covers(member.county)
            if own and kind != Kind.COUNTY:
                return
        raise Refused(
            "not_yours",
            _("The city office decides which county serves a firm.")
            if kind == Kind.COUNTY
            else _("This firm lies in another county. Ask the city office."),
        )

    def _target(self, kind: Kind, text: str, member: Membership) -> dict[str, Model | None]:
        if kind == Kind.COUNTY:
            county = self.regions.county(text)
            if county is None:
                words = _("%(city)s has no county “%(county)s”.")
                raise Refused("no_county", words % {"city": self.city, "county": text})
            if county.pk == member.county_id:
                words = _("The register counts it in this county already.")
                raise Refused("own_county", words)
            return {"county": county}
        if kind == Kind.LEAD_FIRM:
            return {"lead": self._lead(text, member)}
        return self._person(text)

    def _lead(self, text: str, member: Membership) -> Enterprise:
        lead = self._firm(text).enterprise
        above, met = lead.pk, set[int]()
        while above not in met:
            if above == member.enterprise_id:
                raise Refused("circle", _("The two would lead each other."))
            met.add(above)
            row = self.open.get((above, Kind.LEAD_FIRM))
            above = (row.lead_id or lead.pk) if row is not None else lead.pk
        return lead

    def _person(self, text: str) -> dict[str, Model | None]:
        post = self.posts.get(fold(text))
        if post is not None:
            return {"post": post, "user": None}
        held = self.people.get(fold(text), [])
        if not held:
            raise Refused(
                "no_person",
                _("“%(text)s” holds no post of this city. Write a name, account or UNIT/POST.")
                % {"text": text},
            )
        if len({tenure.user_id for tenure in held}) > 1:
            raise Refused(
                "several_people",
                _("Several people are called %(text)s. Write the account.") % {"text": text},
            )
        return {"post": held[0].post, "user": held[0].user}

    def _end(self, row: Pairing, on: date) -> None:
        """A row that would never have run is taken back."""
        if row.pk is None:  # an earlier row of the same list
            self.result.new.remove(row)
        elif on <= row.from_on:
            self.dropped.append(row.pk)
        else:
            row.until_on = on
            self.ending.append(row)

    def write(self) -> None:
        result = self.result
        Pairing.objects.filter(pk__in=self.dropped).delete()
        Pairing.objects.bulk_update(self.ending, ["until_on"], batch_size=500)
        Pairing.objects.bulk_create(result.new, batch_size=500)
        if result.new or result.ended:
            record(
                AuditEvent.Kind.POST,
                "pair_firms",
                self.city,
                by=self.by,
                at=self.at,
                new=len(result.new),
                ended=len(result.ended),
                firms=[row.enterprise_id for row in (*result.new, *result.ended)][:500],
            )
