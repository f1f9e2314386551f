"""What a move looks at beside its one case, as columns of the question about the case itself.

Lists of JSON rows, put together by the database: with the case and its open step they are one
statement. Written by hand, as Django has no words for it (docs/adr/0040); the same in the ORM is
``around.look``, which the test compares it with, and which serves many cases.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model, TextField
from django.db.models.expressions import RawSQL

from cases.around import (
    FORM,
    PAPER,
    POST,
    UNIT,
    Around,
    Lists,
    age_of,
    form_of,
    look,
    order_of,
    paper_of,
    post_of,
)
from cases.desks import Desks
from cases.models import Case, Evidence, FormRecord, WorkItem
from organisations import place_marks
from organisations.models import Post, Unit
from workflows.models import Programme


class Part(NamedTuple):
    """One list: what the columns of a row are called in the statement and by us, and its rows."""

    columns: tuple[str, ...]
    keys: tuple[str, ...]
    rows: str


def _table(model: type[Model]) -> str:
    return f'"{model._meta.db_table}"'


# each way to a post by itself (``desks.posts_at``): the case's units, its city's office, the force
# of its county where somebody else handles a firm's matter, its township
POSTS = Part(
    (*(f"p.{name}" for name in POST), *(f"u.{name}" for name in UNIT)),
    (*POST, *(f"unit__{name}" for name in UNIT)),
    f"""FROM {_table(Case)} c
    JOIN {_table(Programme)} g ON g.id = c.programme_id
    JOIN {_table(Unit)} u ON u.id = c.responsible_unit_id OR u.id = c.competent_unit_id
      OR u.id = c.liaison_unit_id
      OR (u.kind = '{Unit.Kind.OFFICE}' AND u.region_id = g.city_id)
      OR (u.kind = '{Unit.Kind.TOWNSHIP}' AND u.region_id = c.township_id)
      OR (u.kind = '{Unit.Kind.TASK_FORCE}' AND u.region_id = c.county_id
          AND c.enterprise_id IS NOT NULL AND NOT c.is_main AND c.criterion = '')
    JOIN {_table(Post)} p ON p.unit_id = u.id
    WHERE c.id = %s""",
)
PAPERS = Part(
    tuple(f"p.{name}" for name in PAPER),
    PAPER,
    f"""FROM {_table(Evidence)} p
    WHERE p.case_id = (SELECT COALESCE(c.parent_id, c.id) FROM {_table(Case)} c WHERE c.id = %s)""",
)
FORMS = Part(
    tuple(f"p.{name}" for name in FORM),
    FORM,
    f"FROM {_table(FormRecord)} p WHERE p.case_id = %s",
)
PARTS = {"near_posts": POSTS, "near_papers": PAPERS, "near_forms": FORMS}


def columns(pk: int, *, with_posts: bool, with_papers: bool) -> dict[str, RawSQL]:
    """To be asked with the open steps of a case and of its children, whose rows have none; and
    the mark of whatever ``near`` keeps."""
    left_out = {"near_posts": not with_posts, "near_papers": not with_papers}
    left_out["near_forms"] = not with_papers
    wanted = {name: part for name, part in PARTS.items() if not left_out[name]}
    own = f'{_table(WorkItem)}."process_id" = %s'
    mark = place_marks.current(connection.vendor)
    return {"near_mark": mark} | {
        name: RawSQL(
            f"(CASE WHEN {own} THEN (SELECT {_list_of(part)} {part.rows}) END)",
            [pk, pk],
            TextField(),
        )
        for name, part in wanted.items()
    }


def _list_of(part: Part) -> str:
    names = ", ".join(part.columns)
    if connection.vendor == "postgresql":
        return f"json_agg(json_build_array({names}))::text"
    return f"json_group_array(json_array({names}))"


def desks(item: Any) -> Desks:
    """What the column of a case's step says of the posts around it."""
    return Desks(sorted(map(post_of, _rows(item.near_posts, POSTS)), key=order_of))


def around(item: Any, posts: Desks, *, with_papers: bool) -> Around:
    """What the columns of a case's step say; without the papers they are asked for when wanted."""

    def said() -> Lists:
        return (
            sorted(map(paper_of, _rows(item.near_papers, PAPERS)), key=age_of),
            sorted(map(form_of, _rows(item.near_forms, FORMS)), key=age_of),
        )

    def asked() -> Lists:
        found = look([item.process])
        return found.papers, found.forms

    return Around(posts, said if with_papers else asked)


def _rows(told: str | None, part: Part) -> list[dict[str, Any]]:
    if told is None or told == "[]":
        return []
    return [dict(zip(part.keys, row, strict=True)) for row in json.loads(told)]
