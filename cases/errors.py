"""What a verb answers when it does not act: in words, with the next step."""

from __future__ import annotations


class Refused(Exception):
    """The state or the policy does not allow it; nothing was written.

    ``code`` is stable (tests, JSON), ``words`` are for people and say what to do next.
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


class NotYours(Refused):
    """This person may not do it here, whatever the state."""


class Stale(Refused):
    """Somebody else acted first; the page shows an older state."""
