"""省通报口径: a month's figures as the province published them, pasted by the office."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.translation import gettext as _

from cases.errors import NotYours, Refused
from cases.permissions import refusal
from organisations.journal import record
from organisations.models import AuditEvent, Region
from organisations.roles import Act
from organisations.scope import Actor
from reports.figures.nouns import RATES, PublishedRate
from workflows.models import Programme
from workflows.packs import fold_county

CELLS = re.compile(r"[\t,，;；]+|\s{2,}| ")
FIGURE = re.compile(r"[0-9.]+|[-—/]?")
NOTHING = ("", "-", "—", "/")
# how the province's own tables call the city's line
WHOLE = "全市"


@transaction.atomic
def publish(
    programme: Programme,
    month: date,
    text: str,
    *,
    cut_off: date,
    source: str,
    by: Actor,
    at: datetime,
) -> int:
    """One line for the city or a county: name, base, filing rate, coverage rate, Four Haves rate;
    what the province did not publish is a dash. Replaces what was kept of the month."""
    if not by.may_in(Act.ISSUE_DOCUMENT, programme.city):
        raise NotYours("not_yours", refusal(Act.ISSUE_DOCUMENT))
    if not source.strip():
        raise Refused("no_source", _("Say where it was published, such as the paper's number."))
    counties = {fold_county(one.name): one for one in Region.objects.counties_of(programme.city)}
    city = dict.fromkeys(("", fold_county(programme.city.name)))
    places: dict[str, Region | None] = {**counties, **city}
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            rows.append(_row(number, line, places))
    if not rows:
        raise Refused("nothing", _("Paste at least the line of the city."))
    if len({region.pk if region else 0 for region, *_rest in rows}) < len(rows):
        raise Refused("twice", _("A county stands there twice."))
    month = month.replace(day=1)
    PublishedRate.objects.filter(programme=programme, month=month).delete()
    PublishedRate.objects.bulk_create(
        PublishedRate(
            programme=programme,
            month=month,
            county=region,
            base=base,
            **dict(zip(RATES, rates, strict=True)),
            cut_off=cut_off,
            source=source.strip()[:120],
            by=by.user,
            at=at,
        )
        for region, base, rates in rows
    )
    record(
        AuditEvent.Kind.SETTING, "publish", programme, by=by, at=at,
        month=month.isoformat(), rows=len(rows),
    )  # fmt: skip
    return len(rows)


def _row(
    number: int, line: str, places: dict[str, Region | None]
) -> tuple[Region | None, int | None, list[Decimal | None]]:
    cells = [cell.strip().rstrip("%％") for cell in CELLS.split(line.strip())]
    # names hold blanks in the papers (001-27: "嵩  县"); the first figure ends the name
    begins = next((n for n, cell in enumerate(cells) if FIGURE.fullmatch(cell)), len(cells))
    name, values = "".join(cells[:begins]), cells[begins:]
    place = "" if name.startswith(WHOLE) else fold_county(name)
    if place not in places:
        words = _("Line %(n)d: “%(name)s” is neither this city nor one of its counties.")
        raise Refused("unknown_place", words % {"n": number, "name": name[:20]})
    try:
        base, *rates = [None if v in NOTHING else Decimal(v) for v in values]
    except (InvalidOperation, ValueError):
        rates, base = [], None
    rates += [None] * (len(RATES) - len(rates))
    fits = all(rate is None or 0 <= rate <= 100 for rate in rates)
    whole = base is None or base == int(base) >= 0
    if len(values) < 2 or len(rates) != len(RATES) or not fits or not whole:
        words = _(
            "Line %(n)d: write name, base, filing rate, coverage rate, Four Haves rate; a dash for "
            "what was not published."
        )
        raise Refused("no_figures", words % {"n": number})
    return places[place], None if base is None else int(base), rates
