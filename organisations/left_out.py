"""What of an address is no filter: a list that leaves it out says so."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

LONGEST = 40  # characters of a value that are repeated


def strays(query: Mapping[str, str], held: Mapping[str, object]) -> list[str]:
    """Each as it stands in the address; ``held``: what was understood, by the names of filters."""
    return [
        f"{name}={value[:LONGEST]}"
        for name in held
        if (value := query.get(name) or "")
        and str(held[name] or "") not in (value, value.lstrip("0"))
    ]


def left_out(query: Mapping[str, str], held: Mapping[str, object]) -> str:
    """The same in one line; empty where everything was understood."""
    found = strays(query, held)
    words = _("Not understood, and left out of the filter: %(what)s")
    return words % {"what": _(", ").join(found)} if found else ""
