"""What a verb refuses, it refuses in words."""


class Refused(Exception):
    """A refusal: a stable ``code`` for programs, ``words`` (translated) that say what to do."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
