"""A firm's state in the provincial system in words: what a row or a page says of its facts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from enterprises.models import MonthlyFact

# the Four Haves by field of a fact
HAVES = {
    "has_institution": _("R&D institution"),
    "has_staff": _("R&D staff"),
    "has_spending": _("R&D spending"),
    "has_cooperation": _("Research cooperation"),
}


class Filing(models.TextChoices):
    """未注册 / 已注册未填报 / 已填报 / 四有齐全, and nothing known."""

    UNKNOWN = "unknown", _("Nothing known yet")
    UNREGISTERED = "unregistered", _("Not registered")
    REGISTERED = "registered", _("Registered, not filed")
    FILED = "filed", _("Filed, something missing")
    COMPLETE = "complete", _("All four there")


def filing_of(fact: MonthlyFact | None) -> Filing:
    if fact is None:
        return Filing.UNKNOWN
    if not fact.registered:
        return Filing.UNREGISTERED
    if not fact.filed:
        return Filing.REGISTERED
    return Filing.FILED if missing_haves(fact) else Filing.COMPLETE


def is_in(state: Filing) -> Q:
    """``filing_of`` as a question about facts; nothing is known of a firm without one."""
    complete = Q(**dict.fromkeys(HAVES, True))
    asked = {
        Filing.UNKNOWN: Q(pk__in=[]),
        Filing.UNREGISTERED: Q(registered=False),
        Filing.REGISTERED: Q(registered=True, filed=False),
        Filing.FILED: Q(registered=True, filed=True) & ~complete,
        Filing.COMPLETE: Q(registered=True, filed=True) & complete,
    }
    return asked[state]


def missing_haves(fact: MonthlyFact) -> int:
    return sum(not getattr(fact, have) for have in HAVES)


def filing_words(fact: MonthlyFact | None) -> str:
    """As the register's page says it: 已填报(缺2项)."""
    state = filing_of(fact)
    if fact is None or state != Filing.FILED:
        return str(state.label)
    lacking = missing_haves(fact)
    return ngettext("Filed (%(n)d missing)", "Filed (%(n)d missing)", lacking) % {"n": lacking}
