"""Until when a paper holds and what takes its place, as its page and the case page say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.models import Evidence
from cases.sheet import Sheet
from cases.views.criteria import paper_name
from cases.views.pager import onward

State = Evidence.State
Part = dict[str, Any]


def day_posted(post: QueryDict | Mapping[str, str], name: str) -> date | None:
    """A day that may be left open."""
    text = str(post.get(name, "")).strip()
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if text and found is None:
        raise Refused("no_date", _("Please give a date such as 2026-09-15."))
    return found


def history(paper: Evidence, sheet: Sheet, query: str) -> list[Part]:
    """The chain of a paper: what stands in its place first, then what it took the place of."""
    by_id = {one.pk: one for one in sheet.papers}
    found: list[Part] = []
    newer = by_id.get(paper.replaced_by_id or 0)
    while newer is not None and len(found) < len(by_id):
        words = _("in its place") if paper.state == State.REPLACED else _("to take its place")
        found.insert(0, _line(newer, words, query))
        newer = by_id.get(newer.replaced_by_id or 0)
    known, older = {paper.pk}, [p for p in sheet.papers if p.replaced_by_id == paper.pk]
    while older:
        found += [_line(one, _("before it"), query) for one in older if one.pk not in known]
        known |= {one.pk for one in older}
        older = [p for p in sheet.papers if p.replaced_by_id in known and p.pk not in known]
    return found


def _line(paper: Evidence, words: str, query: str) -> Part:
    return {
        "name": paper_name(paper),
        "url": onward(reverse("evidence", args=[paper.pk]), query),
        "words": words,
        "state": paper.get_state_display(),
        "at": paper.submitted_at,
    }
