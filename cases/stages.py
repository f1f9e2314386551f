"""Codes that every procedure shares: terminal stages and the marks of an open item."""

from typing import Final

CLOSED: Final = "closed"
DELISTED: Final = "delisted"
WITHDRAWN: Final = "withdrawn"
CARRIED_OVER: Final = "carried_over"

TERMINAL: Final[tuple[str, ...]] = (CLOSED, DELISTED, WITHDRAWN, CARRIED_OVER)
