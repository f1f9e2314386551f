"""How much a person may say: what is longer is refused in words, never cut in silence."""

from __future__ import annotations

from django.utils.translation import gettext as _

from organisations.errors import Refused

LONGEST = 1000  # characters of a remark or a reason
OF_NAME = 200  # characters of a title, a source, a name


def check_length(text: str, limit: int = LONGEST) -> None:
    n = len(text.strip())
    if n > limit:
        raise Refused(
            "too_long",
            _("At most %(limit)d characters; there are %(count)d. Please shorten the text.")
            % {"limit": limit, "count": n},
        )


def excerpt(text: str, limit: int) -> str:
    """The beginning of what is kept whole elsewhere; "…" says that it goes on."""
    words = text.strip()
    return words if len(words) <= limit else f"{words[: limit - 1]}…"
