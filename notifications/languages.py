"""In which language a person is written to."""

from django.conf import settings

from organisations.models import User


def language_of(user: User | None) -> str:
    return (user.language if user is not None else "") or settings.LANGUAGE_CODE
