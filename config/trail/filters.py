"""A filter in words, where the trail keeps the query of an address: 青岭县，逾期.

Names are looked up once for all lines of a page; what is not known any more keeps its own word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from cases.ledger import CHIPS, SCOPES, SITUATIONS
from cases.views import extensions, suspensions
from cases.views.ledger_choices import stage_choices
from cases.waiting import WHOM
from config.trail.values import KEYS, day_words, of_month
from enterprises.models import Enterprise
from organisations.models import AuditEvent, Post, Region, Unit
from workflows.models import ProgrammeVersion
from workflows.packs import Pack
from workflows.text import localised

Words = str | Promise

QUERY = "query"
# an order is no filter
LEFT_OUT = frozenset({"sort"})
# parameters that name a row
NAMED: Mapping[str, type[Model]] = {
    "county": Region,
    "township": Region,
    "department": Unit,
    "unit": Unit,
    "post": Post,
    "officer": Post,
    "lead": Enterprise,
}
# what a parameter is called, where its value does not say it
LABELS: Mapping[str, Words] = {
    "q": pgettext_lazy("trail", "searched for"),
    "department": pgettext_lazy("trail", "department"),
    "post": pgettext_lazy("trail", "handler"),
    "officer": pgettext_lazy("trail", "service officer"),
    "lead": pgettext_lazy("trail", "lead firm"),
    "year": pgettext_lazy("trail", "statistical year"),
    "waits": pgettext_lazy("trail", "waits for"),
    "kind": pgettext_lazy("trail", "kind"),
    "who": pgettext_lazy("trail", "person"),
    "since": pgettext_lazy("trail", "from"),
    "until": pgettext_lazy("trail", "until"),
    "month": pgettext_lazy("trail", "month"),
    "division": pgettext_lazy("trail", "industries"),
}
WORDS: Mapping[str, Mapping[str, Words]] = {
    "of": SCOPES,
    "chip": CHIPS | SITUATIONS,
    "waits": WHOM,
    # of the trail itself, of the directory
    "kind": {
        **{str(value): label for value, label in AuditEvent.Kind.choices},
        "cases": gettext_lazy("Deeds on cases"),
        **KEYS["kind"],
    },
    "level": KEYS["level"],
    "result": KEYS["result"],
    "state": {**extensions.LABELS, **suspensions.LABELS},
}


class Filters:
    """The filters of some lines of the trail."""

    def __init__(self, rows: Iterable[AuditEvent]) -> None:
        self._ids: dict[type[Model], set[int]] = defaultdict(set)
        for query in (one for row in rows for one in queries_of(row)):
            for name, value in parse_qsl(query):
                if name in NAMED and value.isascii() and value.isdigit() and len(value) < 10:
                    self._ids[NAMED[name]].add(int(value))

    def words(self, query: str) -> str:
        """Each part of the filter in the order of the address."""
        given = parse_qsl(query, keep_blank_values=True)
        kind = dict(given).get("procedure", "")
        asked = ((name, value) for name, value in given if value and name not in LEFT_OUT)
        parts = [self._part(name, value, kind) for name, value in asked]
        return _(", ").join(parts)

    def _part(self, name: str, value: str, kind: str) -> str:
        if name == "idle" and value.isascii() and value.isdigit():
            days = int(value)
            words = ngettext("no progress for %(n)d day", "no progress for %(n)d days", days)
            return words % {"n": days}
        said = self._value(name, value, kind)
        if name in LABELS:
            return _("%(field)s: %(value)s") % {"field": LABELS[name], "value": said}
        # what no list knows was asked for in vain: the address is kept as it stood
        return (
            said if said != value else _("not understood: %(what)s") % {"what": f"{name}={value}"}
        )

    def _value(self, name: str, value: str, kind: str) -> str:
        if name in NAMED:
            return self._names.get((NAMED[name], value), value)
        if name in WORDS:
            return str(WORDS[name].get(value, value))
        if self._pack is not None and name in ("stage", "grade", "procedure"):
            return _of_pack(self._pack, name, value, kind)
        return of_month(value) if name == "month" else day_words(value)

    @cached_property
    def _names(self) -> dict[tuple[type[Model], str], str]:
        found: dict[tuple[type[Model], str], str] = {}
        for model, ids in self._ids.items():
            rows = model._default_manager.filter(pk__in=ids)
            if model is Post:
                rows = rows.select_related("unit")
            found |= {(model, str(row.pk)): _name(row) for row in rows}
        return found

    @cached_property
    def _pack(self) -> Pack | None:
        newest = ProgrammeVersion.objects.order_by("-id").first()
        return newest.pack if newest else None


def _name(row: Model) -> str:
    if isinstance(row, Post):
        return f"{_name(row.unit)} {row.name}"
    return row.short_name or row.name if isinstance(row, Unit) else str(row)


def _of_pack(pack: Pack, name: str, value: str, kind: str) -> str:
    if name == "procedure":
        known = {key: localised(one.title) for key, one in pack.procedures.items()}
    elif name == "grade":
        known = {grade.key: localised(grade.label) for grade in pack.grades}
    else:
        known = dict(stage_choices(pack, kind))
    return known.get(value, value)


def queries_of(row: AuditEvent) -> Iterator[str]:
    """The filter that a line names, or that it changed from and to."""
    data: Mapping[str, Any] = row.data or {}
    for held in (data, data.get("before"), data.get("after")):
        query = held.get(QUERY) if isinstance(held, Mapping) else None
        if isinstance(query, str):
            yield query
