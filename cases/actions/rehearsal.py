"""What a bulk verb would do: it runs, tells, and is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

T = TypeVar("T")


def rehearse(verb: Callable[[], T]) -> T:
    """The verb's result; nothing of it stays in the database."""
    with transaction.atomic():
        result = verb()
        transaction.set_rollback(True)
    return result
