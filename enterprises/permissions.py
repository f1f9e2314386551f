"""Who may write on a firm's file: one of the posts that allow an act must open the firm."""

from __future__ import annotations

from collections.abc import Collection

from enterprises.models import Enterprise
from organisations.roles import Act
from organisations.scope import Actor


def acting(actor: Actor, *acts: Act) -> Actor:
    """The same person with only those posts that allow one of ``acts``."""
    if actor.is_system:
        return actor
    posts = tuple(s for s in actor.standings if any(act in s.acts for act in acts))
    return Actor(actor.user, actor.day, posts)


def may_write(actor: Actor, firms: Collection[int], *acts: Act) -> frozenset[int]:
    """Of these firms the ones that such a post opens; one query."""
    if actor.is_system:
        return frozenset(firms)
    rows = Enterprise.objects.visible_to(acting(actor, *acts)).filter(pk__in=list(firms))
    return frozenset(rows.values_list("pk", flat=True))


# whoever writes up visits, and the office
KEEPING = (Act.RECORD_FORM, Act.IMPORT)


def can_keep(actor: Actor, firm: Enterprise) -> bool:
    """Whether the actor keeps the firm's numbers."""
    return firm.pk in may_write(actor, [firm.pk], *KEEPING)
