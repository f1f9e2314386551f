"""Sentences of the timeline about who sits at the desk: hand-overs, stand-ins, whoever acts for
somebody; and how a day is written in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases.dates import day_words
from cases.models import CaseEvent
from organisations.days import day_of


def short_day(value: date | str | None, near: date | None = None) -> str:
    """9月15日 (15 Sep); with the year where it is not that of ``near``."""
    if isinstance(value, str):
        value = date.fromisoformat(value) if value else None
    if value is None:
        return _("a day to be set")
    return day_words(value, near)


def for_another(event: CaseEvent, words: str, who: str) -> str:
    """代: a stand-in acts under his own name, and for somebody."""
    parts = {"words": words, "who": who, "name": event.data["for"]}
    if parts["who"] in words:
        return words.replace(parts["who"], _("%(who)s (for %(name)s)") % parts, 1)
    return _("%(words)s (%(who)s for %(name)s)") % parts


def hand_over(event: CaseEvent, _names: object) -> str:
    data = event.data
    old = pgettext("list of names", ", ").join(data.get("old", ())) or _("Nobody")
    parts = {"old": old, "post": data.get("post_name", ""), "new": data.get("new", "")}
    if not parts["new"]:
        return _("%(old)s left “%(post)s”; nobody holds it yet") % parts
    n = int(data.get("count", 0))
    return ngettext(
        "%(old)s handed “%(post)s” over to %(new)s, %(n)d open",
        "%(old)s handed “%(post)s” over to %(new)s, %(n)d open",
        n,
    ) % {**parts, "n": n}


def delegate(event: CaseEvent, _names: object) -> str:
    return _("From %(first)s to %(last)s %(new)s stands in") % {
        "first": short_day(event.data.get("first"), day_of(event.at)),
        "last": short_day(event.data.get("last"), day_of(event.at)),
        "new": event.data.get("new", ""),
    }


def rated(event: CaseEvent, _names: object) -> str:
    """企业评价：不满意。三次来电口径不一; the firm's own word on how it is served."""
    words = {
        "yes": _("The firm is satisfied"),
        "partly": _("The firm is satisfied in part"),
        "no": _("The firm is not satisfied"),
    }
    said = words.get(str(event.data.get("satisfied")), words["partly"])
    if event.reason:
        return _("%(said)s: %(why)s") % {"said": said, "why": event.reason}
    if event.data.get("satisfied") == "no":
        return _("The firm is not satisfied; the city's office follows it")
    return said


SENTENCES: dict[str, Callable[[CaseEvent, object], str]] = {
    "hand_over": hand_over,
    "delegate": delegate,
    "satisfaction": rated,
}
