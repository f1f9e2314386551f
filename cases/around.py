"""What a move looks at beside its case: posts, papers and forms, in one statement.

One UNION of JSON rows; each part makes instances of its model, whose other columns are deferred.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, Q, QuerySet, Value
from django.db.models.functions import JSONObject

from cases.desks import Desks, places_of, posts_at
from cases.models import Case, Evidence, FormRecord
from organisations.compiled import CompiledFor
from organisations.models import Post, Unit

M = TypeVar("M", bound=Model)

POST = ("id", "unit_id", "name", "role", "receives_work", "position")
UNIT = ("id", "kind", "region_id", "name", "short_name", "parent_id", "phone", "position")
PAPER = (
    *("id", "case_id", "criterion", "state", "submitted_by_id", "file_name", "sha256"),
    *("replaced_by_id", "valid_until", "paper", "reviewed_by_id", "on_behalf", "is_unseen"),
    *("offline_witness_account_id", "is_witnessed"),
)
FORM = ("id", "case_id", "form", "is_draft", "data", "unsound")


Lists = tuple[list[Evidence], list[FormRecord]]


@dataclass(frozen=True)
class Around:
    """Papers and forms of the firm's own cases, oldest first; read once somebody wants them."""

    desks: Desks
    read: Callable[[], Lists]

    @cached_property
    def _lists(self) -> Lists:
        return self.read()

    @property
    def papers(self) -> list[Evidence]:
        return self._lists[0]

    @property
    def forms(self) -> list[FormRecord]:
        return self._lists[1]

    def papers_of(self, case: Case) -> list[Evidence]:
        """The papers that count for a case; a remedy's lie with its parent."""
        root = case.parent_id or case.pk
        return [paper for paper in self.papers if paper.case_id == root]


def look(cases: Sequence[Case], more_units: Iterable[int] = ()) -> Around:
    """What lies around these cases; call it under their lock (of a click: ``beside``)."""
    roots = tuple(sorted({case.parent_id or case.pk for case in cases}))
    own = tuple(sorted({case.pk for case in cases}))
    return _seen(ROWS(roots, own, *places_of(cases, more_units)))


def _seen(rows: Iterable[tuple[str, str]]) -> Around:
    """What the database answered."""
    found: dict[str, list[str]] = {"post": [], "paper": [], "form": []}
    for kind, text in rows:
        found[kind].append(text)
    lists = (
        sorted(map(paper_of, map(json.loads, found["paper"])), key=age_of),
        sorted(map(form_of, map(json.loads, found["form"])), key=age_of),
    )
    return Around(_desks(tuple(sorted(set(found["post"])))), lambda: lists)


@lru_cache(maxsize=512)
def _desks(posts: tuple[str, ...]) -> Desks:
    """Kept by what the database said of each post: what has changed there is other words here."""
    return Desks(sorted(map(post_of, map(json.loads, posts)), key=order_of))


def _all(
    roots: Sequence[int], own: Sequence[int], *places: Sequence[int]
) -> QuerySet[Any, tuple[str, str]]:
    return _together(posts_at(*places), Q(case__in=roots), Q(case__in=own))


def _together(
    posts: Sequence[QuerySet[Post, Post]], of_papers: Q, of_forms: Q
) -> QuerySet[Any, tuple[str, str]]:
    # one for each way to a post: joined by OR they would be a walk through all posts there are
    first, *more = (_rows("post", one, POST, unit=UNIT) for one in posts)
    papers = _rows("paper", Evidence.objects.filter(of_papers), PAPER)
    forms = _rows("form", FormRecord.objects.filter(of_forms), FORM)
    return first.union(*more, papers, forms, all=True)


def _rows(
    kind: str, rows: QuerySet[Any], names: Collection[str], **joined: Collection[str]
) -> QuerySet[Any, Any]:
    wanted = {name: name for name in names}
    for relation, columns in joined.items():
        wanted |= {f"{relation}__{name}": f"{relation}__{name}" for name in columns}
    return rows.order_by().values_list(Value(kind), JSONObject(**wanted))


def _made(model: type[M], wanted: Collection[str], row: dict[str, Any], prefix: str = "") -> M:
    """As the database would have made it, in the order of the model's columns."""
    names = [f.attname for f in model._meta.concrete_fields if f.attname in wanted]
    made: M = model.from_db(DEFAULT_DB_ALIAS, names, [row[prefix + name] for name in names])
    return made


def post_of(row: dict[str, Any]) -> Post:
    post = _made(Post, POST, row)
    post.unit = _made(Unit, UNIT, row, prefix="unit__")
    return post


def paper_of(row: dict[str, Any]) -> Evidence:
    """JSON knows no dates."""
    until = row["valid_until"]
    return _made(
        Evidence, PAPER, row | {"valid_until": date.fromisoformat(until) if until else None}
    )


def form_of(row: dict[str, Any]) -> FormRecord:
    return _made(FormRecord, FORM, row | {key: _json(row[key]) for key in ("data", "unsound")})


def _json(value: Any) -> Any:
    """SQLite keeps JSON as text."""
    return json.loads(value) if isinstance(value, str) else value


ROWS = CompiledFor(_all, as_sent=True)


def order_of(post: Post) -> tuple[int, bool, int, int]:
    return post.unit_id, not post.receives_work, post.position, post.pk


def age_of(row: Model) -> Any:
    return row.pk
