"""工作台账: where the cases of a programme stand today; totals only, a fixed number of queries.

Another truth than the provincial filing (practice: three truths), so the two are never mixed.
Every county's totals are open to every official; which rows he may open, ``visible_to`` says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from cases.models import Case
from cases.querysets import scope_of, works_in_part
from cases.stages import TERMINAL
from organisations.roles import Act
from organisations.scope import Actor
from reports.figures import counted
from reports.figures.months import State
from reports.figures.standing import FINE, REST, REVIEWS, SOON, Standing
from workflows.models import Programme
from workflows.packs import Pack
from workflows.procedure import Procedure
from workflows.text import localised


@dataclass(frozen=True)
class Figures:
    """Firms' own cases (no remedies): counts by situation, and by stage for the funnel.

    ``opened`` is the base of every page: without those that left the register, who stand beside
    it, and those opened by mistake. What goes on in the next year stays in the old year's base.
    """

    opened: int
    running: int
    closed: int
    delisted: int
    overdue: int
    overdue_long: int
    soon: int
    fine: int
    resting: int
    reviews: int
    # None: nothing tells it of a past day
    lacks_one: int | None
    # 上年结转: of those opened here; 结转: that go on in the next year, closed by nobody
    carried_in: int
    carried_out: int
    stages: tuple[tuple[str, str, int], ...]
    # of the stages that are left by signing: what is contested or rests, and nobody is to sign
    unsigned: int = 0
    # counties of which the actor may open rows; a number links only there
    visible: frozenset[int] = frozenset()
    # whether he may open every row: only then a total of all counties opens a list of its length
    sees_all: bool = False

    @property
    def lights(self) -> tuple[int, int, int, int, int]:
        return self.overdue, self.soon, self.fine, self.reviews, self.resting


def figures(
    programme: Programme, on: date, pack: Pack | None = None, actor: Actor | None = None
) -> Figures:
    """Three queries at most: the counts by county and stage, and what the actor sees of them."""
    lines = counted.lines(programme, on)
    by_stage: Counter[str] = Counter()
    whole: Counter[int] = Counter()
    for county, stage, firms, *_others in lines:
        by_stage[stage] += firms
        whole[county] += firms
    _counties, _stages, _firms, *columns = zip(*lines, strict=True) if lines else counted.COLUMNS
    counts = {
        name: sum(column) if lines else 0
        for name, column in zip(counted.FIGURES[1:], columns, strict=True)
    }
    stages = _funnel((pack or programme.current.pack).root, by_stage)
    # a list opens only where it is as long as its number: with a part of a county none does
    visible = frozenset(seen_whole(programme, actor or Actor.nobody(on), whole))
    return Figures(**counts, stages=stages, visible=visible, sees_all=len(visible) == len(whole))


def seen_whole(programme: Programme, actor: Actor, whole: Mapping[int, int]) -> set[int]:
    """Of counties with so many cases those of which the actor may open each; one statement."""
    if _sees_city(actor, programme):
        return set(whole)
    seen = _seen(programme, actor)
    return {county for county, n in whole.items() if seen[county] == n}


def _sees_city(actor: Actor, programme: Programme) -> bool:
    """Whether one of his posts opens every case of the programme's city."""
    return any(
        not works_in_part(one) and one.covers(programme.city)
        for one in actor.standings_for(Act.READ)
    )


def _seen(programme: Programme, actor: Actor) -> Counter[int]:
    """By county how many cases the actor may open."""
    roots = Case.objects.filter(programme=programme, is_main=True).filter(scope_of(actor))
    rows = roots.order_by().values_list("county_id").annotate(n=Count("pk"))
    return Counter(dict(rows))


def figures_then(state: State, found: Standing, mine: Collection[int]) -> Figures:
    """The same of a past day; ``mine``: firms that the reader may open. No statement."""
    counts, stages = state.total.counts, state.total.stages
    whole = Counter(row.works_in for row in state.rows if row.stage)
    seen = Counter(row.works_in for row in state.rows if row.stage and row.firm in mine)
    visible = frozenset(county for county, n in whole.items() if seen[county] == n)
    named = ("opened", "running", "closed", "delisted", "overdue", "overdue_long")
    return Figures(
        **{name: counts[name] for name in named},
        soon=found.count(SOON),
        fine=found.count(FINE),
        resting=found.count(REST),
        reviews=found.count(REVIEWS),
        lacks_one=None if "lacks_one" in state.unknown else counts["lacks_one"],
        carried_in=0,
        carried_out=0,
        stages=_funnel(state.pack.root, stages),
        visible=visible,
        sees_all=len(visible) == len(whole),
    )


def _funnel(root: Procedure, counts: Mapping[str, int]) -> tuple[tuple[str, str, int], ...]:
    """(stage, label, number) in the order of the procedure; empty ends are left out."""
    found = [(s.key, localised(s.state_label), counts.get(s.key, 0)) for s in root.stages]
    known = {key for key, _label, _n in found} | set(TERMINAL)
    strays = [(key, key, n) for key, n in counts.items() if key not in known]
    return tuple(found + strays)
