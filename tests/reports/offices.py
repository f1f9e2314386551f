"""An office that writes documents: a handler drafts, the head checks and signs."""

from __future__ import annotations

from datetime import date
from typing import Any

from reports.documents import actions
from reports.documents.circulars import circular
from reports.documents.nouns import Document
from reports.documents.route import FORWARD, State, Step
from tests.world import World, at

HANDLER, HEAD = "office/1", "office/2"
CHECKER = "李核稿"  # signs on the paper form: the office has two people
DAY = date(2022, 3, 31)


def drafted(world: World, on: date = DAY) -> Document:
    content = circular(world.programme, on, on)
    kind = Document.Kind.CIRCULAR
    by = world.actor(HANDLER, on)
    return actions.draft(world.programme, kind, content, by=by, at=at(on), as_of=on)


def step(
    world: World, document: Document, what: Step, who: str = HEAD, on: date = DAY, **more: Any
) -> Document:
    version = Document.objects.get(pk=document.pk).version
    by = world.actor(who, on)
    return actions.advance(document.pk, by=by, at=at(on, 10), version=version, step=what, **more)


def until(world: World, document: Document, state: State, on: date = DAY) -> Document:
    """By the shortest way: the handler drafts, the check is signed on paper, the head does the
    rest."""
    while document.state != state:
        ahead = document.ahead
        assert ahead is not None, f"{document.state} leads nowhere of {list(FORWARD)}"
        who = HANDLER if ahead[0] == Step.DRAFT else HEAD
        name = CHECKER if ahead[0] == Step.CHECK else ""
        document = step(world, document, ahead[0], who, on, name=name)
    return document
