"""Who is who: units with their posts and holders on a day, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from organisations.models import Post, Region, Tenure, Unit
from organisations.permissions import ADMINISTRATORS
from organisations.regions import fold


@dataclass(frozen=True)
class PostLine:
    """A post with who holds it on the day and who will."""

    post: Post
    holders: tuple[Tenure, ...]
    coming: tuple[Tenure, ...]


@dataclass(frozen=True)
class UnitLine:
    """A unit with its posts; ``is_vacant``: nobody does its work on the day."""

    unit: Unit
    posts: tuple[PostLine, ...]

    @property
    def is_vacant(self) -> bool:
        return not any(p.holders for p in self.posts if p.post.role not in ADMINISTRATORS)

    @property
    def lets_work_lie(self) -> bool:
        """Somebody is there, but not in the post that receives new work."""
        receiving = [line for line in self.posts if line.post.receives_work]
        return not self.is_vacant and bool(receiving) and not receiving[0].holders

    def mentions(self, text: str) -> bool:
        """Whether the unit's name, a holder's name, account or phone contains ``text``."""
        return fold(text) in fold(" ".join(self._words()))

    def _words(self) -> Iterable[str]:
        yield from (self.unit.name, self.unit.short_name)
        for line in self.posts:
            for tenure in (*line.holders, *line.coming):
                yield from (tenure.user.name, tenure.user.username, tenure.user.phone)


def roster(root: Region, on: date) -> list[UnitLine]:
    """Every unit of ``root`` and below as of a day; four queries, however many there are."""
    tenures = Tenure.objects.ahead(on).select_related("user").order_by("from_on", "id")
    units = (
        Unit.objects.within(root)
        .select_related("region__parent")
        .prefetch_related("paired_counties", "posts", Prefetch("posts__tenures", queryset=tenures))
    )
    return [_line(unit, on) for unit in units]


def _line(unit: Unit, on: date) -> UnitLine:
    return UnitLine(unit, tuple(_post_line(post, on) for post in unit.posts.all()))


def _post_line(post: Post, on: date) -> PostLine:
    ahead = list(post.tenures.all())
    return PostLine(
        post,
        holders=tuple(t for t in ahead if t.is_on(on)),
        coming=tuple(t for t in ahead if not t.is_on(on)),
    )
