"""文书模板: the office's own masthead, signing body, series, way, words and Word file of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.errors import NotYours, Refused
from cases.permissions import refusal
from organisations import journal
from organisations.models import AuditEvent, Region, Unit
from organisations.roles import Act
from organisations.scope import Actor
from reports.documents.issuers import issuers_of
from reports.documents.nouns import Document, HouseStyle
from reports.documents.route import MAY_SKIP
from reports.documents.word import check_template

LARGEST = 2_000_000  # bytes of a template
LONGEST = 20_000
# what the trail tells of a change, and how much of a long text
TOLD = ("masthead", "signer", "series", "skips", "text")
OF_TEXT = 300


@transaction.atomic
def set_style(
    city: Region,
    kind: Document.Kind,
    *,
    by: Actor,
    at: datetime,
    masthead: str = "",
    signer: str = "",
    series: str = "",
    skips: Sequence[str] | None = None,
    text: str = "",
    unit: Unit | None = None,
) -> HouseStyle:
    """For documents that are compiled from now on; drafts keep what they have. ``unit``: whose
    masthead, signing body and mark these are, where a unit signs such papers itself."""
    style = _style(city, kind, by, at, unit)
    if unit is not None and (skips is not None or text):
        raise Refused("of_the_kind", _("Steps and words are set for the kind, not for a unit."))
    strays = set(skips or ()) - {step.value for step in MAY_SKIP}
    if strays:
        raise Refused("may_not_skip", _("Nothing leaves without draft, signature and issue."))
    limits = ((masthead, 60), (signer, 60), (series, 20), (text, LONGEST))
    if any(len(words) > most for words, most in limits):
        raise Refused("too_long", _("That is too long: 60 characters for names, 20 for a mark."))
    before = _told(style)
    style.masthead, style.signer, style.series = masthead.strip(), signer.strip(), series.strip()
    style.skips = None if skips is None else sorted(skips)
    style.text = text.strip()
    style.save()
    told = journal.changed(before, _told(style))
    words = " ".join(filter(None, [str(kind.label), unit.short_name or unit.name if unit else ""]))
    journal.record(AuditEvent.Kind.SETTING, "house_style", style, by=by, at=at, words=words, **told)
    return style


@transaction.atomic
def set_template(
    city: Region, kind: Document.Kind, data: bytes, *, name: str, by: Actor, at: datetime
) -> HouseStyle:
    """The office's own Word file, checked before it is accepted; empty takes it back."""
    if len(data) > LARGEST:
        raise Refused("too_large", _("A template has at most 2 MB."))
    if data:
        check_template(data)
    style = _style(city, kind, by, at)
    before = {"file": style.template_name}
    style.template, style.template_name = data, name.strip()[:120] if data else ""
    style.save()
    told = journal.changed(before, {"file": style.template_name})
    words = name[:100] or str(kind.label)
    journal.record(AuditEvent.Kind.SETTING, "template", style, by=by, at=at, words=words, **told)
    return style


def _told(style: HouseStyle) -> dict[str, object]:
    found = {name: getattr(style, name) for name in TOLD}
    return {**found, "text": style.text[:OF_TEXT]}


def _style(
    city: Region, kind: Document.Kind, by: Actor, at: datetime, unit: Unit | None = None
) -> HouseStyle:
    if not by.may_in(Act.ISSUE_DOCUMENT, city):
        raise NotYours("not_yours", refusal(Act.ISSUE_DOCUMENT))
    rows = HouseStyle.objects.select_for_update(of=("self",), no_key=True)
    if unit is not None and unit not in issuers_of(city, kind):
        raise Refused("not_issuer", _("This unit signs no papers of this kind."))
    found = {"city": city, "kind": kind, "unit": unit}
    style = rows.filter(**found).first() or HouseStyle(**found)
    style.changed_by, style.changed_at = by.user, at
    return style
