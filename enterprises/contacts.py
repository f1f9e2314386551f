"""企业联络员: who of a firm opens its page, and the invitations by which they come."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

# no I L O U: read out over the phone, printed small, typed by hand
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans("OIL", "011")
LENGTH = 12  # of 32 letters: 60 bits
GROUP = 4


def new_code() -> str:
    """A fresh code; whoever has it enters the firm's page, so only its hash is stored."""
    return "".join(secrets.choice(LETTERS) for _place in range(LENGTH))


def cleaned(code: str) -> str:
    """As it was made, however it was typed: k7qm 3xhp-9tdv."""
    letters = "".join(c for c in code.upper() if c.isascii() and c.isalnum())
    return letters.translate(MISREAD)


def hashed(code: str) -> str:
    """What is stored of a code: keyed, so that the table alone leads nowhere."""
    return hashes(code)[0]


def hashes(code: str) -> list[str]:
    """As it was stored under each key that is still accepted, the present one first."""
    return [
        salted_hmac(
            "enterprises.invitation", cleaned(code), secret=key, algorithm="sha256"
        ).hexdigest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def in_groups(code: str) -> str:
    """K7QM-3XHP-9TDV."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


class Invitation(models.Model):
    """A firm's clerks enter by it until (not including) a day: a link, a QR code, a typed code.

    ``person`` and ``phone``: whom it is meant for, where that is known.
    """

    enterprise = models.ForeignKey(
        "enterprises.Enterprise", on_delete=models.CASCADE, related_name="invitations"
    )
    code_hash = models.CharField(max_length=64, unique=True)
    person = models.CharField(max_length=40, blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    until_on = models.DateField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    entered = models.PositiveIntegerField(default=0)
    entered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(entered=0) | Q(entered_at__isnull=False),
                name="invitation_entered_at_a_time",
            )
        ]

    if TYPE_CHECKING:
        enterprise_id: int
        made_by_id: int | None

    @property
    def last_on(self) -> date:
        """The last day on which it opens, as people name it."""
        return self.until_on - timedelta(days=1)

    def is_open(self, day: date) -> bool:
        return self.revoked_at is None and day < self.until_on


class Clerk(models.Model):
    """The link between a user and the firm whose page he may see, from a day until another.

    ``added_by``: the official who linked him, or who made the invitation by which he came.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="clerkships"
    )
    enterprise = models.ForeignKey(
        "enterprises.Enterprise", on_delete=models.CASCADE, related_name="clerks"
    )
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    invitation = models.ForeignKey(
        Invitation, null=True, blank=True, on_delete=models.SET_NULL, related_name="clerks"
    )
    # by whom and when the firm's page was shut to him again
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "enterprise"], name="clerk_once_a_firm")
        ]

    if TYPE_CHECKING:
        enterprise_id: int
        user_id: int

    def is_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)
