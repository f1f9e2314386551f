"""Codes that every procedure shares: the terminal stages, under the names that cases use."""

from workflows.procedure import CARRIED_OVER, CLOSED, DELISTED, TERMINAL, WITHDRAWN

__all__ = ["CARRIED_OVER", "CLOSED", "DELISTED", "TERMINAL", "WITHDRAWN"]
