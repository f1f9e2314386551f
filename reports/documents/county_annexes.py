"""按县区分别印发: of each county the firms past their limit, for that county alone.

A circular names no firm to anybody else: only the addressee of a county gets its own list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.documents.content import Annex, Column, Table
from reports.documents.setting import long_day
from reports.figures.months import State
from reports.figures.rows import HAVES, FirmRow
from workflows.packs import Pack
from workflows.text import localised

HAVE = "has_"


def overdue_lists(state: State) -> tuple[Annex, ...]:
    """In the order of the plan's counties; a county without such a firm gets none."""
    by_county: dict[int, list[FirmRow]] = defaultdict(list)
    for row in state.rows:
        if row.late > 0 and row.case:
            by_county[row.works_in].append(row)
    # in the order of the plan, then those that it does not name
    names = state.names.counties
    counties = [*(pk for pk in names if pk in by_county), *(by_county.keys() - names.keys())]
    stages = {stage.key: localised(stage.title) for stage in state.pack.root.stages}
    return tuple(_list_of(names.get(pk, ""), pk, by_county[pk], state, stages) for pk in counties)


def _list_of(
    county: str, pk: int, rows: Sequence[FirmRow], state: State, stages: Mapping[str, str]
) -> Annex:
    latest = sorted(rows, key=lambda row: (-row.late, row.name))
    note = _("As of the end of %(day)s: working ledger and provincial system.")
    return Annex(
        title=_("List of overdue firms of %(county)s (working material, not to be passed on)")
        % {"county": county},
        tables=(
            Table(
                columns=_columns(),
                rows=tuple(
                    (
                        str(n),
                        row.name,
                        stages.get(row.stage, ""),
                        _lacking(row, state.pack),
                        _day(row.due),
                        str(row.late),
                    )
                    for n, row in enumerate(latest, 1)
                ),
            ),
        ),
        notes=(note % {"day": long_day(state.as_of)},),
        reader=pk,
    )


def _columns() -> tuple[Column, ...]:
    titles: Iterable[tuple[str, float, str]] = (
        (pgettext("annex", "No."), 1.0, "center"),
        (pgettext("annex", "Firm"), 5.6, "left"),
        (pgettext("annex", "Step"), 2.0, "center"),
        (_("Lacking in the filing"), 3.6, "left"),
        (pgettext("annex", "Deadline"), 2.2, "center"),
        (pgettext("annex", "Late (working days)"), 2.3, "center"),
    )
    return tuple(
        Column.model_validate({"title": title, "share": share, "align": align})
        for title, share, align in titles
    )


def _lacking(row: FirmRow, pack: Pack) -> str:
    lacking = [
        localised(have.label)
        for have in pack.haves
        if f"{HAVE}{have.key}" in HAVES and not getattr(row, f"{HAVE}{have.key}")
    ]
    return pgettext("list of names", ", ").join(lacking) or _("none")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
