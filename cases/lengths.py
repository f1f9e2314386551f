"""How much a person may say in a remark or a reason."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.errors import Refused

LONGEST = 1000  # characters


def check_length(text: str) -> None:
    n = len(text.strip())
    if n > LONGEST:
        raise Refused(
            "too_long",
            _("At most %(limit)d characters; there are %(count)d. Please shorten the text.")
            % {"limit": LONGEST, "count": n},
        )
