"""What of an address is no filter: a list that leaves it out says so.

One rule for every list: a word that it does not know, and a filter that only other lists have, are
left out with a word. A place is an address: one that the reader does not see, or that is none, is
404 (``asked_or_404`` and its like), lest one's own list be taken for that of another county.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from django.utils.translation import gettext as _

LONGEST = 40  # characters of a value that are repeated
SEARCHED = 60  # signs of a search; the boxes take no more
# what some list is narrowed by: said by a list that is not
FILTERS = (
    *("of", "chip", "state", "stage", "kind", "procedure", "grade", "result", "only"),
    *("county", "township", "department", "unit", "post", "officer", "lead", "waits", "idle"),
    *("year", "month", "level", "division", "spending"),
)


def strays(query: Mapping[str, str], held: Mapping[str, object]) -> list[str]:
    """Each as it stands in the address; ``held``: what was understood, by the names of filters."""
    names = chain(held, (name for name in FILTERS if name not in held))
    return [
        f"{name}={value[:LONGEST]}"
        for name in names
        if (value := query.get(name) or "")
        and str(held.get(name) or "") not in (value, value.lstrip("0"))
    ]


def left_out(query: Mapping[str, str], held: Mapping[str, object], *, searches: bool = True) -> str:
    """The same in one line; empty where everything was understood. ``searches``: whether the list
    has a search (``q``)."""
    said: list[str] = []
    if found := strays(query, held if searches else {**held, "q": ""}):
        words = _("Not understood, and left out of the filter: %(what)s")
        said.append(words % {"what": _(", ").join(found)})
    if searches and len((query.get("q") or "").strip()) > SEARCHED:
        words = _("A search takes at most %(n)d signs; only the first ones were searched for")
        said.append(words % {"n": SEARCHED})
    return _("; ").join(said)
