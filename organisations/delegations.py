"""Whose posts a person has on a day: held, or stood in for, chains resolved. Pure, no query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A post goes to a person or to another post; without ``delegation`` the person holds it."""

    post: int
    user: int | None = None
    to_post: int | None = None
    delegation: int | None = None
    reads_only: bool = False


@dataclass(frozen=True)
class Held:
    """How a post came to somebody: ``link`` is the post's own, the first of the chain."""

    link: Link
    reads_only: bool = False

    @property
    def is_own(self) -> bool:
        return self.link.delegation is None


def held_by(user: int, links: Iterable[Link]) -> dict[int, Held]:
    """Posts that a person has, by id. What one holds comes before what one stands in for, a whole
    delegation before reading only; a circle, which the verb refuses, ends by itself.
    """
    found: dict[int, Held] = {}
    to_posts: dict[int, list[Link]] = defaultdict(list)
    delegated: list[Link] = []
    for link in links:
        if link.to_post is not None:
            to_posts[link.to_post].append(link)
        elif link.user != user:
            continue
        elif link.delegation is None:
            found[link.post] = Held(link)
        else:
            delegated.append(link)
    for reads_only in (False, True):
        ahead = [link for post in list(found) for link in to_posts[post]] + delegated
        while ahead:
            link = ahead.pop()
            whole = not link.reads_only and not _reads_only(link, found)
            if link.post in found or whole == reads_only:
                continue
            found[link.post] = Held(link, reads_only)
            ahead += to_posts[link.post]
    return found


def _reads_only(link: Link, found: dict[int, Held]) -> bool:
    """Whoever only reads for a post only reads for those who delegated to it."""
    held = found.get(link.to_post) if link.to_post is not None else None
    return held is not None and held.reads_only


def closes_circle(post: int, to_post: int, links: Iterable[Link]) -> bool:
    """Whether a delegation of ``post`` to ``to_post`` would come back to ``post``."""
    onward: dict[int, set[int]] = defaultdict(set)
    for link in links:
        if link.to_post is not None:
            onward[link.post].add(link.to_post)
    met, ahead = set[int](), {to_post}
    while ahead:
        if post in ahead:
            return True
        met |= ahead
        ahead = {n for here in ahead for n in onward[here]} - met
    return False
