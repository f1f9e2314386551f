"""政策找人: which listed firms a case for firms is meant for, judged as of its day (002-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from cases.actions.stock import Firm, Stock, take_stock
from cases.errors import Refused
from cases.models import Case, FormRecord, ProgrammeFirm
from cases.rulebook import rules_of
from workflows.fitting import FirmFields, FirmRule
from workflows.models import Programme
from workflows.packs import Pack, fold_county
from workflows.policies import Policy
from workflows.procedure import Spawn


class Fitting:
    """The register of a day with who owes each firm; read once, and only when it is asked."""

    def __init__(self, programme: Programme, on: date) -> None:
        self.programme, self.on = programme, on

    @cached_property
    def stock(self) -> Stock:
        return take_stock(self.programme, self.programme.current.pack, self.on)

    def firms(self, rule: FirmRule) -> Sequence[ProgrammeFirm]:
        """Rows of the firms that fit, in the register's order; a firm without an owner is none."""
        return [
            self.stock.rows[firm.pk]
            for firm in self.stock.firms
            if firm.pk in self.stock.rows and fits_firm(rule, firm)
        ]

    def rule_of(self, case: Case, spawn: Spawn, answers: Mapping[str, Any]) -> FirmRule:
        """What the plan says of the policy, else what was filled in when the case was opened."""
        pack = rules_of(case).pack
        if case.measure:
            found = pack.measure(case.measure)
            return found.fits if isinstance(found, Policy) else FirmRule()
        if spawn.firms is None:
            return FirmRule()
        if not any(name in answers for name in spawn.firms.named):
            opening = rules_of(case).procedure.opening("hand")
            forms = FormRecord.objects.filter(case=case, form=opening.form if opening else "")
            record = forms.order_by("pk").last()
            answers = record.data if record else {}
        return _checked(spawn.firms, answers, pack)


def _checked(fields: FirmFields, answers: Mapping[str, Any], pack: Pack) -> FirmRule:
    """What a person filled in, refused in words where it makes no sense."""
    try:
        rule = fields.rule(answers)
    except ValidationError as wrong:
        found = (error.get("ctx", {}).get("error", error["msg"]) for error in wrong.errors())
        raise Refused("no_rule", " ".join(str(words) for words in found)) from wrong
    known = {fold_county(name) for c in pack.counties for name in (c.name, *c.aliases)}
    strange = [name for name in rule.counties if fold_county(name) not in known]
    if strange:
        words = _("“%(name)s” is no county of this city.") % {"name": strange[0]}
        raise Refused("no_county", words)
    counties = tuple(pack.county(name).name for name in rule.counties)
    return rule.model_copy(update={"counties": counties})


def fits_firm(rule: FirmRule, firm: Firm) -> bool:
    member = firm.membership
    return rule.fits(
        county=member.county.name,
        industry=member.industry_code,
        ownership=member.ownership,
        facts=firm.facts,
    )
