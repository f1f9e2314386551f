"""A plan's own questions to a visit (004-17): the form ``visit``, below what every visit says.

The page is taken along where there is no network, so it holds plain answers only: no rows, no
files, nothing that a server fills in or reckons.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from workflows.form_fields import Form
from workflows.pack_model import Pack
from workflows.pack_source import Finding, Source

VISIT = "visit"
PLAIN = frozenset(
    {"text", "long_text", "phone", "number", "money", "date", "month", "choice", "many_of", "tick"}
)
# what the page of every visit posts already
TAKEN = frozenset(
    {
        "visited_on", "way", "people", "met", "found", "cases", "photos", "latitude", "longitude",
        "sent_as", "basis", "opens",
    }
)  # fmt: skip


def visit_form(pack: Pack) -> Form | None:
    """The form of that key, unless a step of some kind of case is filled in by it."""
    kinds = pack.procedures.values()
    used = {stage.form for kind in kinds for stage in kind.stages}
    used |= {opening.form for kind in kinds for opening in kind.opens}
    return None if VISIT in used else pack.forms.get(VISIT)


def check_visit_form(pack: Pack, source: Source) -> Iterator[Finding]:
    form = visit_form(pack)
    for place, field in enumerate(form.fields if form else ()):
        line = source.line(("forms", VISIT, "fields", place))
        if field.kind not in PLAIN or field.prefilled or field.shown_when:
            words = _("“%(name)s”: a visit asks plain fields only, as its page works offline.")
            yield Finding(line, "not_plain", words % {"name": field.key})
        elif field.key in TAKEN:
            words = _("“%(name)s” is asked of every visit already; give it another key.")
            yield Finding(line, "key_taken", words % {"name": field.key})
