"""The trail, and how long what is kept: whom they let in."""

from __future__ import annotations

from tests.outsiders.cast import ADMINISTRATORS, FAR_OFFICE, OFFICE
from tests.outsiders.doors_kinds import POST, Door, page

OFFICES = OFFICE | {FAR_OFFICE}
READERS = OFFICES | ADMINISTRATORS
TRAIL: dict[str, Door | tuple[Door, ...]] = {
    "audit": page(READERS),
    "audit_export": page(READERS),
    "audit_verify": page(OFFICES | {"audit_admin"}, POST),
    "keeping": (
        page(READERS),
        Door(POST, (), READERS, may=frozenset({"system_admin"}), data={"notices": "400"}),
    ),
}
