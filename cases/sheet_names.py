"""Names of places, units, posts and people that the lines of a file say, asked for once a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from django.utils.translation import pgettext

from cases.names import Names
from cases.newest import tenures_of
from organisations.among import Among
from organisations.models import Post, Region, Unit, User
from workflows.models import Programme

Known = TypeVar("Known")
# keys as lines bring them: the same ones again, and None
Keys = Iterable[int | None]


class SheetNames:
    """What is known so far, by key. Each of its methods asks for what is not, by one statement (of
    posts by two: who holds them)."""

    def __init__(self, on: date, units: dict[int, str]) -> None:
        """``units``: those that sentences name; without any, whichever they do."""
        self.on, self.are_given = on, bool(units)
        self.regions: dict[int, str] = {}
        self.units: dict[int, str] = {}
        self.posts: dict[int, Post] = {}
        self.users: dict[int, User] = {}
        self.programmes: dict[int, Programme] = {}
        # who holds a post, or how it is called where nobody does
        self.holders: dict[int, str] = {}
        # as sentences name them
        self.said = Names(units if self.are_given else self.units, self.holders)

    def learn_regions(self, keys: Keys) -> None:
        def asked(new: list[int]) -> dict[int, str]:
            return dict(Region.objects.filter(Among("id", new)).values_list("pk", "name"))

        _learn(self.regions, keys, asked)

    def learn_units(self, keys: Keys) -> None:
        def asked(new: list[int]) -> dict[int, str]:
            rows = Unit.objects.filter(Among("id", new)).values_list("pk", "short_name", "name")
            return {pk: short or name for pk, short, name in rows}

        _learn(self.units, keys, asked)

    def learn_posts(self, keys: Keys) -> None:
        def asked(new: list[int]) -> dict[int, Post]:
            rows = Post.objects.filter(Among("id", new)).select_related("unit")
            found = {post.pk: post for post in rows}
            self.holders |= {pk: post.name for pk, post in found.items()} | self._held(new)
            return found

        _learn(self.posts, keys, asked)

    def learn_users(self, keys: Keys) -> None:
        def asked(new: list[int]) -> dict[int, User]:
            rows = User.objects.filter(Among("id", new)).only("name", "username")
            return {user.pk: user for user in rows}

        _learn(self.users, keys, asked)

    def learn_programmes(self, keys: Keys) -> None:
        _learn(self.programmes, keys, Programme.objects.in_bulk)

    def _held(self, posts: list[int]) -> dict[int, str]:
        held: dict[int, list[str]] = {}
        for tenure in tenures_of(self.on, posts, ()):
            held.setdefault(tenure.post_id, []).append(str(tenure.user))
        comma = pgettext("list of names", ", ")
        return {pk: comma.join(people) for pk, people in held.items()}


def _learn(
    known: dict[int, Known], keys: Keys, asked: Callable[[list[int]], dict[int, Known]]
) -> None:
    # what the database does not have (no key of the trail's is checked) is asked for again
    new = sorted({key for key in keys if key is not None and key not in known})
    if new:
        known |= asked(new)
