"""举办5期: a measure with a count is reported when its entries reach it, or with a reason.

Source: 001-06.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cases.engine import Step
from cases.errors import Refused
from cases.models import FormRecord
from cases.rulebook import rules_of
from workflows.forms_entries import counted

REASON = "shortfall"  # the field of a measure's form that says why the count was not reached


def check_count(step: Step, answers: Mapping[str, Any]) -> None:
    """Own entries and those of the units' parts; nothing is asked where the plan gives no count."""
    case = step.case
    if not case.measure or case.parent_id is not None:
        return
    wanted = rules_of(case).pack.measure(case.measure).time.count
    if wanted is None or str(answers.get(REASON) or "").strip():
        return
    done = counted(answers) + _of_parts(case.pk)
    if done < wanted:
        words = _("The plan asks for %(wanted)s, %(done)s are entered. Enter them, or say why.")
        raise Refused("count", words % {"wanted": wanted, "done": f"{done.normalize():f}"})


def _of_parts(parent_id: int) -> Decimal:
    rows = FormRecord.objects.filter(case__parent=parent_id, is_draft=False).order_by("pk")
    newest = dict(rows.values_list("case_id", "data"))
    return sum((counted(data) for data in newest.values()), Decimal(0))
