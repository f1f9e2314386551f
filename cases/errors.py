"""What a verb answers when it does not act: in words, with the next step."""

from organisations.errors import Refused

__all__ = ["NotYours", "Refused", "Stale"]


class NotYours(Refused):
    """This person may not do it here, whatever the state."""


class Stale(Refused):
    """Somebody else acted first; the page shows an older state."""
