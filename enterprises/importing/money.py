"""Money columns, kept only with their lawful source (统计法)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db.models import F, Q

from enterprises.importing.journal import Journal, create_all, update_all
from enterprises.importing.store import batches
from enterprises.models import MoneyFigure

_CENT = Decimal("0.0001")


def write_money(
    amounts: Mapping[int, Decimal],
    kind: str,
    on: date,
    source: str,
    journal: Journal,
    *,
    known_on: date | None = None,
) -> None:
    """``amounts``: enterprise id → 10,000 yuan. What already stands with the same source stays;
    what became known later than the day it describes stands beside what was known before."""
    later = known_on if known_on is not None and known_on > on else None
    stored: dict[int, MoneyFigure] = {}
    for part in batches(sorted(amounts)):
        found = MoneyFigure.objects.filter(kind=kind, on=on, enterprise__in=part)
        known = Q(known_on=None) if later is None else Q(known_on=None) | Q(known_on__lte=later)
        in_order = found.filter(known).order_by(F("known_on").asc(nulls_first=True))
        stored.update({figure.enterprise_id: figure for figure in in_order})
    created: list[MoneyFigure] = []
    updated: list[MoneyFigure] = []
    for enterprise_id, raw in amounts.items():
        amount = raw.quantize(_CENT)
        figure = stored.get(enterprise_id)
        same = figure is not None and (figure.amount, figure.source) == (amount, source)
        if figure is None or (figure.known_on != later and not same):
            created.append(
                MoneyFigure(
                    enterprise_id=enterprise_id,
                    kind=kind,
                    on=on,
                    known_on=later,
                    amount=amount,
                    source=source,
                )
            )
        elif not same:
            journal.about_to_change(figure)
            figure.amount, figure.source = amount, source
            updated.append(figure)
    create_all(MoneyFigure, created, journal)
    update_all(MoneyFigure, updated, ("amount", "source"))
