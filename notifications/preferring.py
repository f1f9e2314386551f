"""What a person wants to be sent: his own choice, a door away from everybody else's."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from notifications.models import Preference
from organisations.errors import Refused
from organisations.journal import changed, record
from organisations.models import AuditEvent, User
from organisations.scope import Actor

# a digest is for the beginning of the day, or for the one before it ends
HOURS = tuple(time(hour, minute) for hour in range(8, 18) for minute in (0, 30))


def preference_of(user: User) -> Preference:
    """The stored row, or the defaults unsaved."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


@transaction.atomic
def prefer(user: User, *, by: Actor, at: datetime, email: str, **chosen: Any) -> Preference:
    """Keep the address and the choices of ``user``; by himself, or by the system (command line)."""
    if not by.is_system and by.user != user:
        raise Refused("not_yours", _("Everybody chooses his own messages."))
    email = _checked(email)
    if chosen["digest_at"] not in HOURS:
        raise Refused(
            "wrong_hour", _("The digest goes out between 8:00 and 17:30, each half hour.")
        )
    was = preference_of(user)
    before = {"has_address": bool(user.email)} | {key: str(getattr(was, key)) for key in chosen}
    after = {"has_address": bool(email)} | {key: str(value) for key, value in chosen.items()}
    User.objects.filter(pk=user.pk).update(email=email)
    kept, _made = Preference.objects.update_or_create(user=user, defaults=chosen)
    record(
        AuditEvent.Kind.SETTING,
        "message_settings",
        user,
        by=by,
        at=at,
        **changed(before, after),
    )
    return kept


def _checked(email: str) -> str:
    """An address that a mail server takes, or none."""
    found = email.strip()
    if not found:
        return ""
    try:
        validate_email(found)
        found.encode("ascii")
    except (ValidationError, UnicodeEncodeError) as wrong:
        raise Refused(
            "wrong_address", _("This is no mail address. Write it as name@example.gov.cn.")
        ) from wrong
    return found
