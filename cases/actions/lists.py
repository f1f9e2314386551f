"""How a person has his lists: filters under names, one's columns, what the ledger opens with.

Nothing here is about a case, so nothing is written to a case's history; what is shared with others
leaves a line in the trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from cases.columns_chosen import LIST, offered
from cases.errors import NotYours, Refused
from cases.ledger import Asked
from cases.models import SavedList
from organisations import journal
from organisations.models import AuditEvent, User
from organisations.roles import Act, Role
from organisations.scope import Actor

Audience = SavedList.Audience
OF_NAME = 30
MOST = 30  # filters of one person


def audiences(by: Actor) -> list[str]:
    """With whom this person may share: leads with their unit, the office with everybody."""
    found: list[str] = [Audience.OWN]
    if by.standings_for(Act.URGE):
        found.append(Audience.UNIT)
    if by.has_role(Role.OFFICE):
        found.append(Audience.CITY)
    return found


def may_change(by: Actor, one: SavedList) -> bool:
    """One's own; a shared one also whoever may share with the same people."""
    if by.user is not None and one.owner_id == by.user.pk:
        return True
    if one.city_id is not None:
        return by.has_role(Role.OFFICE) and one.city_id in by.city_ids
    units = {standing.unit_id for standing in by.standings_for(Act.URGE)}
    return one.unit_id is not None and one.unit_id in units


@transaction.atomic
def save_list(
    *, by: Actor, at: datetime, name: str, query: str, audience: str = Audience.OWN
) -> SavedList:
    """Keep a filter under a name; the same name of the same person takes the new filter."""
    user, name = _person(by), _name(name)
    if audience not in audiences(by):
        raise NotYours("not_yours", _("Leads share with their unit, the office with everybody."))
    asked = Asked.of_query(QueryDict(query)).as_query()
    if not asked:
        raise Refused("no_filter", _("Set a filter first: this is the whole ledger."))
    if len(asked) > 400:
        raise Refused("long_filter", _("This filter is too long to be kept."))
    kept = SavedList.objects.filter(owner=user)
    if not kept.filter(name=name).exists() and kept.count() >= MOST:
        raise Refused("many_lists", _("At most %(n)d filters. Delete one first.") % {"n": MOST})
    unit = next((s.unit_id for s in by.standings_for(Act.URGE)), None)
    city = next(iter(sorted(by.city_ids)), None)
    values = {
        "query": asked,
        "unit_id": unit if audience == Audience.UNIT else None,
        "city_id": city if audience == Audience.CITY else None,
        "made_at": at,
    }
    was = _shared(kept.filter(name=name).first())
    one, _made = SavedList.objects.update_or_create(owner=user, name=name, defaults=values)
    _tell("save_list", one, by, at, was)
    return one


@transaction.atomic
def rename_list(pk: int, *, by: Actor, at: datetime, name: str) -> SavedList:
    """Another name; whoever has it as the first view keeps it."""
    one = _mine(pk, by)
    was = _shared(one)
    one.name = _name(name)
    try:
        with transaction.atomic():
            one.save(update_fields=["name"])
    except IntegrityError as error:
        raise Refused("same_name", _("You have a filter of this name.")) from error
    _tell("rename_list", one, by, at, was)
    return one


@transaction.atomic
def delete_list(pk: int, *, by: Actor, at: datetime) -> None:
    """The filter goes, for everybody with whom it was shared."""
    one = _mine(pk, by)
    _tell("delete_list", one, by, at, _shared(one))
    one.delete()


@transaction.atomic
def choose_default(pk: int | None, *, by: Actor) -> None:
    """What the ledger opens with for this person; None: everything."""
    if pk is not None and not SavedList.objects.visible_to(by).filter(pk=pk).exists():
        raise Refused("no_list", _("There is no such filter any more."))
    _keep(by, default=pk)


@transaction.atomic
def choose_columns(keys: Sequence[str], *, by: Actor) -> None:
    """Which columns, in which order; none at all: as they were made."""
    known = [column.key for column in offered(by)]
    unknown = [key for key in keys if key not in known]
    if unknown:
        words = _("There is no column “%(name)s”. There is: %(known)s.")
        raise Refused("no_column", words % {"name": unknown[0], "known": ", ".join(known)})
    _keep(by, columns=list(dict.fromkeys(keys)))


def _keep(by: Actor, **values: Any) -> None:
    user = User.objects.select_for_update().get(pk=_person(by).pk)
    user.lists = user.lists | {LIST: user.lists.get(LIST, {}) | values}
    user.save(update_fields=["lists"])
    assert by.user is not None
    by.user.lists = user.lists


def _person(by: Actor) -> User:
    if by.user is None:
        raise Refused("needs_person", _("Lists are a person's: say whose."))
    return by.user


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise Refused("no_name", _("Give the filter a name."))
    if len(name) > OF_NAME:
        words = _("The name has at most %(n)d characters.")
        raise Refused("long_name", words % {"n": OF_NAME})
    return name


def _mine(pk: int, by: Actor) -> SavedList:
    one = SavedList.objects.visible_to(by).filter(pk=pk).first()
    if one is None:
        raise Refused("no_list", _("There is no such filter any more."))
    if not may_change(by, one):
        raise NotYours("not_yours", _("Only whoever shared this filter changes it."))
    return one


def _shared(one: SavedList | None) -> dict[str, str]:
    """What others have of a filter; nothing of one's own alone."""
    if one is None or one.audience == Audience.OWN:
        return {}
    return {"name": one.name, "query": one.query, "audience": str(Audience(one.audience).label)}


def _tell(verb: str, one: SavedList, by: Actor, at: datetime, was: dict[str, str]) -> None:
    """From what to what, as others have it; a filter that is taken back from them is told too."""
    now = _shared(one) if verb != "delete_list" else {}
    if was and now:
        told = journal.changed(was, now)
    else:
        told = {key: value for key, value in (was or now).items() if key != "name"}
    if was or now:
        journal.record(AuditEvent.Kind.SETTING, verb, one, by=by, at=at, **told)
