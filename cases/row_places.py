"""Places, units, posts and programmes that the lines of a ledger name, kept by the process.

They change on a few days of a year, and of the statement for a page's fifty lines the joins with
them were three quarters: a country's 2,800 counties were read whole, twice. The lines bring a mark
instead that the database gives to their present state (``organisations.place_marks``): under the
same mark what is kept holds, and what is not known is asked for. docs/adr/0066.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Model
from django.db.models.base import ModelState

from cases.models import Case
from organisations.compiled import MOST as SHAPES
from organisations.compiled import CompiledFor, ask
from organisations.models import Post, Region, Unit
from workflows.models import Programme

# rows of one kind that a process keeps: some 1 KB each
MOST = 8192
# what a case names, by its column's name
KINDS: dict[str, type[Model]] = {
    "county": Region,
    "township": Region,
    "competent_unit": Unit,
    "programme": Programme,
}
Found = dict[int, Any]


@dataclass
class Kept:
    """What is known under one mark."""

    mark: str | None = None
    rows: dict[type[Model], Found] = field(default_factory=dict)


class _Now:
    kept = Kept()


def forget() -> None:
    """As a process that has just begun."""
    _Now.kept = Kept()


def fill(lines: Sequence[Case]) -> None:
    """Give cases (``CaseQuerySet.as_lines``) what they name, and the post and its unit to their
    open steps. No statement where everything is known."""
    if not lines:
        return
    kept = _under(vars(lines[0])["places_mark"])
    steps = [step for case in lines if (step := vars(case).get("item")) is not None]
    posts = _copies(kept, {Post: {vars(step)["post_id"] for step in steps}})[Post]
    wanted: dict[type[Model], set[int]] = {Unit: {post.unit_id for post in posts.values()}}
    for name, kind in KINDS.items():
        wanted.setdefault(kind, set()).update(vars(case)[f"{name}_id"] for case in lines)
    found = _copies(kept, wanted)
    for post in posts.values():
        post._state.fields_cache["unit"] = found[Unit][post.unit_id]
    for step in steps:
        step._state.fields_cache["post"] = posts[vars(step)["post_id"]]
    for case in lines:
        row, beside = vars(case), case._state.fields_cache
        for name, kind in KINDS.items():
            key = row[f"{name}_id"]
            beside[name] = None if key is None else found[kind][key]


def _under(mark: str | None) -> Kept:
    kept = _Now.kept
    if mark is None or kept.mark != mark:
        # of whom the database gives no mark nothing is kept for the next; another thread may put
        # its own in this place meanwhile
        kept = _Now.kept = Kept(mark)
    return kept


def _copies(kept: Kept, wanted: Mapping[type[Model], set[Any]]) -> dict[type[Model], Found]:
    """Instances of one's own, as nobody's page is another's."""
    found: dict[type[Model], Found] = {}
    lacking: list[tuple[type[Model], list[int]]] = []
    for kind, keys in wanted.items():
        known = kept.rows.get(kind, {})
        found[kind] = {key: row for key in keys if (row := known.get(key)) is not None}
        lacks = sorted(key for key in keys if key is not None and key not in found[kind])
        lacking += [(kind, lacks[at : at + SHAPES]) for at in range(0, len(lacks), SHAPES)]
    for (kind, _keys), rows in zip(lacking, _asked(lacking), strict=True):
        asked = {row.pk: row for row in rows}
        found[kind] |= asked
        known = kept.rows.get(kind, {})
        # a new one, as somebody else may be reading the old one
        kept.rows[kind] = asked if len(known) + len(asked) > MOST else {**known, **asked}
    return {kind: {key: _copy(row) for key, row in rows.items()} for kind, rows in found.items()}


def _copy(row: Model) -> Model:
    """As ``reading.again``, of a row that nobody has had and that holds its columns alone."""
    one = object.__new__(type(row))
    state = ModelState()
    state.adding, state.db = False, row._state.db
    one.__dict__ = {**vars(row), "_state": state}
    return one


def _asked(lacking: Sequence[tuple[type[Model], list[int]]]) -> list[list[Any]]:
    """In one way there and back."""
    return ask(*(_by_keys(kind).asked(keys) for kind, keys in lacking)) if lacking else []


@cache
def _by_keys(kind: type[Model]) -> CompiledFor[Any]:
    return CompiledFor(lambda keys: kind._default_manager.filter(pk__in=keys))
