"""约定联系: firms that expect to hear from somebody by today, as a visit record agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cases.dates import day_words
from cases.ledger_known import known_to
from cases.models import CallNote, Case, Visit
from cases.outdoors import VISITING
from cases.querysets import owed_by
from enterprises.models import Membership
from enterprises.permissions import acting
from organisations.asked_again import instances_again
from organisations.roles import Act, Role
from organisations.scope import Actor

# what nobody kept for so long is an old story; the firm's file still tells it
KEPT = timedelta(days=14)
MOST = 20
HANDLERS = (
    *(Role.COUNTY_WORKER, Role.TOWNSHIP_WORKER),
    *(Role.DEPARTMENT_OFFICER, Role.LIAISON_MEMBER),
)


@dataclass(frozen=True)
class Promise:
    firm: int
    name: str
    on: date
    met: str
    words: str


def is_handler(actor: Actor) -> bool:
    """Whose workbench tells of it; who reviews and decides has it on the route, should he go."""
    return actor.has_role(*HANDLERS) or bool(actor.served_ids)


def promised_to(actor: Actor, on: date) -> list[Promise]:
    """To whoever wrote the visit up, and to whoever owes a case that it served: until somebody
    visits again, or calls up on the day or later; of firms that are his to visit. One statement."""
    if actor.user is None or not any(actor.may(act) for act in VISITING):
        return []
    key, made_with = known_to(actor, on)
    found = instances_again(("promised", key), lambda: _promised(actor, on), by=made_with)
    return [_promise(visit, on) for visit in found]


def _promised(actor: Actor, on: date) -> QuerySet[Visit]:
    visits = Visit.objects.filter(next_on__range=(on - KEPT, on), taken_back_at=None)
    again = Visit.objects.filter(enterprise=OuterRef("enterprise"), taken_back_at=None).filter(
        Q(visited_on__gt=OuterRef("visited_on"))
        | Q(visited_on=OuterRef("visited_on"), pk__gt=OuterRef("pk"))
    )
    called = CallNote.objects.filter(
        enterprise=OuterRef("enterprise"), called_on__gte=OuterRef("next_on")
    )
    cases = Case.objects.visible_to(actor).with_item()
    owed = cases.filter(owed_by(actor), visits=OuterRef("pk"))
    rows = visits.filter(~Exists(again), ~Exists(called), Q(by=actor.user) | Q(Exists(owed)))
    mine = Membership.objects.newest().visible_to(acting(actor, *VISITING))
    served = actor.served_ids if actor.may(Act.COMMENT) else ()
    his = Q(enterprise__in=mine.values("enterprise")) | Q(enterprise__in=served)
    return rows.filter(his).select_related("enterprise").order_by("next_on", "pk")[:MOST]


def _promise(visit: Visit, on: date) -> Promise:
    day = visit.next_on or on
    words = _("agreed for today") if day == on else _("agreed for %(day)s, not done yet")
    if day != on:
        words = words % {"day": day_words(day, on)}
    return Promise(visit.enterprise_id, visit.enterprise.name, day, visit.met, words)
