"""What many tests set up alike: built once a process by the real verbs, then put back as rows."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.core.management.color import no_style
from django.core.management.commands import flush
from django.db import connection, models, transaction
from django.db.backends.base.introspection import BaseDatabaseIntrospection

from organisations.models import Region, User
from workflows import models as calendar
from workflows.calendar import WorkCalendar
from workflows.models import forget_places

# 8,401 working days, the framework's words for every model, and the database's own marks, which its
# triggers write: migrations leave them, and no test changes them for good. Making them anew after
# each test that commits would take a second
SEEDED = frozenset(
    {
        "workflows_calendarday",
        "organisations_placemark",
        "django_content_type",
        "auth_permission",
    }
)

P = ParamSpec("P")
T = TypeVar("T")
Row = Sequence[Any]


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Kept:
    """Every row that a set-up left in an empty database, and what it answered."""

    tables: tuple[Table, ...]
    answer: bytes

    @classmethod
    def of(cls, answer: object) -> Kept:
        found = [_read(model._meta.db_table) for model in _models()]
        return cls(tuple(table for table in found if table.rows), pickle.dumps(answer))

    def put_back(self) -> Any:
        """The same rows under the same ids, and a fresh copy of the answer."""
        # as one: rows refer to rows of a table that comes later
        with transaction.atomic(), connection.cursor() as cursor:
            for table in self.tables:
                # what a server's late answer wrote behind the last test's end (a paper's picture)
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table.name)}")
            for table in self.tables:
                _write(cursor, table)
            written = {table.name for table in self.tables}
            counted = [model for model in _models() if model._meta.db_table in written]
            for statement in connection.ops.sequence_reset_sql(no_style(), counted):
                cursor.execute(statement)
        forget_places()  # nothing was issued, and yet another city's plan stands here
        return pickle.loads(self.answer)


def kept(build: Callable[P, T]) -> Callable[P, T]:
    """Built in full the first time, and wherever something stands in the database already.

    Only for what leaves nothing but rows, and follows from its arguments alone.
    """
    known: dict[Any, Kept] = {}

    @wraps(build)
    def built(*args: P.args, **kwargs: P.kwargs) -> T:
        if not _is_empty():
            return build(*args, **kwargs)
        key = (args, tuple(sorted(kwargs.items())))
        if key in known:
            found: T = known[key].put_back()
            return found
        answer = build(*args, **kwargs)
        known[key] = Kept.of(answer)
        return answer

    return built


def _is_empty() -> bool:
    return not Region.objects.exists() and not User.objects.exists()


def _models() -> list[type[models.Model]]:
    """Ours, tables between them included; the framework's own rows follow from the models."""
    every = apps.get_models(include_auto_created=True)
    left = ("contenttypes", "auth", "sessions", "axes")
    return [
        model
        for model in every
        if model._meta.managed
        and not model._meta.proxy
        and model._meta.app_label not in left
        and model._meta.db_table not in SEEDED
    ]


def _read(name: str) -> Table:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
        columns = tuple(column[0] for column in cursor.description or ())
        return Table(name, columns, tuple(cursor.fetchall()))


def _write(cursor: Any, table: Table) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column) for column in table.columns)
    values = ", ".join(["%s"] * len(table.columns))
    cursor.executemany(f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({values})", table.rows)


def keep_what_migrations_left() -> None:
    """A test that commits ends with a flush of every table but these, and of nothing that has to
    be made again."""
    original = BaseDatabaseIntrospection.django_table_names

    def names(self: Any, *args: Any, **options: Any) -> list[str]:
        return [name for name in original(self, *args, **options) if name not in SEEDED]

    BaseDatabaseIntrospection.django_table_names = names  # type: ignore[method-assign]
    flush.__dict__["emit_post_migrate_signal"] = lambda *_args, **_options: None


# --- the calendar --------------------------------------------------------------------------------
DAYS = {
    "sqlite": "SELECT group_concat(day || is_working, ' ') FROM workflows_calendarday",
    "postgresql": "SELECT string_agg(day || CASE WHEN is_working THEN '1' ELSE '0' END, ' ')"
    " FROM workflows_calendarday",
}


def recall_the_calendar() -> None:
    """Whoever forgets the calendar reads it again with one statement, but few tests change it.

    Days by the thousand come as one text; a text that was seen before is not taken apart again.
    """
    calendar.__dict__["_calendar"] = lru_cache(maxsize=1)(_calendar)


def _calendar(edited_at: int) -> WorkCalendar:
    with connection.cursor() as cursor:
        cursor.execute(DAYS[connection.vendor])
        return _calendar_of(cursor.fetchone()[0] or "")


@lru_cache(maxsize=4)
def _calendar_of(text: str) -> WorkCalendar:
    days = {date.fromisoformat(one[:-1]): one[-1] == "1" for one in text.split()}
    return WorkCalendar(days, known_until=calendar._last_before_gap(days))
