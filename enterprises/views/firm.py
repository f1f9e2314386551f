"""一企一档: one page for each firm, whatever programmes it is in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enterprises.filing import HAVES, filing_words
from enterprises.industries import division_of
from enterprises.models import Contact, Enterprise, Membership, MonthlyFact
from enterprises.permissions import can_keep
from organisations import clock
from organisations.markers import ActorRequest, scoped
from organisations.phones import masked
from organisations.roles import Act
from organisations.scope import Actor

# months of facts that the page shows
MONTHS = 24
# fragments from above: in the wide column, and beside it
PARTS = ("firm_visits", "firm_papers", "firm_years")
ASIDE = ("firm_pairings", "firm_policies", "firm_talk")


@require_safe
@scoped(Act.READ)
def firm(request: ActorRequest, pk: int) -> HttpResponse:
    """URL name ``firm``; a firm that the actor may not see is 404."""
    actor, today = request.actor, clock.today()
    found = Enterprise.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    rows = _rows(found, actor)
    facts = list(
        MonthlyFact.objects.filter(
            enterprise=found, city_id__in=actor.city_ids, known_on__lte=today
        ).order_by("-about_month", "-known_on")[:MONTHS]
    )
    current = next((r for r in rows if r.left_on is None or r.left_on > today), None)
    return render(
        request,
        "enterprises/firm.html",
        {
            "firm": found,
            "rows": rows,
            "current": current,
            "left": None if current else next(iter(rows), None),
            "facts": _facts(found, current or next(iter(rows), None)),
            "newest": filing_words(facts[0] if facts else None),
            "months": [_month(fact) for fact in facts],
            "haves": list(HAVES.values()),
            "contacts": _contacts(found, actor),
            "numbers": list(found.numbers.all()),
            "may_keep": can_keep(actor, found),
            "cases_url": _above("case_fragment", found),
            "parts": [url for name in PARTS if (url := _above(name, found))],
            "aside": [url for name in ASIDE if (url := _above(name, found))],
        },
    )


def clerks_on(firm: Enterprise, day: date) -> int:
    """How many of the firm's people see its page."""
    return sum(one.is_on(day) for one in firm.clerks.all())


def _rows(firm: Enterprise, actor: Actor) -> list[Membership]:
    """The firm's stays on the registers of the actor's cities, the last first."""
    rows = Membership.objects.filter(enterprise=firm, city_id__in=actor.city_ids)
    return list(rows.select_related("city", "county", "township").order_by("-joined_on", "-id"))


def _facts(firm: Enterprise, row: Membership | None) -> list[dict[str, Any]]:
    """For components/fact.html: what the register says of the firm."""
    facts: list[dict[str, Any]] = [
        {
            "name": _("Credit code"),
            "value": firm.credit_code or _("none"),
            "note": firm.code_note and _("check digit accepted: %(why)s") % {"why": firm.code_note},
        },
        {"name": _("Production status"), "value": firm.get_condition_display()},
    ]
    if row is not None:
        division = division_of(row.industry_code)
        facts += [
            {"name": _("County"), "value": row.county},
            {"name": _("Township or park"), "value": row.township or ""},
            {
                "name": _("Industry"),
                "value": f"{row.industry_code} {row.industry_name}".strip(),
                "note": f"{division.code} {division.label}" if division else "",
            },
            {"name": _("Ownership"), "value": row.ownership},
            {"name": _("Listed in the bureau's register"), "value": row.listed_text},
        ]
    if firm.address:
        facts.append({"name": _("Address"), "value": firm.address})
    return facts


def _month(fact: MonthlyFact) -> dict[str, Any]:
    return {
        "fact": fact,
        "words": filing_words(fact),
        "haves": [(name, getattr(fact, have)) for have, name in HAVES.items()],
    }


def _contacts(firm: Enterprise, actor: Actor) -> list[dict[str, Any]]:
    """Numbers in full for those who call; masked for those who only read (personal data)."""
    calls = actor.may(Act.RECORD_FORM) or actor.may(Act.IMPORT)
    rows: Sequence[Contact] = list(firm.contacts.order_by("duty", "id"))
    return [
        {
            "name": row.name,
            "duty": row.get_duty_display(),
            "position": row.position,
            "phone": row.phone if calls else masked(row.phone),
            "tel": "".join(c for c in row.phone if c.isdigit() or c == "+") if calls else "",
        }
        for row in rows
    ]


def _above(name: str, firm: Enterprise) -> str:
    """A part of the file that lives a floor above, by its URL name."""
    try:
        return reverse(name, args=[firm.pk])
    except NoReverseMatch:
        return ""
