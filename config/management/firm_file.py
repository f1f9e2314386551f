"""A firm's file as ``manage.py firm show`` prints it: the same parts as its page."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.core.management import CommandError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases import reuse
from cases.dossier import stage_words, years_of
from cases.firm_policies import policies_for
from cases.labels import criterion_label
from cases.meanwhile import Basis
from cases.models import Case
from cases.rulebook import pack_of
from cases.visits import calls_of, visits_of
from enterprises.importing.folding import fold_code, fold_name
from enterprises.models import Enterprise, Membership, MonthlyFact, Pairing
from organisations.models import Region
from organisations.scope import Actor
from workflows.text import localised

NUMBER = re.compile(r"[0-9]{1,9}")
HAVES = ("has_institution", "has_staff", "has_spending", "has_cooperation")


def find_firm(text: str, by: Actor) -> Enterprise:
    """The one firm that a name, credit code or number means, among those that the actor sees."""
    return _only(Enterprise.objects.visible_to(by), text)


def firm_in(city: Region, text: str) -> int:
    """The same among those that have ever stood on a city's register; its number."""
    listed = Membership.objects.filter(city=city).values("enterprise")
    return int(_only(Enterprise.objects.filter(pk__in=listed), text).pk)


def _only(rows: QuerySet[Enterprise], text: str) -> Enterprise:
    found = list(rows.filter(credit_code=fold_code(text))[:2])
    found = found or list(rows.filter(folded_name=fold_name(text))[:2])
    if not found and NUMBER.fullmatch(text):  # as addresses and --json give it
        found = list(rows.filter(pk=text))
    if len(found) != 1:
        raise CommandError(_("There is no firm “%(name)s” on the register.") % {"name": text})
    return found[0]


def as_json(firm: Enterprise, by: Actor, on: date) -> dict[str, Any]:
    called = visits_of(firm, by, on)
    cities = None if by.is_system else by.city_ids
    return {
        "firm": firm.name,
        "credit_code": firm.credit_code,
        "condition": firm.condition,
        # for ``field visit --basis``: tells what others did since
        "basis": str(Basis.of(firm)),
        "register": _register(firm, by),
        "filing": _filing(firm, by, on),
        "contacts": [
            {"duty": one.duty, "name": one.name, "position": one.position}
            for one in firm.contacts.order_by("duty", "id")
        ],
        "numbers": [_number(one) for one in firm.numbers.all()],
        "pairings": _pairings(firm, by, on),
        "cases": _cases(firm, by),
        "visits": {
            "this_year": called.tally.in_year,
            "last_on": called.tally.last_on,
            "asks_to_merge": called.tally.asks_to_merge,
            "advice": called.advice,
            "list": [
                {
                    "visit": line.pk,
                    "day": line.day,
                    "way": line.way,
                    "people": line.people,
                    "met": line.met,
                    "found": line.found,
                    "next_contact": line.next_on,
                    "answers": dict(line.answers),
                    "serves": list(line.serves),
                    "photos": len(line.photos),
                    "place": line.place,
                }
                for line in called.lines
            ],
        },
        "calls": [
            {
                "day": call.day,
                "by": call.who,
                "spoke_to": call.spoke_to,
                "result": call.result,
                "next": call.next_words,
                "said": call.said,
            }
            for call in calls_of(firm, by, on)
        ],
        "papers": _papers(firm, by, on),
        "policies": [
            {"programme": one.programme.key, "policy": localised(one.policy.title)}
            for one in policies_for(firm, cities, on)
        ],
        "years": [
            {
                "year": one.year,
                "months_filed": one.filed,
                "months_known": one.months,
                "filing": one.state,
                "visits": one.visits,
                "lines": [
                    {"day": line.day, "kind": line.kind, "words": line.words} for line in one.lines
                ],
            }
            for one in years_of(firm, by, on, called)
        ],
    }


def _register(firm: Enterprise, by: Actor) -> list[dict[str, Any]]:
    rows = Membership.objects.filter(enterprise=firm)
    if not by.is_system:
        rows = rows.filter(city_id__in=by.city_ids)
    return [
        {
            "city": row.city.name,
            "county": row.county.name,
            "township": row.township.name if row.township else "",
            "industry": f"{row.industry_code} {row.industry_name}".strip(),
            "from": row.joined_on,
            "until": row.left_on,
            "reason": row.left_reason,
        }
        for row in rows.select_related("city", "county", "township").order_by("-joined_on", "-id")
    ]


def _filing(firm: Enterprise, by: Actor, on: date) -> list[dict[str, Any]]:
    rows = MonthlyFact.objects.filter(enterprise=firm, known_on__lte=on)
    if not by.is_system:
        rows = rows.filter(city_id__in=by.city_ids)
    return [
        {
            "month": fact.about_month.strftime("%Y-%m"),
            "known_on": fact.known_on,
            "registered": fact.registered,
            "filed": fact.filed,
            **{name.removeprefix("has_"): getattr(fact, name) for name in HAVES},
        }
        for fact in rows.order_by("-about_month", "-known_on")
    ]


def _number(one: Any) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "platform": one.platform,
        "number": one.number,
        "since": one.since_on,
        "until": one.until_on,
    }


def _pairings(firm: Enterprise, by: Actor, on: date) -> list[dict[str, Any]]:
    rows = Pairing.objects.visible_to(by).on(on)
    own = rows.filter(enterprise=firm).select_related("post__unit", "user", "lead", "county")
    leads = rows.filter(lead=firm).select_related("enterprise")
    return [
        *({"kind": row.kind, "with": row.target, "from": row.from_on} for row in own),
        *({"kind": "leads", "with": row.enterprise.name, "from": row.from_on} for row in leads),
    ]


def _cases(firm: Enterprise, by: Actor) -> list[dict[str, Any]]:
    rows = Case.objects.visible_to(by).filter(enterprise=firm, criterion="")
    return [
        {
            "case": case.number,
            "programme": case.programme.key,
            "procedure": case.procedure,
            "title": case.title,
            "stage": case.stage,
            "state": stage_words(case),
            "opened_on": case.opened_on,
            "closed_on": case.closed_on,
            "lacking": case.lacking,
        }
        for case in rows.select_related("programme").order_by("pk")
    ]


def _papers(firm: Enterprise, by: Actor, on: date) -> list[dict[str, Any]]:
    cities = Membership.objects.filter(enterprise=firm).values_list("city_id", flat=True).distinct()
    return [
        {
            "paper": one.paper.pk,
            "name": one.paper.file_name,
            "case": one.paper.case.number,
            "item": criterion_label(pack_of(one.paper.case.pack_version_id), one.paper.criterion),
            "criterion": one.paper.criterion,
            "state": one.paper.state,
            "accepted_by": str(one.paper.reviewed_by or ""),
            "accepted_at": one.paper.reviewed_at,
            "holds": one.holds,
            "valid_until": one.until,
        }
        for city in cities
        for one in reuse.accepted(firm, city, on=on, seen_by=by)
    ]
