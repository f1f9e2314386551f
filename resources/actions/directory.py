"""Verbs of the directory: add and correct a row, end it, members, words, an expert's account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from organisations.days import day_of
from organisations.errors import Refused
from organisations.journal import changed, record
from organisations.models import AuditEvent, Region, User
from organisations.phones import masked
from organisations.scope import Actor
from resources.folds import fold_name, industry_marks, searched_text, wrong_industries
from resources.models import (
    MEMBER_VALUES,
    Directory,
    Expert,
    FieldWord,
    Level,
    Listed,
    Member,
    Resource,
)
from resources.permissions import check_edit, check_vocabulary, edits_all

KIND = AuditEvent.Kind.SETTING
Values = Mapping[str, Any]
Row = TypeVar("Row", Resource, Expert)

SHARED = (
    *("name", "region", "place", "fields", "industries", "offers", "phone", "source"),
    *("valid_from", "valid_until", "owner_unit", "kind", "level"),
)
RESOURCE_VALUES = (*SHARED, "contact")
EXPERT_VALUES = (*SHARED, "title", "institute_name", "team")


@transaction.atomic
def save_resource(
    row: Resource | None,
    values: Values,
    *,
    city: Region,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Resource:
    """Add a resource or correct one; raises ``Refused`` for a second one of the name."""
    row = _locked_resource(row, version) if row else Resource(city=city)
    told = _put(row, values, RESOURCE_VALUES, by=by, at=at)
    fold_resource(row)
    _save(row, told, by=by, at=at)
    Expert.objects.filter(city=row.city, institute=None, folded_institute=row.folded_name).update(
        institute=row
    )
    return row


@transaction.atomic
def save_expert(
    row: Expert | None,
    values: Values,
    *,
    city: Region,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Expert:
    """Add an expert or correct one; the institute is found by its name."""
    row = _locked_expert(row, version) if row else Expert(city=city)
    told = _put(row, values, EXPERT_VALUES, by=by, at=at)
    fold_expert(row)
    row.institute = Resource.objects.filter(city=row.city, folded_name=row.folded_institute).first()
    _save(row, told, by=by, at=at)
    return row


@transaction.atomic
def save_member(alliance: Resource, values: Values, *, by: Actor, at: datetime) -> Member:
    """A member of an alliance, by its name; what it shares with the others (004-06)."""
    check_edit(by, alliance.city_id, alliance.owner_unit_id)
    if alliance.kind != Resource.Kind.ALLIANCE:
        raise Refused("no_alliance", _("Only an alliance has members."))
    folded = fold_name(values["name"])
    given = {name: values[name] for name in MEMBER_VALUES if name in values}
    if given.get("until_on") and given["until_on"] <= given["from_on"]:
        raise Refused("ends_before", _("It cannot end before it began."))
    members = Member.objects.filter(alliance=alliance, folded_name=folded)
    was = members.values(*given).first()
    row, _made = members.update_or_create(alliance=alliance, folded_name=folded, defaults=given)
    told = changed(*(_written(one) for one in (was, given))) if was else {}
    record(KIND, "save_member", alliance, by=by, at=at, member=row.name, **told)
    return row


@transaction.atomic
def save_word(
    word: str, also: Sequence[str], *, city: Region, by: Actor, at: datetime
) -> FieldWord:
    """A word of the vocabulary and what else is said for it."""
    check_vocabulary(by, city.pk)
    word = word.strip()
    if not 2 <= len(word) <= 20:
        raise Refused("word_length", _("A word has 2 to 20 characters."))
    others = [other for other in dict.fromkeys(also) if other != word]
    was = FieldWord.objects.filter(city=city, word=word).values("also").first()
    row, _made = FieldWord.objects.update_or_create(city=city, word=word, defaults={"also": others})
    told = changed(was, {"also": others}) if was else {"also": others}
    record(KIND, "save_field_word", row, by=by, at=at, **told)
    touch(city)
    return row


@transaction.atomic
def drop_word(row: FieldWord, *, by: Actor, at: datetime) -> None:
    check_vocabulary(by, row.city_id)
    record(KIND, "drop_field_word", row, by=by, at=at, also=row.also)
    row.delete()
    touch(row.city)


@transaction.atomic
def link_account(row: Expert, user: User, *, by: Actor, at: datetime) -> None:
    """An outside expert may sign in: he sees himself and his own contact records."""
    if not edits_all(by, row.city_id):
        raise Refused("not_yours", _("Only the office opens an expert's account."))
    if user.tenures.exists():
        raise Refused("has_post", _("This account has a post; an expert needs one of his own."))
    row.user = user
    row.save(update_fields=["user"])
    record(KIND, "link_expert", row, by=by, at=at, username=user.username)


def touch(city: Region) -> None:
    """Indexes of this directory are out of date from now on."""
    Directory.objects.update_or_create(city=city, defaults={"stamp": Directory.fresh_stamp()})


def fold_resource(row: Resource) -> None:
    """The columns that follow from others."""
    row.folded_name = fold_name(row.name)
    row.searched = searched_text(
        row.name, row.fields, row.offers, row.place, industry_marks(row.industries)
    )


def fold_expert(row: Expert) -> None:
    row.folded_name = fold_name(row.name)
    row.folded_institute = fold_name(row.institute_name)
    row.searched = searched_text(
        row.name,
        row.institute_name,
        row.team,
        row.title,
        row.fields,
        row.offers,
        industry_marks(row.industries),
    )


def check_values(row: Listed) -> None:
    """What no row may hold; the import asks the same."""
    wrong = wrong_industries(row.industries)
    if wrong:
        raise Refused(
            "unknown_industry",
            _("“%(codes)s” is no industry: two to four digits, 06 to 46.")
            % {"codes": "、".join(wrong)},
        )
    if row.valid_until is not None and row.valid_until <= row.valid_from:
        raise Refused("ends_before", _("It cannot end before it began."))


def _locked_resource(row: Resource, version: int | None) -> Resource:
    return _checked(Resource.objects.select_for_update().get(pk=row.pk), version)


def _locked_expert(row: Expert, version: int | None) -> Expert:
    return _checked(Expert.objects.select_for_update().get(pk=row.pk), version)


def _checked(row: Row, version: int | None) -> Row:
    if version is not None and version != row.version:
        raise Refused("stale", _("Somebody has changed this entry meanwhile. Load it again."))
    return row


def _put(
    row: Resource | Expert, values: Values, names: Sequence[str], *, by: Actor, at: datetime
) -> dict[str, Any]:
    """Take what is given; whoever may not keep the row may neither take it nor give it away.

    Returns what the trail says: of a row that was there, from what to what.
    """
    if row.pk is not None:
        check_edit(by, row.city_id, row.owner_unit_id)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in names:
        if name in values:
            if row.pk is not None and _id_of(row, name) != getattr(
                values[name], "pk", values[name]
            ):
                before[name], after[name] = (_said(row, name, getattr(row, name)),
                                             _said(row, name, values[name]))  # fmt: skip
            setattr(row, name, values[name])
    if row.valid_from is None:
        row.valid_from = day_of(at)
    check_edit(by, row.city_id, row.owner_unit_id)
    check_values(row)
    return {"before": before, "after": after} if before else {}


def _id_of(row: Listed, name: str) -> Any:
    """The value of a column; of another row its id, which asks nothing."""
    return getattr(row, f"{name}_id" if name in ("region", "owner_unit") else name)


def _said(row: Resource | Expert, name: str, value: Any) -> Any:
    """A value as the trail keeps it for people: names and labels, telephones in part."""
    if name == "kind":
        return str(row.Kind(value).label) if value else ""
    if name == "level":
        return str(Level(value).label) if value else ""
    if name == "phone":
        return masked(value)
    return value if isinstance(value, list) else "" if value is None else str(value)


def _written(values: Values) -> dict[str, Any]:
    return {name: "" if one is None else str(one) for name, one in values.items()}


def _save(row: Resource | Expert, told: Values, *, by: Actor, at: datetime) -> None:
    verb = "add_resource" if row.pk is None else "update_resource"
    if row.pk is not None:
        row.version += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as twice:
        raise Refused("twice", _("The directory has this name already.")) from twice
    record(KIND, verb, row, by=by, at=at, **told)
    touch(row.city)
