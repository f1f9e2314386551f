"""A whole file, or a whole import, that cannot be taken."""

from organisations.errors import Refused


class ImportRefused(Refused):
    """``code`` is stable (snake_case); ``words`` say what is wrong and what to do next."""
