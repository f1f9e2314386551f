"""Verbs of accounts: create, passwords, deactivate. Rights come from posts, not from here."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from organisations import permissions
from organisations.actions.posts import end_all_of
from organisations.days import day_of
from organisations.errors import Refused
from organisations.journal import changed, record
from organisations.models import AuditEvent, User
from organisations.phones import NOT_A_PHONE, is_phone
from organisations.roles import Act
from organisations.scope import Actor

KIND = AuditEvent.Kind.USER
# no 0 O 1 l I: people read it out over the phone
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 12
_ONE_TIME_ROUNDS = 1_000


def one_time_password() -> str:
    """Twelve letters and figures that cannot be mistaken for one another (about 69 bits)."""
    return "".join(secrets.choice(_LETTERS) for _place in range(_LENGTH))


@transaction.atomic
def create_user(
    *,
    username: str,
    name: str,
    phone: str = "",
    language: str = "",
    with_password: bool = True,
    by: Actor,
    at: datetime,
) -> tuple[User, str]:
    """A new account and its one-time password, which is shown once and kept nowhere.

    ``with_password=False``: nobody can sign in by password (the demo's people, single sign-on).
    """
    if not (by.is_system or by.may(Act.MANAGE_USERS)):
        raise Refused("may_not", _("Accounts are managed by the office."))
    username = folded_username(username)
    _check_username(username)
    if not name.strip():
        raise Refused("no_name", _("Give the person's name."))
    phone = _checked_phone(phone)
    password = one_time_password() if with_password else ""
    user = User(
        username=username,
        name=name.strip(),
        phone=phone,
        language=language,
        must_change_password=with_password,
        date_joined=at,
    )
    user.password = _one_time_hash(password)
    user.save()
    record(KIND, "create_user", user, by=by, at=at, username=username)
    return user, password


@transaction.atomic
def update_user(user: User, *, name: str, phone: str, by: Actor, at: datetime) -> bool:
    """Correct name and phone; False where nothing changed."""
    permissions.check_manage_user(by, user, day_of(at))
    # a number of old that nobody touches does not stand in the way of the name
    phone = phone if phone == user.phone else _checked_phone(phone)
    if (user.name, user.phone) == (name, phone):
        return False
    before = {"name": user.name, "phone": user.phone}
    user.name, user.phone = name, phone
    user.save(update_fields=["name", "phone"])
    told = changed(before, {"name": name, "phone": phone})
    record(KIND, "update_user", user, by=by, at=at, **told)
    return True


@transaction.atomic
def set_own_phone(user: User, *, phone: str, by: Actor, at: datetime) -> bool:
    """Everybody's own number: letters and messages name it; False where nothing changed."""
    if not by.is_system and (by.user is None or by.user.pk != user.pk):
        raise Refused("not_yours", _("Everybody enters his own telephone number."))
    phone = _checked_phone(phone)
    if user.phone == phone:
        return False
    before = {"phone": user.phone}
    user.phone = phone
    user.save(update_fields=["phone"])
    told = changed(before, {"phone": phone})
    record(KIND, "set_own_phone", user, by=by, at=at, **told)
    return True


@transaction.atomic
def mark(user: User, *, rank: str, is_technical: bool, by: Actor, at: datetime) -> bool:
    """职级 and 专业技术人员: what rules about groups ask for; False where nothing changed."""
    permissions.check_manage_user(by, user, day_of(at))
    if rank not in ("", *User.Rank.values):
        raise Refused("unknown_rank", _("Choose the rank from the list."))
    if (user.rank, user.is_technical) == (rank, is_technical):
        return False
    before = {"rank": user.rank, "is_technical": user.is_technical}
    user.rank, user.is_technical = rank, is_technical
    user.save(update_fields=["rank", "is_technical"])
    told = changed(before, {"rank": rank, "is_technical": is_technical})
    record(KIND, "mark_user", user, by=by, at=at, **told)
    return True


@transaction.atomic
def set_password(user: User, *, password: str, by: Actor, at: datetime) -> None:
    """A person's own new password; the mark of a one-time password goes."""
    if user.check_password(password):
        raise Refused("password_same", _("Choose a password other than the present one."))
    try:
        validate_password(password, user)
    except ValidationError as wrong:
        raise Refused("password_weak", "\n".join(wrong.messages)) from wrong
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record(KIND, "set_password", user, by=by, at=at)


@transaction.atomic
def reset_password(user: User, *, by: Actor, at: datetime) -> str:
    """A fresh one-time password for somebody who forgot his own; shown once."""
    permissions.check_manage_user(by, user, day_of(at))
    password = one_time_password()
    user.password = _one_time_hash(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    record(KIND, "reset_password", user, by=by, at=at)
    return password


@transaction.atomic
def set_language(user: User, *, language: str, by: Actor, at: datetime) -> None:
    """The language of a person's pages; a taste, so nothing is written to the trail."""
    user.language = language
    user.save(update_fields=["language"])


@transaction.atomic
def deactivate(user: User, *, by: Actor, at: datetime) -> None:
    """Shut an account: posts end today, sign-in is refused, the name stays in the history."""
    permissions.check_manage_user(by, user, day_of(at))
    if by.user is not None and by.user.pk == user.pk:
        raise Refused("own_account", _("You cannot shut your own account; ask a colleague."))
    ended = end_all_of(user, on=day_of(at))
    user.is_active = False
    user.save(update_fields=["is_active"])
    record(KIND, "deactivate", user, by=by, at=at, posts=[str(post) for post in ended])


@transaction.atomic
def activate(user: User, *, by: Actor, at: datetime) -> None:
    """Open a shut account again; posts must be given anew."""
    permissions.check_manage_user(by, user, day_of(at))
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(KIND, "activate", user, by=by, at=at)


def _one_time_hash(password: str) -> str:
    """Few rounds: 69 random bits need no stretching, and a workbook makes hundreds at once.

    The first sign-in hashes it again with the full number of rounds. "": nobody signs in by it.
    """
    if not password:
        return make_password(None)
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        return hasher.encode(password, hasher.salt(), iterations=_ONE_TIME_ROUNDS)
    return make_password(password)


def folded_username(username: str) -> str:
    """As the sign-in form reads it: NFKC and no blanks around, so that the person can enter."""
    return User.normalize_username(username).strip()


def _check_username(username: str) -> None:
    """Letters, figures and . _ - + @: a phone number or a work number."""
    try:
        User.username_validator(username)
    except ValidationError as wrong:
        raise Refused("username_wrong", " ".join(wrong.messages)) from wrong
    if not username or len(username) > 150:
        raise Refused("username_wrong", _("Give a phone number or a work number."))
    if User.objects.filter(username__iexact=username).exists():
        raise Refused("username_taken", _("%(name)s is taken already.") % {"name": username})


def _checked_phone(phone: str) -> str:
    phone = phone.strip()
    if phone and not is_phone(phone):
        raise Refused("phone_wrong", str(NOT_A_PHONE))
    return phone
