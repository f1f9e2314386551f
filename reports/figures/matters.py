"""What no row of a firm says: needs, the plan's measures, growth of the R&D spending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from cases.models import Case
from cases.nouns.matching import MatchRecord
from cases.stages import CLOSED, WITHDRAWN
from enterprises.models import Membership, MoneyFigure
from organisations.rounding import half_up
from workflows.models import Programme
from workflows.packs import Pack

NEED = "need"
FEWEST = 3  # firms: a sum of fewer would tell a single firm's figure (统计法)


@dataclass(frozen=True)
class Growth:
    """R&D spending of firms whose figures of both years are kept; only shares are told."""

    firms: int
    exact: Fraction | None

    @property
    def rate(self) -> Decimal | None:
        return None if self.exact is None else half_up(self.exact)


@dataclass(frozen=True)
class Matters:
    """``needs``, ``matched``: by county; ``measures``: (done, in all)."""

    needs: Mapping[int, int]
    matched: Mapping[int, int]
    measures: tuple[int, int]
    growth: Growth


def matters(programme: Programme, pack: Pack, day: date) -> Matters:
    """As of the end of a day; four statements."""
    needs, matched = _needs(programme, day)
    return Matters(needs, matched, _measures(programme, pack, day), _growth(programme, day))


def _needs(programme: Programme, day: date) -> tuple[dict[int, int], dict[int, int]]:
    """Needs opened by the day, and those of them that were carried out or found a partner."""
    done = (MatchRecord.Result.SIGNED, MatchRecord.Result.INTENTION)
    met = MatchRecord.objects.sealed().filter(case=OuterRef("pk"), met_on__lte=day, result__in=done)
    rows = Case.objects.filter(programme=programme, procedure=NEED, opened_on__lte=day)
    rows = rows.exclude(stage=WITHDRAWN).order_by()
    is_met = Q(Exists(met)) | Q(stage=CLOSED, closed_on__lte=day)
    needs: dict[int, int] = {}
    matched: dict[int, int] = {}
    for county, met_one in rows.annotate(is_met=is_met).values_list("county_id", "is_met"):
        needs[county] = needs.get(county, 0) + 1
        matched[county] = matched.get(county, 0) + bool(met_one)
    return needs, matched


def _measures(programme: Programme, pack: Pack, day: date) -> tuple[int, int]:
    rows = Case.objects.filter(programme=programme, parent=None, closed_on__lte=day, stage=CLOSED)
    keys = [measure.key for measure in pack.measures]
    return rows.filter(measure__in=keys).values("measure").distinct().count(), len(keys)


def _growth(programme: Programme, day: date) -> Growth:
    """The newest figures of the year against those of the same month a year earlier, of the firms
    on the register for which both are kept."""
    listed = Membership.objects.on(day).filter(city=programme.city_id).values("enterprise")
    place = Window(RowNumber(), partition_by=F("enterprise_id"), order_by=F("on").desc())
    year = programme.statistical_year
    kept = MoneyFigure.objects.filter(kind=MoneyFigure.Kind.SPENDING, enterprise__in=listed)
    newest = kept.filter(on__year=year, on__lte=day).annotate(place=place).filter(place=1)
    now = {firm: (on.month, amount) for firm, on, amount in newest.values_list(*_MONEY)}
    if not now:
        return Growth(0, None)
    # a month's figure is a state: of several the newest counts, none is added to another
    before = kept.filter(on__year=year - 1).order_by("on").values_list(*_MONEY)
    was = {(firm, on.month): amount for firm, on, amount in before}
    pairs = [
        (amount, was[firm, month]) for firm, (month, amount) in now.items() if (firm, month) in was
    ]
    old = sum((pair[1] for pair in pairs), Decimal(0))
    if len(pairs) < FEWEST or not old:
        return Growth(len(pairs), None)
    new = sum((pair[0] for pair in pairs), Decimal(0))
    return Growth(len(pairs), Fraction(new) / Fraction(old) * 100 - 100)


_MONEY = ("enterprise_id", "on", "amount")
