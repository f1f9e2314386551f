"""What a workbook would change: rows made or altered in memory, nothing written.

Good rows are taken when others are refused; a blank cell leaves what is there; the same file twice
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from organisations.errors import Refused
from organisations.importing import CHANGED, NEW, UNCHANGED, Finding, Report, RowRefused
from organisations.models import Region
from organisations.people_sheets import SheetSpec
from organisations.scope import Actor
from organisations.workbook import Row
from resources.actions.directory import check_values, fold_expert, fold_resource
from resources.folds import fold_name
from resources.importing.reading import Reader
from resources.importing.sheets import (
    EXAMPLE_MARK,
    EXPERT_WORDS,
    EXPERTS,
    KIND_WORDS,
    LEVEL_WORDS,
    MEMBERS,
    RESOURCES,
    WORDS,
)
from resources.models import Expert, FieldWord, Listed, Member, Resource
from resources.permissions import check_edit, edits_all, own_units


class Plan:
    """One reading of a workbook against the directory as it stands; five statements."""

    def __init__(self, city: Region, by: Actor, on: date) -> None:
        self.city, self.by, self.on = city, by, on
        self.report = Report()
        self.reader = Reader(city)
        self.resources = {row.folded_name: row for row in Resource.objects.filter(city=city)}
        experts = Expert.objects.filter(city=city)
        self.experts = {(row.folded_name, row.folded_institute): row for row in experts}
        members = Member.objects.filter(alliance__city=city).select_related("alliance")
        self.members = {(m.alliance.folded_name, m.folded_name): m for m in members}
        self.words = {row.word: row for row in FieldWord.objects.filter(city=city)}
        self.new: dict[type, list[Any]] = {m: [] for m in (Resource, Expert, Member, FieldWord)}
        self.changed: dict[type, list[Any]] = {m: [] for m in self.new}
        self._seen: set[tuple[str, ...]] = set()

    def read(self, rows: Mapping[str, list[Row]]) -> None:
        steps: tuple[tuple[SheetSpec, Callable[[Row], str]], ...] = (
            (RESOURCES, self.resource),
            (EXPERTS, self.expert),
            (MEMBERS, self.member),
            (WORDS, self.word),
        )
        for spec, take in steps:
            for row in rows.get(spec.title, []):
                if not row.text(spec.columns[0].name).startswith(EXAMPLE_MARK):
                    self._take(spec, row, take)

    def _take(self, spec: SheetSpec, row: Row, take: Callable[[Row], str]) -> None:
        first = spec.columns[0].name
        try:
            outcome = take(row)
        except RowRefused as refusal:
            self._refuse(spec, row, refusal.column, refusal.code, refusal.reason)
        except Refused as refusal:
            self._refuse(spec, row, COLUMNS.get(refusal.code, first), refusal.code, refusal.words)
        else:
            self.report.count(spec.title, outcome)

    def _refuse(self, spec: SheetSpec, row: Row, column: str, code: str, reason: str) -> None:
        finding = Finding(spec.title, row.number, spec.header(column), code, reason)
        self.report.refused.append(finding)

    def resource(self, row: Row) -> str:
        values = self.reader.values(RESOURCES, row, {"kind": KIND_WORDS, "level": LEVEL_WORDS})
        key = fold_name(values["name"])
        self._once("name", RESOURCES.title, key)
        found = self.resources.get(key)
        made, outcome = self._listed(found, Resource, values)
        if outcome != UNCHANGED:
            fold_resource(made)
            self.resources[key] = made
            self._keep(made, outcome)
        return outcome

    def expert(self, row: Row) -> str:
        values = self.reader.values(EXPERTS, row, {"kind": EXPERT_WORDS, "level": LEVEL_WORDS})
        key = (fold_name(values["name"]), fold_name(values["institute_name"]))
        if key not in self.experts and "place" not in values:
            values.setdefault("region", self.city)
        self._once("name", EXPERTS.title, *key)
        made, outcome = self._listed(self.experts.get(key), Expert, values)
        if outcome != UNCHANGED:
            fold_expert(made)
            self.experts[key] = made
            self._keep(made, outcome)
        return outcome

    def _listed(self, found: Any, model: type[Any], values: dict[str, Any]) -> tuple[Any, str]:
        """The row with the values put in, and what became of it; refused before it is touched."""
        if found is None:
            values.setdefault("valid_from", self.on)
            values.setdefault("owner_unit", self._own_unit())
            row = model(city=self.city, **values)
            check_edit(self.by, self.city.pk, row.owner_unit_id)
            check_values(row)
            return row, NEW
        different = {n: v for n, v in values.items() if _held(found, n) != _plain(v)}
        if not different:
            return found, UNCHANGED
        check_edit(self.by, self.city.pk, found.owner_unit_id)
        before = {name: getattr(found, name) for name in different}
        for name, value in different.items():
            setattr(found, name, value)
        try:
            check_edit(self.by, self.city.pk, found.owner_unit_id)
            check_values(found)
        except Refused:
            for name, value in before.items():
                setattr(found, name, value)
            raise
        found.version += 1
        return found, CHANGED

    def _own_unit(self) -> Any:
        """A department's lead adds to his own unit; the office to nobody's."""
        own = own_units(self.by, self.city.pk)
        if edits_all(self.by, self.city.pk) or len(own) != 1:
            return None
        return next((u for u in self.reader.units.values() if u.pk in own), None)

    def member(self, row: Row) -> str:
        values = self.reader.values(MEMBERS, row, {})
        alliance = self.resources.get(fold_name(values.pop("alliance")))
        if alliance is None or alliance.kind != Resource.Kind.ALLIANCE:
            raise RowRefused(
                "alliance", "unknown_alliance", _("There is no alliance of this name.")
            )
        check_edit(self.by, self.city.pk, alliance.owner_unit_id)
        key = (alliance.folded_name, fold_name(values["name"]))
        self._once("name", MEMBERS.title, *key)
        found = self.members.get(key)
        made = found or Member(alliance=alliance, folded_name=key[1], from_on=self.on)
        different = {n: v for n, v in values.items() if getattr(made, n) != v}
        until = values.get("until_on", made.until_on)
        if until is not None and until <= values.get("from_on", made.from_on):
            raise RowRefused("until_on", "ends_before", _("It cannot end before it began."))
        if found is not None and not different:
            return UNCHANGED
        for name, value in different.items():
            setattr(made, name, value)
        outcome = CHANGED if found else NEW
        self._keep(made, outcome)
        return outcome

    def word(self, row: Row) -> str:
        values = self.reader.values(WORDS, row, {})
        word = values["word"]
        if not edits_all(self.by, self.city.pk):
            raise RowRefused(
                "word", "not_yours", _("Only the office edits the vocabulary of fields.")
            )
        if not 2 <= len(word) <= 20:
            raise RowRefused("word", "word_length", _("A word has 2 to 20 characters."))
        self._once("word", WORDS.title, word)
        also = [other for other in values.get("also", []) if other != word]
        found = self.words.get(word)
        if found is not None and ("also" not in values or found.also == also):
            return UNCHANGED
        made = found or FieldWord(city=self.city, word=word)
        made.also = also
        outcome = CHANGED if found else NEW
        self._keep(made, outcome)
        return outcome

    def _once(self, column: str, *key: str) -> None:
        if key in self._seen:
            raise RowRefused(column, "twice", _("The workbook has this row twice."))
        self._seen.add(key)

    def _keep(self, row: Any, outcome: str) -> None:
        (self.new if outcome == NEW else self.changed)[type(row)].append(row)


# the column that a refusal of a verb is about
COLUMNS = {
    "not_yours": "owner_unit",
    "unknown_industry": "industries",
    "ends_before": "valid_until",
}


def _held(row: Listed, name: str) -> Any:
    return getattr(row, f"{name}_id" if name in ("region", "owner_unit") else name)


def _plain(value: Any) -> Any:
    return value.pk if hasattr(value, "pk") else value
