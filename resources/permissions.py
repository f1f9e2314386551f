"""Who may keep the directory, and who reads telephone numbers: pairs ``check_x``, ``can_x``."""

from __future__ import annotations

from django.utils.translation import gettext as _

from organisations.errors import Refused
from organisations.models import Region
from organisations.phones import masked
from organisations.roles import Act, Role
from organisations.scope import Actor
from resources.models import Listed


def edits_all(by: Actor, city_id: int) -> bool:
    """The office keeps the whole directory of its city."""
    if by.is_system:
        return True
    offices = (s for s in by.standings_for(Act.EDIT_RESOURCES) if s.role == Role.OFFICE)
    return any(s.city_id == city_id for s in offices)


def own_units(by: Actor, city_id: int) -> frozenset[int]:
    """Units whose rows a department's lead keeps."""
    held = by.standings_for(Act.EDIT_RESOURCES)
    return frozenset(s.unit_id for s in held if s.city_id == city_id and s.role != Role.OFFICE)


def check_edit(by: Actor, city_id: int, owner_unit_id: int | None) -> None:
    if edits_all(by, city_id) or owner_unit_id in own_units(by, city_id):
        return
    raise Refused(
        "not_yours",
        _("Only the office and the lead of the unit that keeps this entry change it."),
    )


def can_edit(by: Actor, row: Listed) -> bool:
    return edits_all(by, row.city_id) or row.owner_unit_id in own_units(by, row.city_id)


def can_add(by: Actor, city: Region) -> bool:
    return edits_all(by, city.pk) or bool(own_units(by, city.pk))


def check_read(by: Actor, city: Region) -> None:
    if not (by.is_system or any(s.city_id == city.pk for s in by.standings_for(Act.READ))):
        raise Refused(
            "not_yours", _("The directory is open to the officials of %(city)s.") % {"city": city}
        )


def check_vocabulary(by: Actor, city_id: int) -> None:
    if not edits_all(by, city_id):
        raise Refused("not_yours", _("Only the office edits the vocabulary of fields."))


def sees_phones(actor: Actor) -> bool:
    """Numbers in full for those who call; masked for those who only read (personal data)."""
    calls = (Act.RECORD_FORM, Act.EDIT_RESOURCES, Act.IMPORT)
    return any(actor.may(act) for act in calls)


def phone_of(row: Listed, actor: Actor) -> dict[str, str]:
    """``shown`` in full or in part; ``tel`` only for those who call."""
    if not sees_phones(actor):
        return {"shown": masked(row.phone), "tel": ""}
    return {"shown": row.phone, "tel": "".join(c for c in row.phone if c.isdigit() or c == "+")}
