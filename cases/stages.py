"""Codes that every procedure shares: the terminal stages, under the names that cases use."""

from workflows.procedure import CARRIED_OVER, CLOSED, DELISTED, TERMINAL, WITHDRAWN

__all__ = ["CARRIED_OVER", "CLOSED", "DELISTED", "TERMINAL", "UNCOUNTED", "WITHDRAWN"]

# ended without belonging to the base: left, opened by mistake, goes on in the next year
UNCOUNTED = (DELISTED, WITHDRAWN, CARRIED_OVER)
