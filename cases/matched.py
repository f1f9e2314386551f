"""How many firms work with how many partners: "431家企业与346家高校院所合作，项目564项" (003-07).

Contact records of complete forms only. Who cooperates has signed; an intention is counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from cases.nouns.matching import MatchRecord, MatchRecordQuerySet

SIGNED = Q(result=MatchRecord.Result.SIGNED)
FIGURES: dict[str, Any] = {
    "records": Count("pk"),
    "contacted_firms": Count("enterprise", distinct=True),
    "firms": Count("enterprise", filter=SIGNED, distinct=True),
    "partners": Count("folded_partner", filter=SIGNED, distinct=True),
    "institutes": Count("folded_partner", filter=SIGNED & Q(is_institute=True), distinct=True),
    "projects": Count("pk", filter=SIGNED),
    "intentions": Count("pk", filter=Q(result=MatchRecord.Result.INTENTION)),
    "talking": Count("pk", filter=Q(result=MatchRecord.Result.TALKING)),
    "no_match": Count("pk", filter=Q(result=MatchRecord.Result.NO_MATCH)),
    "amount": Sum("amount", filter=SIGNED),
}


@dataclass(frozen=True)
class Matched:
    """Figures in all, by county, by month of the meeting, by result; amounts in 10,000 yuan."""

    total: dict[str, Any]
    counties: list[dict[str, Any]]
    months: list[dict[str, Any]]
    results: list[dict[str, Any]]


def matched(
    records: MatchRecordQuerySet, *, first: date | None = None, last: date | None = None
) -> Matched:
    """The figures of the sealed records among these, met from ``first`` to ``last`` (included);
    four statements."""
    rows = records.sealed().order_by()
    if first is not None:
        rows = rows.filter(met_on__gte=first)
    if last is not None:
        rows = rows.filter(met_on__lte=last)
    months = rows.annotate(month=TruncMonth("met_on")).values("month")
    results = rows.values("result").annotate(
        records=Count("pk"),
        contacted_firms=Count("enterprise", distinct=True),
        partners=Count("folded_partner", distinct=True),
    )
    by_month: Any = months.annotate(**FIGURES).order_by("month")
    return Matched(
        total=totals(rows),
        counties=[row for _pk, row in by_county(rows)],
        months=[{"month": row["month"].strftime("%Y-%m"), **_whole(row)} for row in by_month],
        results=[
            {"result": row["result"], "label": result_label(row["result"]), **row}
            for row in results.order_by("-records", "result")
        ],
    )


def totals(records: MatchRecordQuerySet) -> dict[str, Any]:
    """``FIGURES`` of the sealed records among these; one statement."""
    return _whole(records.sealed().order_by().aggregate(**FIGURES))


def by_county(records: MatchRecordQuerySet) -> list[tuple[int, dict[str, Any]]]:
    """(county, its name and figures) in the city's order; one statement."""
    rows = records.sealed().order_by()
    grouped: Any = rows.values("case__county", "case__county__name", "case__county__position")
    grouped = grouped.annotate(**FIGURES).order_by("case__county__position", "case__county")
    return [
        (row["case__county"], {"county": row["case__county__name"], **_whole(row)})
        for row in grouped
    ]


def result_label(result: str) -> str:
    known = dict(MatchRecord.Result.choices)
    return str(known.get(result, result))


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    figures = {name: row[name] for name in FIGURES}
    return figures | {"amount": figures["amount"] or Decimal(0)}
