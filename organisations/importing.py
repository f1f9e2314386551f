"""Units, posts and people from one workbook: a dry run is the run itself, rolled back.

Good rows are taken when others are refused; the same file twice changes nothing. Every row goes
through the same verbs as a click, in a savepoint of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from organisations.actions import joining, posts, regions, users
from organisations.days import day_of
from organisations.errors import Refused
from organisations.journal import record
from organisations.models import AuditEvent, Post, Region, Tenure, Unit, User
from organisations.people_sheets import (
    EXAMPLE_MARKS,
    KIND_WORDS,
    NO,
    PEOPLE,
    POSTS,
    RANK_WORDS,
    ROLE_WORDS,
    SHEETS,
    UNITS,
    YES,
    SheetSpec,
    meant,
)
from organisations.phones import NOT_A_PHONE, is_phone, looks_callable
from organisations.regions import RegionFinder, fold
from organisations.scope import Actor
from organisations.setup import found_unit
from organisations.workbook import Row, read_rows

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"


@dataclass(frozen=True)
class Finding:
    """A refusal or warning: where (sheet, row, column title), a stable code, why in words."""

    sheet: str
    row: int
    column: str
    code: str
    reason: str


@dataclass(frozen=True)
class Account:
    """A new account with the password that is shown once."""

    username: str
    name: str
    password: str


@dataclass
class Report:
    """What an import did, or would do; each row counts once."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    sheets: dict[str, dict[str, int]] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)

    def count(self, sheet: str, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        tally = self.sheets.setdefault(sheet, {NEW: 0, CHANGED: 0, UNCHANGED: 0})
        tally[outcome] += 1


class RowRefused(Exception):
    """A row that cannot be taken, and the column that says why."""

    def __init__(self, column: str, code: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.code, self.reason = column, code, reason


class _RolledBack(Exception):
    """Ends a dry run."""


def import_people(
    content: bytes, *, city: Region, by: Actor, at: datetime, dry_run: bool = False
) -> Report:
    """Take units, posts and people of ``city`` from an .xlsx; raises ``Refused`` for the file."""
    rows = read_rows(content, SHEETS)
    importing = _Import(city, by, at, dry_run)
    try:
        with transaction.atomic():
            importing.run(rows)
            if dry_run:
                # a password of a dry run would open nothing
                importing.report.accounts.clear()
                raise _RolledBack
            if importing.report.new or importing.report.changed:
                _remember(importing.report, city, by=by, at=at)
    except _RolledBack:
        pass
    return importing.report


def _remember(report: Report, city: Region, *, by: Actor, at: datetime) -> None:
    counts: dict[str, Any] = {NEW: report.new, CHANGED: report.changed}
    counts["refused"] = len(report.refused)
    record(AuditEvent.Kind.IMPORT, "import_people", city, by=by, at=at, **counts)


class _Import:
    """One run: the city's regions and units at hand, so that a row costs few queries."""

    def __init__(self, city: Region, by: Actor, at: datetime, dry_run: bool) -> None:
        self.city, self.by, self.at, self.dry_run = city, by, at, dry_run
        self.today = day_of(at)
        self.report = Report()
        self.finder = RegionFinder(city)
        self.units: dict[str, list[Unit]] = {}
        for unit in Unit.objects.within(city).select_related("region"):
            self._know(unit)

    def run(self, rows: Mapping[str, list[Row]]) -> None:
        steps: tuple[tuple[SheetSpec, Callable[[Row], str]], ...] = (
            (UNITS, self.unit),
            (POSTS, self.post),
            (PEOPLE, self.person),
        )
        for spec, take in steps:
            for row in rows.get(spec.title, []):
                if not row.text(spec.columns[0].name).startswith(EXAMPLE_MARKS):
                    self._take(spec, row, take)

    def _take(self, spec: SheetSpec, row: Row, take: Callable[[Row], str]) -> None:
        try:
            with transaction.atomic():
                for column in spec.columns:
                    if column.required and not row.text(column.name):
                        raise RowRefused(column.name, "missing", _("This must not be empty."))
                outcome = take(row)
        except RowRefused as refusal:
            self._refuse(spec, row, refusal.column, refusal.code, refusal.reason)
        except Refused as refusal:
            self._refuse(spec, row, spec.columns[0].name, refusal.code, refusal.words)
        else:
            self.report.count(spec.title, outcome)

    def _refuse(self, spec: SheetSpec, row: Row, column: str, code: str, reason: str) -> None:
        finding = Finding(spec.title, row.number, spec.header(column), code, reason)
        self.report.refused.append(finding)

    def _warn(self, spec: SheetSpec, row: Row, column: str, code: str, reason: str) -> None:
        finding = Finding(spec.title, row.number, spec.header(column), code, reason)
        self.report.warnings.append(finding)

    # --- units -------------------------------------------------------------------------------

    def unit(self, row: Row) -> str:
        kind = meant(KIND_WORDS, row.text("kind"))
        if kind is None:
            raise RowRefused("kind", "unknown_kind", _("Choose the kind from the list."))
        region = self._region(row, kind)
        name = row.text("name")
        known = [
            u
            for u in self.units.get(fold(name), [])
            if u.region_id == region.pk and fold(u.name) == fold(name)
        ]
        pairs = self._pairs(row, kind)
        if known:
            return self._changed_unit(known[0], row, kind, pairs)
        unit = found_unit(
            region=region,
            name=name,
            kind=kind,
            short_name=row.text("short_name"),
            phone=row.text("phone"),
            by=self.by,
            at=self.at,
        )
        if pairs:
            posts.pair(unit, counties=pairs, by=self.by, at=self.at)
        self._know(unit)
        return NEW

    def _changed_unit(self, unit: Unit, row: Row, kind: str, pairs: list[Region]) -> str:
        if unit.kind != kind:
            raise RowRefused(
                "kind",
                "kind_differs",
                _("%(unit)s exists as “%(kind)s”; a unit does not change its kind.")
                % {"unit": unit.name, "kind": KIND_WORDS[unit.kind][0]},
            )
        changed = posts.update_unit(
            unit,
            short_name=row.text("short_name") or unit.short_name,
            phone=row.text("phone") or unit.phone,
            by=self.by,
            at=self.at,
        )
        if pairs:
            changed |= posts.pair(unit, counties=pairs, by=self.by, at=self.at)
        return CHANGED if changed else UNCHANGED

    def _region(self, row: Row, kind: str) -> Region:
        county = self._county(row)
        if kind != Unit.Kind.TOWNSHIP:
            if kind == Unit.Kind.TASK_FORCE and county is None:
                raise RowRefused("county", "missing", _("A county task force needs its county."))
            return county or self.city
        if county is None:
            raise RowRefused("county", "missing", _("A township or park needs its county."))
        name = row.text("township") or row.text("name")
        township = self.finder.township(county, name)
        return township or regions.create_township(county=county, name=name, by=self.by, at=self.at)

    def _pairs(self, row: Row, kind: str) -> list[Region]:
        names = [
            n for n in row.text("pairs").replace("，", "、").replace(",", "、").split("、") if n
        ]
        if names and kind != Unit.Kind.LIAISON_GROUP:
            raise RowRefused("pairs", "not_a_group", _("Only liaison groups have paired counties."))
        return [self._named_county("pairs", name) for name in names]

    def _county(self, row: Row) -> Region | None:
        text = row.text("county")
        return self._named_county("county", text) if text else None

    def _named_county(self, column: str, text: str) -> Region:
        county = self.finder.county(text)
        if county is None:
            raise RowRefused(
                column,
                "unknown_county",
                _("%(city)s has no county “%(county)s”.") % {"city": self.city, "county": text},
            )
        return county

    # --- posts -------------------------------------------------------------------------------

    def post(self, row: Row) -> str:
        unit = self._unit_of(row)
        role = meant(ROLE_WORDS, row.text("role"))
        if role is None:
            raise RowRefused("role", "unknown_role", _("Choose the role from the list."))
        receives = self._yes_or_no(row, "receives")
        post = unit.posts.filter(name=row.text("name")).first()
        if post is None:
            posts.create_post(
                unit=unit,
                name=row.text("name"),
                role=role,
                receives_work=bool(receives),
                position=unit.posts.count() + 1,
                by=self.by,
                at=self.at,
            )
            return NEW
        if post.role != role:
            raise RowRefused(
                "role",
                "role_differs",
                _("The post exists as “%(role)s”. Give a new post another name.")
                % {"role": ROLE_WORDS[post.role][0]},
            )
        if receives is None or receives == post.receives_work:
            return UNCHANGED
        posts.receive_work(post, receives=receives, by=self.by, at=self.at)
        return CHANGED

    def _yes_or_no(self, row: Row, column: str) -> bool | None:
        text = fold(row.text(column))
        if text not in {"", YES, NO}:
            raise RowRefused(column, "not_yes_or_no", _("Say yes or no (是 / 否)."))
        return None if not text else text == YES

    def _unit_of(self, row: Row) -> Unit:
        county = self._county(row)
        known = self.units.get(fold(row.text("unit")), [])
        if county is not None:
            known = [unit for unit in known if unit.region.is_within(county)]
        if not known:
            raise RowRefused(
                "unit",
                "unknown_unit",
                _("There is no unit “%(unit)s”. Add it to the sheet of units.")
                % {"unit": row.text("unit")},
            )
        if len(known) > 1:
            raise RowRefused(
                "unit",
                "unit_ambiguous",
                _("There are several units of this name. Say in which county."),
            )
        return known[0]

    # --- people ------------------------------------------------------------------------------

    def person(self, row: Row) -> str:
        unit = self._unit_of(row)
        post = unit.posts.filter(name=row.text("post")).select_related("unit__region").first()
        if post is None:
            raise RowRefused(
                "post",
                "unknown_post",
                _("%(unit)s has no post “%(post)s”. It has: %(there)s.")
                % {
                    "unit": unit.name,
                    "post": row.text("post"),
                    "there": "、".join(unit.posts.values_list("name", flat=True)) or "—",
                },
            )
        from_on, until_on = self._day(row, "from_on"), self._day(row, "until_on")
        if (phone := row.text("phone")) and not looks_callable(phone):
            if not is_phone(phone):
                raise RowRefused("phone", "phone_wrong", str(NOT_A_PHONE))
            words = _("“%(phone)s” is neither a mobile nor a landline number; please check it.")
            self._warn(PEOPLE, row, "phone", "phone", words % {"phone": phone})
        username = users.folded_username(row.text("username"))
        user = User.objects.filter(username__iexact=username).first()
        changed = user is not None and self._changed_user(user, row)
        tenure = self._tenure(post, user, from_on) if user else None
        if tenure is None:
            self._marked(row, self._join(row, post, from_on, until_on))
            return NEW
        changed |= self._marked(row, tenure.user)
        if until_on is not None and tenure.until_on is None:
            posts.end_tenure(tenure, on=until_on, by=self.by, at=self.at)
            return CHANGED
        if from_on is None and not tenure.is_ahead(self.today):
            words = _("Held this post until %(day)s. Give a starting day to appoint again.")
            self._warn(PEOPLE, row, "from_on", "ended", words % {"day": tenure.until_on})
        return CHANGED if changed else UNCHANGED

    def _day(self, row: Row, column: str) -> date | None:
        try:
            return row.day(column)
        except (ValueError, TypeError) as wrong:
            raise RowRefused(column, "not_a_day", _("Write the day like 2026-03-01.")) from wrong

    def _marked(self, row: Row, user: User) -> bool:
        """职级 and 专业技术人员; an empty cell leaves what is there."""
        text, technical = row.text("rank"), self._yes_or_no(row, "technical")
        rank = meant(RANK_WORDS, text) if text else user.rank
        if rank is None:
            raise RowRefused("rank", "unknown_rank", _("Choose the rank from the list."))
        is_technical = user.is_technical if technical is None else technical
        if (rank, is_technical) == (user.rank, user.is_technical):
            return False
        return users.mark(user, rank=rank, is_technical=is_technical, by=self.by, at=self.at)

    def _join(self, row: Row, post: Post, from_on: date | None, until_on: date | None) -> User:
        tenure, password = joining.join(
            post,
            username=row.text("username"),
            name=row.text("name"),
            phone=row.text("phone"),
            from_on=from_on or self.today,
            until_on=until_on,
            by=self.by,
            at=self.at,
        )
        if password:
            account = Account(tenure.user.username, tenure.user.name, password)
            self.report.accounts.append(account)
        return tenure.user

    def _changed_user(self, user: User, row: Row) -> bool:
        joining.check_name(user, row.text("name"))
        phone = row.text("phone") or user.phone
        return users.update_user(user, name=user.name, phone=phone, by=self.by, at=self.at)

    def _tenure(self, post: Post, user: User, from_on: date | None) -> Tenure | None:
        """The tenure that the row means; without a day, any that there was."""
        held = Tenure.objects.filter(post=post, user=user).select_related(
            "post__unit__region", "user"
        )
        if from_on is not None:
            held = held.ahead(from_on)
        return held.order_by("-from_on").first()

    def _know(self, unit: Unit) -> None:
        """Under its name and its short name, as people write either."""
        for name in {fold(unit.name), fold(unit.short_name)} - {""}:
            self.units.setdefault(name, []).append(unit)
