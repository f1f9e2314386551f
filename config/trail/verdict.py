"""Whether the chain of the trail holds: looked at, noted, and told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import chains, sealing
from cases.chains import Look, Verdict
from cases.sealing import Anchor
from notifications import pulse

WHAT = (
    gettext_noop("a seal is missing"),
    gettext_noop("the event is missing"),
    gettext_noop("the event was changed"),
    gettext_noop("the end of the chain is missing"),
    gettext_noop("the chain is not the one that was written down"),
)
# enough to know where to look; the command names all
TOLD = 5


def look(at: datetime, against: Iterable[Anchor] = (), by: Look = map) -> Verdict:
    """Recompute every chain, compare with heads that were kept elsewhere, note what was found."""
    found = chains.verify(by)
    found.breaks.extend(sealing.compare(against))
    first = [asdict(one) for one in found.breaks[:TOLD]]
    pulse.beat("verify", at, sealed=found.sealed, breaks=len(found.breaks), first=first)
    return found


def place(one: Mapping[str, Any]) -> str:
    """One break in words."""
    words = _("chain %(chain)s, place %(position)s, %(trail)s event %(event)s: %(what)s")
    return words % {**one, "what": _(one["what"])}
