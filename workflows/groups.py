"""What a group must be made of (004-13, 004-15): counted, explained in words; no ORM."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import Field

from workflows.text import Rule

# 科级, 处级, 厅级: whoever has a higher one has the lower ones too
RANKS = ("", "section", "division", "bureau")
GroupKind = Literal["liaison_group", "task_force", "department", "township"]
Rank = Literal["section", "division", "bureau"]


class GroupRule(Rule):
    """Units of a kind need so many members, of whom so many of a rank and with a technical title.

    `ranks` counts cadres of a rank or above: `{division: 1}` is 至少有1名处级干部.
    """

    kind: GroupKind
    members: int = Field(ge=1, le=99)
    ranks: dict[Rank, int] = Field(default_factory=dict)
    technical: int = Field(default=0, ge=0, le=99)


@dataclass(frozen=True)
class Member:
    """Somebody who holds a post of the group on the day."""

    name: str
    rank: str = ""
    is_technical: bool = False

    def has(self, rank: str) -> bool:
        return RANKS.index(self.rank) >= RANKS.index(rank)


def faults(rule: GroupRule, members: Iterable[Member]) -> list[str]:
    """What the group lacks, each as a sentence; nothing where it is as it should be."""
    there = list(members)
    found = []
    if len(there) < rule.members:
        words = ngettext("needs %(n)d member, has %(has)d", "needs %(n)d members, has %(has)d",
                         rule.members)  # fmt: skip
        found.append(words % {"n": rule.members, "has": len(there)})
    for rank, wanted in rule.ranks.items():
        has = sum(member.has(rank) for member in there)
        if has < wanted:
            words = _("needs %(n)d of rank %(rank)s or above, has %(has)d")
            found.append(words % {"n": wanted, "rank": rank_label(rank), "has": has})
    technical = sum(member.is_technical for member in there)
    if technical < rule.technical:
        words = _("needs %(n)d with a technical title, has %(has)d")
        found.append(words % {"n": rule.technical, "has": technical})
    return found


def rank_label(rank: str) -> str:
    labels = {"section": _("section level"), "division": _("division level")}
    return labels.get(rank, _("bureau level") if rank else "")


def in_words(rule: GroupRule) -> str:
    """The rule itself as a sentence, for the page."""
    parts = [ngettext("%(n)d member", "%(n)d members", rule.members) % {"n": rule.members}]
    for rank, wanted in rule.ranks.items():
        words = _("at least %(n)d of rank %(rank)s")
        parts.append(words % {"n": wanted, "rank": rank_label(rank)})
    if rule.technical:
        parts.append(_("at least %(n)d with a technical title") % {"n": rule.technical})
    return _(", ").join(parts)
