"""政策找人 in figures: whom each policy fits, who was told, who applied; and what fits one firm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Q

from cases.actions.stock import listed_firms
from cases.fitting import fits_firm
from cases.models import Case
from cases.rulebook import rules_of
from cases.stages import TERMINAL
from workflows.models import Programme
from workflows.packs import Pack
from workflows.policies import Policy


@dataclass(frozen=True)
class Offers:
    """One policy on a day (002-12). ``fits``: firms of the register that it is meant for;
    ``offered``: firms with a case; ``told``: those whose first step is done; ``by_class``: what
    they said (wants, declines); ``closed``: what was decided; ``unreached``:
    firms that it fits and that have no case, as they joined or changed since; ``handed_out``:
    whether the policy itself is with the unit that leads it.
    """

    policy: Policy
    fits: int
    offered: int = 0
    told: int = 0
    closed: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    unreached: int = 0
    handed_out: bool = False


def offers(programme: Programme, on: date, pack: Pack | None = None) -> list[Offers]:
    """Every policy of the plan in its order; a fixed number of queries."""
    pack = pack or programme.current.pack
    policies = pack.policies
    fits = _fits(programme, pack, on)
    keys = [policy.key for policy in policies]
    rows = Case.objects.filter(programme=programme, measure__in=keys)
    asked = rows.filter(Q(parent=None) | Q(enterprise__isnull=False)).select_related("programme")
    found: dict[str, list[Case]] = {key: [] for key in keys}
    handed_out = set()
    for case in asked:
        if case.parent_id is None:
            handed_out.add(case.measure)
        else:
            found[case.measure].append(case)
    counted = [_counted(one, fits[one.key], found[one.key]) for one in policies]
    return [replace(one, handed_out=one.policy.key in handed_out) for one in counted]


def fitting_one(programme: Programme, enterprise_id: int, on: date) -> list[Policy]:
    """政策“计算器”: the policies that fit one firm."""
    pack = programme.current.pack
    policies, fits = pack.policies, _fits(programme, pack, on)
    return [policy for policy in policies if enterprise_id in fits[policy.key]]


def _fits(programme: Programme, pack: Pack, on: date) -> dict[str, set[int]]:
    """Firms of the register by policy; two statements."""
    firms = listed_firms(programme, pack, on) if pack.policies else []
    return {
        one.key: {firm.pk for firm in firms if fits_firm(one.fits, firm)} for one in pack.policies
    }


def _counted(policy: Policy, fits: set[int], children: Sequence[Case]) -> Offers:
    told = [case for case in children if case.stage != _initial(case)]
    classes = Counter(case.grade for case in children if case.grade)
    closed = sum(case.stage in TERMINAL for case in children)
    said = dict(sorted(classes.items()))
    unreached = len(fits - {case.firm_id for case in children})
    return Offers(policy, len(fits), len(children), len(told), closed, said, unreached)


def _initial(case: Case) -> str:
    return rules_of(case).procedure.initial
