"""How commands name posts and people."""

from __future__ import annotations

from django.core.management import CommandError
from django.db.models import Q
from django.utils.translation import gettext as _

from organisations.actions.users import folded_username
from organisations.models import Post, Region, User


def post_of(text: str, city: Region | None = None) -> Post:
    """``青岭县工作专班/经办人``: unit by its name or short name, then the post's name."""
    unit, slash, name = text.rpartition("/")
    if not slash:
        raise CommandError(_("Write a post as UNIT/POST: “%(text)s”.") % {"text": text})
    posts = Post.objects.filter(Q(unit__name=unit) | Q(unit__short_name=unit), name=name)
    if city is not None:
        posts = posts.filter(unit__region__path__startswith=city.path)
    found = list(posts.select_related("unit__region")[:2])
    if not found:
        raise CommandError(_("There is no post “%(text)s”.") % {"text": text})
    if len(found) > 1:
        raise CommandError(
            _("There are several posts “%(text)s”. Say which city: --city.") % {"text": text}
        )
    return found[0]


def account_of(name: str) -> User:
    """An open account by its name."""
    user = User.objects.filter(username__iexact=folded_username(name), is_active=True).first()
    if user is None:
        raise CommandError(_("There is no account “%(name)s”.") % {"name": name})
    return user
