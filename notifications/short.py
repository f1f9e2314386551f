"""Text messages: 70 characters, no name of a firm, and whom to call (the words of the office)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST = 70


def of_counts(figures: dict[str, Any]) -> str:
    """How many are late, near, or wait; those that are none are left out."""
    said = (
        (figures["next"] + figures["today"], _("%(n)d due within 3 working days")),
        (figures["overdue"], _("%(n)d overdue")),
        (figures["returned"], _("%(n)d sent back")),
        (figures["review"], _("%(n)d for your review")),
    )
    return _fitted(_(", ").join(words % {"n": n} for n, words in said if n))


def of_singles(count: int) -> str:
    words = ngettext("%(n)d new message for you", "%(n)d new messages for you", count)
    return _fitted(words % {"n": count})


def _fitted(words: str) -> str:
    """With the signature before and the contact behind it, as far as both fit."""
    sign = settings.SMS_SIGN or _("R&D task force")
    text = _("[%(sign)s] %(words)s. Please sign in.") % {"sign": sign, "words": words}
    if settings.CONTACT:
        longer = text + _(" Contact: %(contact)s") % {"contact": settings.CONTACT}
        text = longer if len(longer) <= LONGEST else text
    return text[:LONGEST]
