"""Whom a case may be handed to, as people say it: name first, then the post.

改派 goes to another unit, 调整经办人 stays within one's own. A reviewer may take work on, but what
he hands in himself somebody else has to review (four eyes), so his line says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from organisations.models import Post, Tenure
from organisations.roles import Role


def hands(posts: Iterable[Post], on: date, *, with_unit: bool = False) -> list[tuple[str, str]]:
    """Choices ``post-7`` → 苏岩（经办人）; one query for the holders."""
    given = list(posts)
    units = {post.unit_id for post in given}
    held: dict[int, list[Tenure]] = {}
    reviewers = set()
    tenures = Tenure.objects.on(on).filter(post__unit_id__in=units).select_related("user", "post")
    for tenure in tenures.order_by("id"):
        held.setdefault(tenure.post_id, []).append(tenure)
        if tenure.post.role == Role.COUNTY_LEAD:
            reviewers.add((tenure.post.unit_id, tenure.user_id))
    found = []
    for post in given:
        people = held.get(post.pk, [])
        words = _named(post, people)
        if with_unit:
            words = f"{post.unit.short_name or post.unit.name} {words}"
        if any((post.unit_id, tenure.user_id) in reviewers for tenure in people):
            words = _("%(who)s, reviewer: what he hands in somebody else reviews") % {"who": words}
        found.append((f"post-{post.pk}", words))
    return found


def _named(post: Post, people: list[Tenure]) -> str:
    if not people:
        return _("%(post)s (vacant)") % {"post": post.name}
    names = pgettext("list of names", ", ").join(str(tenure.user) for tenure in people)
    return _("%(names)s (%(post)s)") % {"names": names, "post": post.name}
