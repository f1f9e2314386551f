"""``manage.py document style``: 文书模板 of a kind, or of a unit that signs such papers itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from organisations.models import Region, Unit
from organisations.scope import Actor
from reports.documents import styles
from reports.documents.issuers import issuers_of
from reports.documents.nouns import Document, HouseStyle
from reports.documents.route import MAY_SKIP

NAMES = ("masthead", "signer", "series")


def style_arguments(parts: Any) -> None:
    """``style KIND``: without an option what is set; what is not named stays as it was."""
    style = parts.add_parser("style", help="masthead, signing body, numbers, words of a kind")
    style.add_argument("kind", choices=Document.Kind.values)
    style.add_argument("--unit", default="", help="a department or task force that signs itself")
    style.add_argument("--masthead", help="the red name at the head")
    style.add_argument("--signer", help="the signing body")
    style.add_argument("--series", help="the mark of its numbers")
    style.add_argument("--text", metavar="FILE", help="its paragraphs, one a line")
    style.add_argument(
        "--skip", action="append", choices=sorted(MAY_SKIP), help="a step that it goes without"
    )
    style.add_argument("--template", metavar="FILE", help="a Word file, or an empty one: none")


def work_style(options: dict[str, Any], *, by: Actor, at: datetime) -> list[dict[str, Any]]:
    """Sets what is named; then what holds for the kind, the office first, then units."""
    city = Region.objects.filter(pk__in=by.city_ids).order_by("pk").first()
    if city is None:
        raise CommandError(_("You belong to no city."))
    kind = Document.Kind(options["kind"])
    unit = _unit(city, kind, options["unit"]) if options["unit"] else None
    style = HouseStyle.objects.filter(city=city, kind=kind, unit=unit).first()
    given = {name: options[name] for name in NAMES if options[name] is not None}
    if options["text"] is not None:
        given["text"] = _read(options["text"]).decode()
    if options["skip"] is not None:
        given["skips"] = options["skip"]
    if given:
        kept = {name: getattr(style, name) for name in NAMES if style is not None}
        if style is not None and unit is None:
            kept |= {"skips": style.skips, "text": style.text}
        styles.set_style(city, kind, by=by, at=at, unit=unit, **(kept | given))
    if options["template"] is not None:
        place = Path(options["template"])
        data = _read(options["template"])
        styles.set_template(city, kind, data, name=place.name, by=by, at=at)
    rows = HouseStyle.objects.filter(city=city, kind=kind).select_related("unit")
    return [
        {
            "unit": str(row.unit or ""),
            **{name: getattr(row, name) for name in NAMES},
            "skips": row.skips,
            "text": row.text,
            "template": row.template_name,
        }
        for row in sorted(rows, key=lambda row: (row.unit_id is not None, row.unit_id or 0))
    ]


def _unit(city: Region, kind: Document.Kind, name: str) -> Unit:
    for one in issuers_of(city, kind):
        if name in (one.name, one.short_name):
            return one
    raise CommandError(_("No unit that signs such papers is called so: %(name)s.") % {"name": name})


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(_("%(file)s cannot be read.") % {"file": name}) from error
