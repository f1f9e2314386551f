"""政策找人 on a page: each policy of the plan with whom it fits, who was told, who applied."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext

from cases.actions import branches
from cases.agenda import POLICIES, kinds_of, with_branches
from cases.models import Case
from cases.offers import Offers, offers
from cases.querysets import CaseQuerySet
from cases.views.pager import onward
from organisations import clock
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import ProgrammeVersion
from workflows.packs import Pack
from workflows.policies import Parameter
from workflows.procedure import Procedure
from workflows.text import localised

Part = dict[str, Any]


def policies_of(actor: Actor, version: ProgrammeVersion) -> Part:
    """For ``cases/matters/policies.html``: counts of the whole city, links to what is in sight;
    a fixed number of statements.
    """
    pack = version.pack
    kinds = [one.key for one in kinds_of(pack, POLICIES)]
    cases: CaseQuerySet = Case.objects.visible_to(actor)
    mine = cases.filter(programme=version.programme_id, parent=None, procedure__in=kinds)
    found = list(with_branches(mine.with_item()).order_by("-pk"))
    planned = {case.measure: case for case in found if case.measure}
    lines, unreached = [], 0
    for one in offers(version.programme, clock.today(), pack) if pack.policies else []:
        case = planned.get(one.policy.key)
        if case is not None and not case.is_finished and branches.for_firms(case):
            unreached += one.unreached
        lines.append(_line(pack, one) | {"url": _url(case.pk) if case else ""})
    missing = sum(not line["handed_out"] for line in lines)
    lines += [_by_hand(case) for case in found if not case.measure]
    may_open = actor.may_in(Act.OPEN, version.programme.city)
    counts = {"missing": missing, "unreached": unreached}
    return {"policies": lines, "may_open": may_open, **counts}


def _by_hand(case: Any) -> Part:
    """A policy that came in mid-year: the firms that its form picked have a case each."""
    n = case.branches or 0
    return {
        "title": case.title,
        "handed_out": True,
        "unit": case.responsible_unit.short_name or case.responsible_unit.name,
        "url": _url(case.pk),
        "fits": n,
        "told": case.branches_done or 0,
        "offered": n,
        "closed": case.branches_done or 0,
    }


def _url(pk: int) -> str:
    return onward(reverse("case", args=[pk]), "via=policies")


def _line(pack: Pack, one: Offers) -> Part:
    policy, comma = one.policy, pgettext("list of names", ", ")
    labels = {
        grade.key: localised(grade.label)
        for procedure in _offering(pack, policy.procedure)
        for grade in procedure.grades
    }
    said = (f"{labels.get(key, key)} {n}" for key, n in one.by_class.items())
    return {
        "title": localised(policy.title),
        "handed_out": one.handed_out,
        "paper": policy.paper,
        "unit": policy.leads[0],
        "gives": comma.join(_given(one) for one in policy.gives),
        "fits": one.fits,
        "told": one.told,
        "offered": one.offered,
        "said": comma.join(said),
        "closed": one.closed,
    }


def _offering(pack: Pack, key: str) -> list[Procedure]:
    """The kinds of case by which firms are told of a policy."""
    spawns = [spawn for stage in pack.procedure(key).stages for spawn in stage.spawns]
    return [pack.procedure(spawn.procedure) for spawn in spawns if spawn.for_ == "firms"]


def _given(parameter: Parameter) -> str:
    """前补助 40%（原30%）."""
    label = f"{localised(parameter.label)} {parameter.value}"
    return f"{label} ← {parameter.was}" if parameter.was else label
