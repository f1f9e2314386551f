"""What proves a closing criterion (one main paper each, ``EvidencePlan``)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.models import Evidence
from workflows.pack_model import Pack


def proves(pack: Pack, paper: Evidence) -> bool:
    """An accepted paper, and not one that only goes with a main one."""
    accepted = paper.state in Evidence.ACCEPTED
    return accepted and not pack.is_supporting(paper.criterion, paper.paper)


def own_proof_words(*, late: bool = False) -> str:
    if late:
        return _(
            "You alone decided on papers that prove this, and nobody has seen it since. Send it "
            "back to be reviewed, or have somebody else confirm it."
        )
    return _(
        "Nobody but you has handed in or verified what proves this. Somebody else confirms it, or "
        "verifies it as well."
    )
