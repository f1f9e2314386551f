"""The same bytes handed in before: what whoever reviews a paper is told of it, by hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cases import permissions
from cases.labels import criterion_label
from cases.models import Evidence
from cases.rulebook import pack_of
from organisations.roles import Act
from organisations.scope import Actor


@dataclass
class Same:
    """``others``: names of other firms; ``own``: the firm's own, by case, item and state."""

    others: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)


NONE = Same()


def same_files(papers: Sequence[Evidence], actor: Actor) -> dict[int, Same]:
    """By paper, those alone of which there is something to tell; one query.

    A firm of another county is flagged without its name. Of the firm itself its other cases and
    items: one file may serve several, and it is for the reviewer to see whether it does. What was
    handed in again on purpose says so already (沿用).
    """
    hashes = {paper.sha256 for paper in papers if paper.sha256}
    if not hashes:
        return {}
    rows = Evidence.objects.filter(sha256__in=hashes).exclude(state=Evidence.State.WITHDRAWN)
    rows = rows.select_related("enterprise", "case__programme").order_by("pk")
    found: dict[int, Same] = {}
    for paper in papers:
        for row in rows:
            if row.sha256 != paper.sha256 or row.pk == paper.pk:
                continue
            seen = permissions.can(actor, Act.READ, row.case)
            told = found.get(paper.pk, Same())
            if row.enterprise_id != paper.enterprise_id:
                _add(told.others, row.enterprise.name if seen else _("a firm of another county"))
            elif seen and _is_elsewhere(paper, row):
                _add(told.own, _own_words(row))
            if told.others or told.own:
                found[paper.pk] = told
    return found


def _is_elsewhere(paper: Evidence, row: Evidence) -> bool:
    is_same_place = row.case_id == paper.case_id and row.criterion == paper.criterion
    is_meant = row.pk == paper.reused_from_id or row.reused_from_id == paper.pk
    return not is_same_place and not is_meant


def _own_words(row: Evidence) -> str:
    item = criterion_label(pack_of(row.case.pack_version_id), row.criterion)
    told = {"case": row.case.number, "item": item, "state": row.get_state_display()}
    return _("%(case)s %(item)s (%(state)s)") % told


def _add(words: list[str], word: str) -> None:
    if word not in words:
        words.append(word)
