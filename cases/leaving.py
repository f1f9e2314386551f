"""What a closing leaves behind: children that the plan does not wait for (ADR 14).

Whoever applies is told of them by name and asked once; with the confirmation the remedies end, as
nothing can be handed in for a closed case; an issue or a need goes on without it (004-20).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.engine import Step
from cases.errors import Refused
from cases.kinds import kind_label, matter_label
from cases.models import Case
from cases.rulebook import rules_of
from cases.stages import WITHDRAWN

NAMED = 5
CODE = "children_left"


def left_open(step: Step) -> list[Case]:
    """Open children that no stage of the procedure waits for."""
    waits = {name for stage in rules_of(step.case).procedure.stages for name in stage.waits_for}
    found = (child.case for child in step.children if not child.case.is_finished)
    return [case for case in found if case.procedure not in waits]


def check_said(step: Step, knowing: bool) -> None:
    """Nobody closes over an open child without having read its name."""
    left = left_open(step)
    if knowing or not left:
        return
    comma = pgettext("list of names", ", ")
    names = comma.join(_name(case) for case in left[:NAMED])
    if len(left) > NAMED:
        names = _("%(names)s and %(n)d more") % {"names": names, "n": len(left) - NAMED}
    words = _(
        "Still open: %(names)s. With the closing the remedies end unfinished; issues and needs go "
        "on. If that is right, send it again."
    )
    raise Refused(CODE, words % {"names": names})


def _name(case: Case) -> str:
    """问题 用电容量不足; a matter that is about no firm has its title beside its kind."""
    if case.is_matter and not case.enterprise_id:
        return f"{matter_label(case)} {case.title}".strip()
    return kind_label(case) or case.title


def end_with(steps: Iterable[Step]) -> Sequence[Step]:
    """The remedies that end with these closings, planned."""
    ending = []
    for step in steps:
        for child in step.children:
            if child.item is None or not child.case.criterion:
                continue
            child.verb, child.to_stage = "end_with", WITHDRAWN
            child.data = {"from": child.case.stage, "follows": step.case.pk}
            ending.append(child)
    return ending
