"""Rows for PostgreSQL as one parameter: one row and 400 rows are the same statement.

A parcel is a JSON list of objects, unpacked in the database by ``json_to_recordset``. A constant
text is planned once a connection (prepared) and needs none of the placeholders, of which ten
thousand cost the driver more than the rows themselves (docs/adr/0024).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.db import connection, models

from organisations.planned import vendor

# what JSON holds as it stands
PLAIN = (str, int, bool, type(None))
# fields whose values are what the column holds; of a subclass nothing is assumed
AS_THEY_STAND = frozenset(
    {
        models.AutoField,
        models.BigAutoField,
        models.BigIntegerField,
        models.BooleanField,
        models.CharField,
        models.DateField,
        models.DateTimeField,
        models.ForeignKey,
        models.IntegerField,
        models.JSONField,
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
        models.SmallIntegerField,
        models.TextField,
    }
)


def is_possible() -> bool:
    return vendor() == "postgresql"


def unpacked(columns: Sequence[tuple[str, str]], *, is_one: bool, name: str = "v") -> str:
    """The parcel as a table; ``columns``: name and type of each.

    Of one row PostgreSQL knows that it is one, and looks it up by its key; of a list it believes
    that there are a hundred, and reads a whole table of some thousand cases for them.
    """
    told = ", ".join(f'"{column}" {type_}' for column, type_ in columns)
    opened = "json_to_record" if is_one else "json_to_recordset"
    return f"{opened}(%s::json) AS {name}({told})"


def type_of(field: Any) -> str:
    """Without its length: a cast would cut in silence what the column refuses."""
    named = field.rel_db_type if field.is_relation or field.primary_key else field.db_type
    return str(named(connection)).split("(")[0]


def packed(columns: Sequence[str], fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """A parcel: a line for each row, its values in the order of the fields; one row is no list.

    A field that is ``None`` stands for a plain value of ours.
    """
    odd = [(place, turned) for place, f in enumerate(fields) if (turned := _turning(f))]
    lines = []
    for row in rows:
        line = dict(zip(columns, row, strict=True))
        for place, turned in odd:
            line[columns[place]] = turned(line[columns[place]])
        lines.append(line)
    return _dumps(lines[0] if len(lines) == 1 else lines)


def of_numbers(numbers: Iterable[int]) -> str:
    """An array as PostgreSQL reads it (``%s::bigint[]``): ten times as fast as the driver's list,
    which looks at each of its numbers."""
    return f"{{{','.join(map(str, numbers))}}}"


@cache
def _turning(field: Any) -> Callable[[Any], Any] | None:
    """How a value of the field becomes what the column holds, if not as it stands."""
    if field is None or type(field) in AS_THEY_STAND:
        return None

    def turned(value: Any) -> Any:
        return None if value is None else field.get_db_prep_save(value, connection)

    return turned


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


_dumps = json.JSONEncoder(ensure_ascii=False, default=_as_text).encode
