"""What a line of ``doors`` is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.outsiders.cast import EVERYBODY

People = frozenset[str]
GET, POST, BOTH = frozenset({"get"}), frozenset({"post"}), frozenset({"get", "post"})


@dataclass(frozen=True)
class Door:
    """``enters``: whose posts open the page at all; ``sees``: who sees what it names; ``may``: who
    of these may do what it does (None: all).
    """

    methods: frozenset[str] = GET
    args: tuple[str, ...] = ()
    enters: People = EVERYBODY
    sees: People | None = None
    may: People | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    query: str = ""

    def answer(self, who: str) -> int:
        """The status that this person gets; 200 for everything that is let in."""
        if who not in self.enters:
            return 403
        if self.sees is not None and who not in self.sees:
            return 404
        return 200 if self.may is None or who in self.may else 403


def page(enters: People, methods: frozenset[str] = GET, **more: object) -> Door:
    return Door(methods, enters=enters, **more)  # type: ignore[arg-type]


def of(args: str, sees: People, methods: frozenset[str] = GET, **more: object) -> Door:
    return Door(methods, tuple(args.split()), sees=sees, **more)  # type: ignore[arg-type]


def kept(args: str, enters: People, sees: People, methods: frozenset[str] = GET) -> Door:
    """A set-up page of one row: whoever has not the post for it does not come in at all."""
    return Door(methods, tuple(args.split()), enters, sees)
