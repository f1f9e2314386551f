"""Why somebody is suggested, in a sentence: 行业34一致；领域含“轴承”“热处理”；同城."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from resources.suggesting import Reason, Why


def why_words(reasons: Iterable[Reason]) -> str:
    return _("; ").join(filter(None, map(reason_words, reasons)))


def reason_words(reason: Reason) -> str:
    words = {
        Why.INDUSTRY: _("industry %(what)s agrees"),
        Why.DIVISION: _("same division %(what)s"),
        Why.FIELDS: _("fields name %(what)s"),
        Why.OFFERS: _("the offer names %(what)s"),
        Why.TRADE: _("knows the firm's trade: %(what)s"),
        Why.WORDS: _("similar wording: %(what)s"),
        Why.COUNTY: _("same county"),
        Why.CITY: _("same city"),
    }[reason.why]
    if reason.why in (Why.INDUSTRY, Why.DIVISION):
        return words % {"what": "".join(reason.values)}
    quoted = "".join(_("“%s”") % value for value in reason.values)
    return words % {"what": quoted} if "%(what)s" in words else words
