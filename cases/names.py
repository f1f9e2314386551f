"""Names of units and of whoever holds a post, looked up for many events at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import pgettext

from cases.models import CaseEvent
from organisations.models import Post, Tenure, Unit


@dataclass(frozen=True)
class Names:
    """Units by id, and who holds a post (or how it is called) by post id."""

    units: Mapping[int, str] = field(default_factory=dict)
    holders: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[CaseEvent], on: date) -> Names:
        """Everything that these events name; three queries at most."""
        units, posts = set[int](), set[int]()
        for event in events:
            units |= {v for k, v in event.data.items() if k.endswith("unit") and v}
            posts |= {v for k, v in event.data.items() if k.endswith("_post") and v}
        found = {u.pk: u.short_name or u.name for u in Unit.objects.filter(pk__in=units)}
        return cls(found, holders_of(posts, on) if posts else {})

    def unit(self, pk: object) -> str:
        return self.units.get(pk, "") if isinstance(pk, int) else ""

    def holder(self, pk: object) -> str:
        return self.holders.get(pk, "") if isinstance(pk, int) else ""


def holders_of(posts: Iterable[int], on: date) -> dict[int, str]:
    """Names of whoever holds each post on a day; the post's own name where nobody does."""
    wanted = set(posts)
    found: dict[int, list[str]] = {}
    tenures = Tenure.objects.on(on).filter(post_id__in=wanted).select_related("user")
    for tenure in tenures.order_by("id"):
        found.setdefault(tenure.post_id, []).append(str(tenure.user))
    for post in Post.objects.filter(pk__in=wanted - set(found)):
        found[post.pk] = [post.name]
    return {pk: pgettext("list of names", ", ").join(names) for pk, names in found.items()}
