"""The filters over the ledger, for components/filters.html."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.columns import sees_counties
from cases.ledger import LINKED_SCOPES, SCOPES, Asked, Ledger
from cases.ledger_choices import Choices
from cases.views.ledger_choices import (
    NONE,
    grade_choices,
    idle_choices,
    is_citys_department,
    stage_choices,
    waits_choices,
    year_choices,
)
from organisations.models import Unit
from organisations.scope import Actor
from workflows.packs import Pack
from workflows.text import localised

Select = tuple[str, str, str, Sequence[tuple[Any, Any]]]


def filters_of(
    ledger: Ledger, offered: Choices, units: Iterable[Unit], people: Sequence[tuple[int, str]]
) -> dict[str, Any] | None:
    """A select shows only where there is something to choose; none before a programme is issued."""
    pack, asked = ledger.pack, ledger.asked
    if pack is None:
        return None
    selects: list[Select] = [
        *_by_case(pack, asked, offered),
        *_by_place(ledger.actor, asked, offered),
        ("year", _("years"), asked.year, year_choices(offered.years, asked.year)),
        ("waits", _("Waiting for"), asked.waits, waits_choices()),
        ("idle", _("Without progress"), str(asked.idle or ""), idle_choices(asked.idle)),
        ("department", _("departments"), _id(asked, "department"), _named(units, ledger.actor)),
        ("post", _("handlers"), _id(asked, "post"), people),
    ]
    return {
        "action": reverse("ledger"),
        "target": "#ledger",
        "keep": {n: v for n in ("chip", "sort") if (v := getattr(asked, n))},
        "active": asked.active,
        "clear": f"{reverse('ledger')}?of=",
        "search": {
            "name": "q",
            "value": asked.q,
            "label": _("Search in the ledger"),
            "placeholder": _("Firm, code, pinyin, number"),
        },
        "selects": [
            {"name": n, "label": label, "value": value, "choices": choices, "none": NONE.get(n)}
            for n, label, value, choices in selects
            if choices
        ],
    }


def _by_case(pack: Pack, asked: Asked, offered: Choices) -> list[Select]:
    linked = LINKED_SCOPES - {asked.of}
    scopes = [(key, words) for key, words in SCOPES.items() if key and key not in linked]
    grades = [] if asked.procedure else grade_choices(pack)
    return [
        ("of", pgettext("filter", "firms"), asked.of, scopes),
        ("procedure", _("kinds of case"), asked.procedure, _kinds(pack, asked, offered)),
        ("stage", _("stages"), asked.stage, stage_choices(pack, asked.procedure)),
        ("grade", _("classes"), asked.grade, grades),
    ]


def _by_place(actor: Actor, asked: Asked, offered: Choices) -> list[Select]:
    """Counties or townships; then who leads and who serves firms in sight (000-24, 003-03)."""
    county = ("county", _("counties"))
    place = county if sees_counties(actor) else ("township", _("townships (parks)"))
    names = (place, ("lead", _("lead firms")), ("officer", _("service officers")))
    lists = zip(names, (offered.places, offered.leads, offered.officers), strict=True)
    return [(name, label, _id(asked, name), list(rows)) for (name, label), rows in lists]


def _kinds(pack: Pack, asked: Asked, offered: Choices) -> list[tuple[str, str]]:
    """事项类别: what there is besides the firms' own cases, with how many are open."""
    counts = offered.kinds
    return [
        (key, f"{localised(one.title)} {counts.get(key, 0)}")
        for key, one in pack.procedures.items()
        if key != pack.root.key and (counts.get(key) or key == asked.procedure)
    ]


def _named(units: Iterable[Unit], actor: Actor) -> list[tuple[int, str]]:
    return [(u.pk, u.short_name or u.name) for u in units if is_citys_department(u, actor)]


def _id(asked: Asked, name: str) -> str:
    value = asked.ids.get(name)
    return str(value) if value else ""
