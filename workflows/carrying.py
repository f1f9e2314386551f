"""年终结转: when a year's open cases go over to the next programme, where they go on, what is
proved anew. Arithmetic on plain values; source: practice (years), defaults (evidence)."""

from datetime import date

from workflows.pack_model import Pack
from workflows.pack_parts import EvidencePlan
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


def still_holds(
    plan: EvidencePlan, *, of_year: int, for_year: int, on: date, valid_until: date | None
) -> bool:
    """Whether an accepted paper of one statistical year can be handed in again for another item,
    or for another year's case (000-34)."""
    if plan.next_year == "until_expiry":
        return valid_until is None or valid_until >= on
    return of_year >= for_year or plan.next_year == "kept"


def good_until(plan: EvidencePlan, of_year: int, valid_until: date | None) -> date | None:
    """The last day on which it proves something; none: until something changes, or unknown."""
    if plan.next_year == "until_expiry":
        return valid_until
    return date(of_year, 12, 31) if plan.next_year == "anew" else None
