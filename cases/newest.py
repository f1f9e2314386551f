"""What a page of a list reads beside its cases: the newest event of each, and who holds the posts.

Compiled once for so many cases (docs/adr/0017).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from itertools import chain, repeat

from django.db.models import Max, Q, QuerySet

from cases.models import Case, CaseEvent
from organisations.among import Among
from organisations.compiled import MOST, Compiled, CompiledFor
from organisations.models import Tenure

# a reminder, or who sits at the desk: no progress of the case
SILENT = ("rung", "review_rung", "evidence_ends", "hand_over", "delegate")


def newest_events(cases: Sequence[Case]) -> dict[int, CaseEvent]:
    """The newest event of each case that brought it on or spoke of it; one query."""
    known = {case.pk: case for case in cases}
    found = {event.case_id: event for event in _NEWEST(list(known))}
    for pk, event in found.items():
        event.case = known[pk]
    return found


def _newest(ids: Sequence[int]) -> QuerySet[CaseEvent]:
    # of a page they are the marks of a compiled statement, of a file one value
    these = Among("case", ids) if len(ids) > MOST else Q(case_id__in=ids)
    said = CaseEvent.objects.filter(these).exclude(verb__in=SILENT).order_by()
    newest = said.values("case_id").annotate(last=Max("id")).values("last")
    return CaseEvent.objects.filter(pk__in=newest).select_related("by", "by_post__unit")


_NEWEST = CompiledFor(_newest)


def tenures_of(on: date, posts: Collection[int], units: Collection[int]) -> list[Tenure]:
    """Who holds the posts on a day, and every post of the units; by post, the first one first."""
    lists = [_filled(sorted(keys)) for keys in (posts, units)]
    return _tenures(*map(len, lists))(on, *chain.from_iterable(lists))


def _filled(keys: list[int]) -> list[int]:
    """The last one again and again: a handful of shapes instead of one for each length."""
    return keys + keys[-1:] * ((1 << (len(keys) - 1).bit_length()) - len(keys)) if keys else keys


@cache
def _tenures(posts: int, units: int) -> Compiled[Tenure]:
    def build(on: date, *keys: int) -> QuerySet[Tenure]:
        wanted = Q(post_id__in=keys[:posts]) | Q(post__unit_id__in=keys[posts:])
        held = Tenure.objects.on(on).filter(wanted).select_related("user", "post")
        return held.order_by("post__position", "id")

    return Compiled(build, date, *repeat(int, posts + units))
