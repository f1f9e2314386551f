"""What a rung and a limit are called in the tables of a dry run."""

from __future__ import annotations

from cases.models import EscalationDraft
from notifications.texts import ENGLISH_HEADING, HEADING
from workflows.ladder import Rung
from workflows.packs import Pack
from workflows.procedure import Stage
from workflows.text import localised


def rung_title(pack: Pack, rung: Rung) -> str:
    """What a rung is called: its own title, its letter's, or the heading of its text."""
    if rung.title is not None:
        return localised(rung.title)
    if rung.draft_kind is not None:
        return str(EscalationDraft.Kind(rung.draft_kind).label)
    text = localised(pack.texts[rung.text]) if rung.text in pack.texts else ""
    heading = HEADING.match(text) or ENGLISH_HEADING.match(text)
    return heading["title"] if heading else rung.key


def limit_words(stage: Stage, have: str) -> str:
    """The stage's limits in words, each once; without back-stops, which are the plan's end."""
    ours = [limit.phrase for limit in stage.time if limit.have in (None, have or None)]
    words = [phrase.model_copy(update={"not_after": None}).words() for phrase in ours]
    return " / ".join(dict.fromkeys(words))
