"""年终结转: when a year's open cases go over to the next programme, where they go on, what is
proved anew. Arithmetic on plain values; source: practice (years), defaults (evidence)."""

from datetime import date

from workflows.pack_model import EvidencePlan, Pack
from workflows.procedure import Procedure

# "open cases go through 年终结转 (20 December to 20 January)"
FROM = (12, 20)


def earliest(pack: Pack) -> date:
    """The first day on which cases of a programme are carried over."""
    return min(date(pack.statistical_year, *FROM), pack.work_until)


def begins_on(pack: Pack, on: date) -> date:
    """The day from which the time of a carried case runs: not before the new year's work."""
    return max(on, pack.work_from)


def stage_in(procedure: Procedure, stage: str, *, is_lacking: bool, correction: str) -> str:
    """Where a case goes on: at the same stage; from a review, when something is to be proved anew,
    at the stage `correction` from which closing is applied for."""
    if not procedure.has(stage):
        return procedure.initial
    return correction if is_lacking and stage in procedure.reviews else stage


def is_kept(plan: EvidencePlan, *, on: date, valid_until: date | None) -> bool:
    """Whether a paper of last year still proves its criterion; `valid_until`: of the agreement, as
    far as it is known."""
    if plan.next_year == "until_expiry":
        return valid_until is None or valid_until >= on
    return plan.next_year == "kept"
