"""The list behind a number: an address whose list holds exactly what the number counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from workflows.models import Programme


def ledger_url(programme: Programme, query: str) -> str:
    """The ledger of this programme's year under a filter."""
    parts = [query, f"year={programme.statistical_year}"]
    return _address("ledger", "&".join(part for part in parts if part))


def figure_url(
    programme: Programme, on: date, figure: str, county: int | None = None, **more: str
) -> str:
    """The firms that a figure counts as of a day, of one county or of all; ``more``: of them those
    in a ``stage``, or under a ``light``."""
    asked = {"programme": programme.key, "on": on.isoformat(), "figure": figure, **more}
    if county:
        asked |= {"per": "county", "part": str(county)}
    return _address("day_figures", urlencode(asked))


def figure_urls(
    programme: Programme, on: date, figures: Iterable[str], county: int | None
) -> dict[str, str]:
    """``figure_url`` of several figures of one county: of thousands, the address is made once."""
    url = figure_url(programme, on, MARK, county)
    return {figure: url.replace(f"figure={MARK}", f"figure={figure}", 1) for figure in figures}


MARK = "-"  # no figure's name


def _address(name: str, query: str) -> str:
    try:
        return f"{reverse(name)}?{query}"
    except NoReverseMatch:
        return ""
