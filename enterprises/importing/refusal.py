"""A whole file, or a whole import, that cannot be taken."""


class ImportRefused(Exception):
    """``code`` is stable (snake_case); ``words`` say what is wrong and what to do next."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
