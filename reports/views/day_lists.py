"""指标: the firms behind a number of a day, a page at a time or all for a workbook."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from organisations.keyset import ListPage
from organisations.markers import ActorRequest
from reports.figures.behind import Behind
from reports.figures.breakdown import firms_in, rows_of
from reports.figures.definitions import OF_CASES
from reports.figures.months import State
from reports.figures.rows import FirmRow
from reports.figures.standing import standing
from reports.views.sight import firms_in_sight
from workflows.procedure import Stage
from workflows.text import localised

A_PAGE = 50


class Of(NamedTuple):
    """What is listed: a figure of a part, None for all; of open cases those in a stage, under a
    light, or that a unit owed a step of."""

    figure: str
    part: str | None
    stage: Stage | None
    light: str
    unit: int | None


class DayList:
    """Of a frozen day the rows that were kept; of any other the database finds them."""

    def __init__(self, request: ActorRequest, state: State, per: str, of: Of) -> None:
        self.request, self.state, self.per, self.of = request, state, per, of
        self._behind: Behind | None = None
        if state.sums is not None:
            stage = of.stage.key if of.stage else ""
            more = (stage, of.light, of.unit)
            self._behind = Behind(state, state.sums, of.figure, of.part, *more)

    @cached_property
    def base(self) -> int:
        """How many firms the rates of the filing are a part of."""
        return self._behind.base if self._behind else self.state.total.counts["listed"]

    @cached_property
    def firms(self) -> list[FirmRow]:
        """Those of a number that the reader may open, by name."""
        if self._behind is not None:
            return self._behind.rows()
        figure, part, of = self.of.figure, self.of.part, self.of
        rows = self.state.rows if part is None else rows_of(self.state, self.per, part, figure)
        seen = firms_in_sight(self.request)
        mine = [row for row in rows if row.firm in seen]
        if of.stage:
            mine = [row for row in mine if row.stage == of.stage.key]
        if of.light or of.unit is not None:
            then = standing(self.state)
            if of.light:
                mine = [row for row in mine if then.lights.get(row.firm) == of.light]
            if of.unit is not None:
                mine = [row for row in mine if then.owed.get(row.firm) == of.unit]
        return sorted(firms_in(mine, figure, self.state.pack.base), key=_by_name)

    def page(self) -> Any:
        """A page of them, with county and stage as they were called."""
        page: Any
        if self._behind is not None:
            page = self._behind.page(self.request.GET, A_PAGE)
            rows = self._behind.rows([one["pk"] for one in page.object_list])
        else:
            page = ListPage(self.firms, _by_name, self.request.GET, A_PAGE)
            rows = page.object_list
        counties, root = self.state.names.counties, self.state.pack.root
        stages = {stage.key: localised(stage.state_label) for stage in root.stages}
        is_of_cases = self.of.figure in OF_CASES
        page.object_list = [
            {
                "row": row,
                "name": row.name,
                "pk": row.firm,
                "county": counties.get(row.works_in if is_of_cases else row.county, ""),
                "stage": stages.get(row.stage, ""),
            }
            for row in rows
        ]
        return page


def _by_name(row: FirmRow) -> tuple[str, int]:
    return row.name, row.firm
