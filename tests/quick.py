"""What a framework does again and again for the same answer, done once or in a shorter way.

Only how it is done: whatever these answer, the framework's own would answer. A third of all that
the tests do is Django making the same statements and pages anew.
"""

from __future__ import annotations

import threading
from functools import lru_cache, partial
from typing import Any

from django.conf import LazySettings
from django.core.cache import caches
from django.db import connections
from django.db.backends.sqlite3.base import SQLiteCursorWrapper
from django.db.models.expressions import BaseExpression, Col
from django.utils import timezone
from django.utils.translation import trans_real


def use_short_ways() -> None:
    Col.__hash__ = _hash_of_column  # type: ignore[method-assign, assignment]
    SQLiteCursorWrapper.convert_query = _converted  # type: ignore[method-assign, assignment]
    # a setting is asked for some hundred times a page; nobody asks this proxy for what it hides
    LazySettings.__getattribute__ = object.__getattribute__  # type: ignore[method-assign]
    BaseExpression.__copy__ = _copied  # type: ignore[attr-defined]
    _keep_by_thread()


def _keep_by_thread() -> None:
    """Connections, language and time zone belong to a thread; that they could belong to a
    coroutine, which we have none of, costs ten calls for each statement and each text."""
    for handler in (connections, caches):
        handler.__dict__["_connections"] = threading.local()
    for module in (trans_real, timezone):
        module.__dict__["_active"] = threading.local()


def _hash_of_column(column: Any) -> int:
    """Columns alike have names alike; Django asks ``inspect``, for each of each ordered query."""
    return hash((column.alias, column.target.column))


def _copied(expression: Any) -> Any:
    """As ``copy`` has it from ``__reduce_ex__`` and ``__getstate__``."""
    made = object.__new__(type(expression))
    made.__dict__.update(expression.__dict__)
    made.__dict__.pop("convert_value", None)
    return made


_convert = SQLiteCursorWrapper.convert_query
_known = lru_cache(maxsize=2048)(partial(_convert, None))  # type: ignore[arg-type]


def _converted(cursor: Any, query: str, *, param_names: Any = None) -> str:
    """The same statements come again and again; each is searched for its places once."""
    found: str = (
        _known(query) if param_names is None else _convert(cursor, query, param_names=param_names)
    )
    return found
