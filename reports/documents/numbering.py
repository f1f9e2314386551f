"""编号: an outside number as it was given, else the next of a series a kind or a unit, and year."""

from __future__ import annotations

from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.models import EscalationDraft
from cases.outside_numbers import outside_number
from cases.statements import take_numbers
from reports.documents.nouns import Document
from reports.documents.setting import LANGUAGE
from workflows.models import Programme


def number_for(document: Document, by_hand: str, on: date) -> str:
    """洛研专办〔2026〕18号: as given, else the next of its kind's series of the year."""
    said = document.said
    given = outside_number(by_hand, on, is_bulletin=said.layout == "bulletin")
    # of two documents that are given one number at once the second one finds the first
    Programme.objects.select_for_update(no_key=True).get(pk=document.programme_id)
    like = Document.objects.filter(programme=document.programme_id)
    letters = EscalationDraft.objects.filter(programme=document.programme_id, number=given)
    if given and (like.filter(number=given).exists() or letters.exists()):
        raise Refused("number_taken", _("Another document has this number already."))
    while not given:
        issuer = document.issuer_id
        if issuer is not None and not said.series:
            raise Refused("no_series", _("This unit's mark is not set: type the number it gave."))
        series = document.kind if said.series or said.layout == "bulletin" else "documents"
        series = f"unit-{issuer}" if issuer is not None else series
        serial = take_numbers(document.programme_id, f"{series}-{on.year}", 1)
        office = document.programme.current.pack.units.office
        mark = said.series or office.mark or office.short_name[:20]
        parts = {"mark": mark, "year": on.year, "n": serial}
        with translation.override(LANGUAGE):
            words = (
                _("%(year)d, issue %(n)d")
                if said.layout == "bulletin"
                else _("%(mark)s (%(year)d) no. %(n)d")
            ) % parts
        given = "" if like.filter(number=words).exists() else words
    return given
