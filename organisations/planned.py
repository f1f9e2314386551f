"""A cursor whose statements PostgreSQL plans once a connection, not each time (docs/adr/0024).

For statements whose text never changes and whose plan does not depend on the values. Every other
one goes through ``connection.cursor()``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


def planned_cursor() -> Any:
    """Use it like ``connection.cursor()``; elsewhere than on PostgreSQL it is just that.

    Where statements are logged they go with their values in them, as all others do.
    """
    backend: Any = connections[DEFAULT_DB_ALIAS]
    if backend.vendor != "postgresql" or backend.queries_logged:
        return backend.cursor()
    backend.ensure_connection()
    # of the backend's own module, which is not loaded where there is no PostgreSQL
    made = import_module(type(backend).__module__).ServerBindingCursor(backend.connection)
    return backend._prepare_cursor(made)
