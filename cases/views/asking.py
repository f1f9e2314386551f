"""What a list is asked for; a filter by a place that is not one's own is 404, as its address is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404

from cases.ledger import WORDS, Asked, Ledger
from cases.models import Case
from cases.rulebook import pack_of
from cases.stages import TERMINAL
from organisations.left_out import left_out, strays
from organisations.permissions import can_open
from organisations.scope import Actor
from workflows.models import ProgrammeVersion
from workflows.packs import Pack

PLACES = ("county", "township")
# so many issued plans of the reader's cities are asked for a word, the newest first: as many as
# the process keeps with room for others
LATEST = 24


def asked_or_404(actor: Actor, query: Mapping[str, str]) -> Asked:
    """The filter of a ledger. No list of one's own under the name of somebody else's county: a
    place that the person does not see, that does not exist or is not understood is 404.
    """
    asked = Asked.of_query(query)
    for name in PLACES:
        text = query.get(name) or ""
        if text and not (can_open(actor, text) or _has_cases(actor, name, asked.ids.get(name))):
            raise Http404
    return asked


def _has_cases(actor: Actor, name: str, pk: int | None) -> bool:
    """Firms that one serves may lie anywhere."""
    rows = Case.objects.visible_to(actor).filter(**{f"{name}_id": pk})
    return pk is not None and rows.exists()


def within(ledger: Ledger) -> Ledger:
    """Asked for no stage, kind or class that no plan knows: a list of nothing would be taken for
    the answer. One statement where the newest plan does not know it.
    """
    asked = ledger.asked
    held = {"stage": asked.stage, "procedure": asked.procedure, "grade": asked.grade}
    if not any(held.values()) or ledger.pack is None:
        return ledger
    known = _known_by([ledger.pack])
    if any(word not in known[name] for name, word in held.items()):
        issued = ProgrammeVersion.objects.filter(programme__city__in=ledger.actor.city_ids)
        others = issued.order_by("-pk").values_list("pk", flat=True)[:LATEST]
        known = _known_by([ledger.pack, *map(pack_of, others)])
    kept: dict[str, Any] = {name: w if w in known[name] else "" for name, w in held.items()}
    return ledger if kept == held else replace(ledger, asked=replace(asked, **kept))


def _known_by(packs: Iterable[Pack]) -> dict[str, set[str]]:
    found = {"stage": {"", "suspended", *TERMINAL}, "procedure": {""}, "grade": {""}}
    for pack in packs:
        found["procedure"] |= set(pack.procedures)
        found["grade"] |= {grade.key for grade in pack.grades}
        for kind in pack.procedures.values():
            found["stage"] |= {stage.key for stage in kind.stages}
    return found


def unknown(query: Mapping[str, str], asked: Asked) -> list[str]:
    """What of an address is no filter, each as it stands there."""
    return strays(query, _held(asked))


def not_understood(query: Mapping[str, str], asked: Asked) -> str:
    """The same in one line; a list that ignores it says so."""
    return left_out(query, _held(asked))


def _held(asked: Asked) -> dict[str, object]:
    names = [name for name in (*WORDS, *Asked.PATHS) if name not in ("q", "sort")]
    return {name: asked.ids.get(name) or getattr(asked, name, "") for name in names}
