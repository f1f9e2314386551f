"""Issued programme packs and the working-day table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Never

from django.conf import settings
from django.db import models
from django.utils import timezone

from workflows.calendar import DAY, WorkCalendar
from workflows.packs import Pack, parse_pack
from workflows.procedure import Procedure, Stage


class Programme(models.Model):
    """A city's campaign for a statistical year; its rules live in versions."""

    key = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    city = models.ForeignKey(
        "organisations.Region", on_delete=models.PROTECT, related_name="programmes"
    )
    statistical_year = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-statistical_year", "key"]

    def __str__(self) -> str:
        return self.title

    @property
    def current(self) -> ProgrammeVersion:
        """The version under which new cases are opened: the one issued last."""
        return self.versions.order_by("-number")[:1].get()


class Immutable(Exception):
    """An issued version is neither changed nor deleted."""


class ProgrammeVersionQuerySet(models.QuerySet["ProgrammeVersion"]):
    def update(self, **kwargs: Any) -> Never:
        raise Immutable("issue a new version instead")

    def delete(self) -> Never:
        raise Immutable("an issued version stays")


class ProgrammeVersion(models.Model):
    """One issued text of a pack: immutable, named by its hash; cases pin it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    source = models.TextField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="issued_versions",
    )

    objects = ProgrammeVersionQuerySet.as_manager()

    class Meta:
        ordering = ["programme", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["programme", "sha256"], name="version_text_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable("issue a new version instead")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise Immutable("an issued version stays")

    @property
    def pack(self) -> Pack:
        """The rules of this version, parsed once a process."""
        return _parsed(self.sha256, self.source, timezone.localdate(self.issued_at))


@lru_cache(maxsize=32)
def _parsed(sha256: str, source: str, issued_on: date) -> Pack:
    if sha256 not in _met:
        _met.add(sha256)
        forget_places()
    return parse_pack(source, sha256[:12], issued_on=issued_on, issued=True)


# texts that this process has parsed: one that it had not met may name its stages otherwise
_met: set[str] = set()


@dataclass(frozen=True)
class Places:
    """Stages of which something holds, as a list of cases can be asked: by name alone where every
    plan means the same by it, else with the procedure, else with the version too.

    Two cities may call different stages alike, and so may two procedures of one plan.
    """

    anywhere: frozenset[str]
    in_procedure: Mapping[str, frozenset[str]]
    in_version: Mapping[tuple[int, str], frozenset[str]]


def _places(holds: Callable[[Procedure, Stage], bool]) -> Places:
    votes: dict[str, dict[str, dict[int, bool]]] = {}
    for version in ProgrammeVersion.objects.all():
        for procedure in version.pack.procedures.values():
            for stage in procedure.stages:
                named = votes.setdefault(stage.key, {}).setdefault(procedure.key, {})
                named[version.pk] = holds(procedure, stage)
    anywhere: set[str] = set()
    in_procedure: dict[str, set[str]] = {}
    in_version: dict[tuple[int, str], set[str]] = {}
    for stage_key, procedures in votes.items():
        if all(all(found.values()) for found in procedures.values()):
            anywhere.add(stage_key)
            continue
        for key, found in procedures.items():
            if all(found.values()):
                in_procedure.setdefault(key, set()).add(stage_key)
                continue
            for number in (number for number, is_so in found.items() if is_so):
                in_version.setdefault((number, key), set()).add(stage_key)
    return Places(
        frozenset(anywhere),
        {key: frozenset(stages) for key, stages in in_procedure.items()},
        {key: frozenset(stages) for key, stages in in_version.items()},
    )


@lru_cache(maxsize=8)
def stages_left_by(verb: str) -> Places:
    """The stages that a verb leaves (`acknowledge`: 待签收), over all issued versions."""
    return _places(lambda _procedure, stage: stage.leaves_by(verb))


@lru_cache(maxsize=1)
def review_stages() -> Places:
    """The stages in which a reviewer has the case, over all issued versions."""
    return _places(lambda procedure, stage: stage.key in procedure.reviews)


@lru_cache(maxsize=1)
def newest_packs() -> Mapping[int, Pack]:
    """The rules that each city issued last, by the id of the city."""
    rows = ProgrammeVersion.objects.select_related("programme").order_by("id")
    newest = {version.programme.city_id: version for version in rows}
    return {city: version.pack for city, version in newest.items()}


def wordings() -> Mapping[int, Mapping[str, str]]:
    """What cities call otherwise than the product, by the id of the city."""
    return {city: pack.wording for city, pack in newest_packs().items() if pack.wording}


def forget_places() -> None:
    """To be called when a version is issued: its stages and its words belong to the answer."""
    newest_packs.cache_clear()
    stages_left_by.cache_clear()
    review_stages.cache_clear()


class CalendarDay(models.Model):
    """What the State Council made of a day; Monday to Friday is not enough (调休)."""

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    name = models.CharField(max_length=40, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()


MARK = "calendar-edited"


def load_calendar() -> WorkCalendar:
    """The working-day calendar, read once a process; `forget_calendar` after an edit.

    Known up to the first gap in the table; an empty table knows nothing. An edit by another process
    of this machine is seen at once, one elsewhere by the mark behind the next move's lock.
    """
    own = _entered.get()
    return _calendar(_edited_at()) if own is None else own


@contextmanager
def as_entered() -> Iterator[WorkCalendar]:
    """The calendar as the table is in this transaction, for whoever has just entered days in it and
    goes on reckoning; whoever else is served by the process is not given what may yet be undone.
    """
    own = _read_calendar()
    before = _entered.set(own)
    try:
        yield own
    finally:
        _entered.reset(before)


def calendar_with(days: Mapping[date, bool]) -> WorkCalendar:
    """The calendar as it would be with these days entered."""
    known = {**load_calendar().days, **days}
    return WorkCalendar(known, known_until=_last_before_gap(known))


_entered: ContextVar[WorkCalendar | None] = ContextVar("calendar_entered", default=None)


@lru_cache(maxsize=1)
def _calendar(edited_at: int) -> WorkCalendar:
    return _read_calendar()


def _read_calendar() -> WorkCalendar:
    days = dict(CalendarDay.objects.values_list("day", "is_working"))
    return WorkCalendar(days, known_until=_last_before_gap(days))


def _last_before_gap(days: Mapping[date, bool]) -> date:
    last = min(days, default=date.min)
    while last + DAY in days:
        last += DAY
    return last


def forget_calendar() -> None:
    """To be called after the table changed, and by long-lived workers before each sweep."""
    _calendar.cache_clear()


def calendar_edited() -> None:
    """Tell the other processes of this machine that the table has changed."""
    forget_calendar()
    mark = _mark()
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _edited_at() -> int:
    """When the table was last edited here; a look at a file costs no query."""
    try:
        # asked for every step that begins: no Path is made
        return os.stat(f"{settings.VAR_DIR}/{MARK}").st_mtime_ns
    except OSError:
        return 0


def _mark() -> Path:
    return Path(settings.VAR_DIR) / MARK
