"""What is typed into a search box, as a question about rows of firms."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_

from django.db.models import Q

MOST_WORDS = 6


def of_words(text: str, asked: Callable[[str], Q], *, county: str = "county__name") -> Q:
    """All that was typed as one name; or of several words each in the row or its county's name.

    ``asked``: one word as a question; ``county``: where the row has the name of its county.
    """
    words = text.split()[:MOST_WORDS]
    if len(words) < 2:
        return asked(text)
    each = [asked(word) | Q(**{f"{county}__contains": word}) for word in words]
    return asked(text) | reduce(and_, each)
