"""The same small city as for the cases."""

from tests.cases.conftest import _fresh_caches, today, world

__all__ = ["_fresh_caches", "today", "world"]
