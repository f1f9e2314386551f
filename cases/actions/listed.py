"""What the register opens beside the firms' main cases.

提升 for firms that do R&D but lack something (001-25, 001-26), 年度巩固 for those that were closed
in an earlier year and are still listed (003-05).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import births
from cases.actions import offering
from cases.actions.placing import PLACE
from cases.actions.stock import Firm, Stock
from cases.errors import NotYours, Refused
from cases.fitting import Fitting
from cases.models import Case, ProgrammeFirm
from cases.permissions import refusal
from cases.stages import CLOSED
from cases.steps import open_step
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows import criteria
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack
from workflows.procedure import Procedure

INCOMPLETE, CLOSED_BEFORE = "covered_incomplete", "closed_before"


@transaction.atomic
def open_listed(
    programme: Programme, *, by: Actor, at: datetime, only: Collection[int] | None = None
) -> dict[str, int]:
    """Open what is missing of these, and what running policies offer to firms that fit only now;
    by procedure how many. Repeatable, set-based.

    ``only``: for these firms, a wave of them.

    A firm with a case of the programme's main kind gets no 提升 beside it: that case leads there.
    """
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    if not by.may_in(Act.OPEN, programme.city):
        raise NotYours("not_yours", refusal(Act.OPEN))
    version = programme.versions.order_by("-number").first()
    if version is None:
        raise Refused("no_version", _("Issue the programme first."))
    pack, on = version.pack, day_of(at)
    kinds = [(when, pack.listed_by(when)) for when in (INCOMPLETE, CLOSED_BEFORE)]
    fitting = Fitting(programme, on)
    opened: dict[str, int] = {}
    if only is None:
        opened |= offering.offer_to_new_firms(programme, by=by, at=at, fitting=fitting)
    if not any(procedure for _when, procedure in kinds):
        return opened
    stock = fitting.stock
    for when, procedure in kinds:
        if procedure is None:
            continue
        found = _cases(version, procedure, when, stock, on)
        cases = [case for case in found if only is None or case.enterprise_id in only]
        births.create(
            cases,
            lambda case: open_step(case, case.stage, on=on, desks=stock.desks),
            by=by,
            at=at,
        )
        opened[procedure.key] = len(cases)
    return opened


def _cases(
    version: ProgrammeVersion, procedure: Procedure, when: str, stock: Stock, on: date
) -> Iterator[Case]:
    programme, pack = version.programme, version.pack
    roots = Case.objects.filter(programme=programme, procedure=procedure.key, parent=None)
    roots = roots.filter(title="").exclude(pk__in=roots.undone().values("pk"))
    there = set(roots.values_list("enterprise_id", flat=True))
    closed = _closed_before(programme, pack) if when == CLOSED_BEFORE else frozenset()
    for firm in stock.firms:
        row = stock.rows.get(firm.pk)
        if row is None or firm.pk in there:
            continue
        lacking = _lacking(procedure, pack, firm)
        if when == INCOMPLETE and firm.covered and lacking and firm.pk not in stock.existing:
            yield _case(version, procedure, row, lacking, on)
        if when == CLOSED_BEFORE and firm.pk in closed:
            # everything that is asked for is proved anew
            asked = procedure.closes_when.named() if procedure.closes_when else ()
            yield _case(version, procedure, row, list(asked), on)


def _lacking(procedure: Procedure, pack: Pack, firm: Firm) -> list[str]:
    """What the filing does not show of what the procedure asks for."""
    met = {have: firm.facts.get(fact, False) for have, fact in pack.facts.items()}
    rule = procedure.closes_when
    if rule is not None:
        return criteria.unmet(rule, met)
    return [have for have, is_met in met.items() if not is_met]


def _closed_before(programme: Programme, pack: Pack) -> frozenset[int | None]:
    """Firms whose last main case in the city's programmes of earlier years was closed.

    However many years ago: 动态管理 asks it of every body that was built "以往" (003-05). A case
    that went on into the next programme, or was taken up again, is no closing.
    """
    before = Case.objects.filter(
        programme__city=programme.city_id,
        programme__statistical_year__lt=pack.statistical_year,
        is_main=True,
    ).order_by("programme__statistical_year", "pk")
    last = dict(before.values_list("enterprise_id", "stage"))
    return frozenset(firm for firm, stage in last.items() if stage == CLOSED)


def _case(
    version: ProgrammeVersion,
    procedure: Procedure,
    row: ProgrammeFirm,
    lacking: list[str],
    on: date,
) -> Case:
    """Led by the department that guides firms with R&D, where the pack names one (001-25)."""
    place = {name: getattr(row, name) for name in PLACE}
    if row.guide_unit_id is not None:
        # chosen by the state of the firm, by no rule of its industry
        place |= {"competent_unit_id": row.guide_unit_id, "rule": ""}
    return births.new_case(
        programme=version.programme,
        pack_version=version,
        procedure=procedure.key,
        enterprise_id=row.enterprise_id,
        stage=procedure.initial,
        lacking=lacking,
        lacking_count=len(lacking),
        opened_on=on,
        **place,
    )
