"""Money columns, kept only with their lawful source (统计法)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from enterprises.importing.journal import Journal, create_all, update_all
from enterprises.importing.store import batches
from enterprises.models import MoneyFigure

_CENT = Decimal("0.0001")


def write_money(
    amounts: Mapping[int, Decimal], kind: str, on: date, source: str, journal: Journal
) -> None:
    """``amounts``: enterprise id → 10,000 yuan. What already stands with the same source stays."""
    stored: dict[int, MoneyFigure] = {}
    for part in batches(sorted(amounts)):
        found = MoneyFigure.objects.filter(kind=kind, on=on, enterprise__in=part)
        stored.update({figure.enterprise_id: figure for figure in found})
    created: list[MoneyFigure] = []
    updated: list[MoneyFigure] = []
    for enterprise_id, raw in amounts.items():
        amount = raw.quantize(_CENT)
        figure = stored.get(enterprise_id)
        if figure is None:
            created.append(
                MoneyFigure(
                    enterprise_id=enterprise_id,
                    kind=kind,
                    on=on,
                    amount=amount,
                    source=source,
                )
            )
        elif (figure.amount, figure.source) != (amount, source):
            journal.about_to_change(figure)
            figure.amount, figure.source = amount, source
            updated.append(figure)
    create_all(MoneyFigure, created, journal)
    update_all(MoneyFigure, updated, ("amount", "source"))
