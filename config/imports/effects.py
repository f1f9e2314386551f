"""What confirming an import would do to the cases of the city, before it is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import filing_rests
from cases.actions.ledger_undo import made_by, why_stays
from cases.filing_rests import Resting, resting_on
from cases.models import Case
from cases.stages import CLOSED, DELISTED, TERMINAL
from enterprises.models import ImportBatch

Fact = dict[str, Any]


def effects(batch: ImportBatch) -> list[Fact]:
    """For components/fact.html; at most one query."""
    if batch.kind == ImportBatch.Kind.FILING:
        return _of_filing(batch)
    if batch.kind == ImportBatch.Kind.REGISTER and "members" in batch.report:
        return _of_register(batch)
    return []


def _of_register(batch: ImportBatch) -> list[Fact]:
    report = batch.report
    new = [row for row in report["new"] if not row["returning"]]
    back = [row["id"] for row in report["new"] if row["returning"]]
    gone = [row["id"] for row in report["leaving"] if row["id"]]
    moved = [
        row["id"]
        for row in report["changed"]
        if any(change["field"] == "county" for change in row["changes"])
    ]
    stages = _stages(batch, {*back, *gone, *moved})
    return [
        {
            "name": _("New on the register"),
            "value": _("%(n)s firms") % {"n": str(len(new))},
            "note": _("without R&D spending they get their case when cases are opened"),
        },
        {
            "name": _("Cases that end as delisted"),
            "value": _("%(n)s cases") % {"n": str(_count(stages, gone, TERMINAL, False))},
            "note": _("%(n)s struck off before keep their record")
            % {"n": str(_count(stages, gone, {CLOSED}))},
        },
        {
            "name": _("Cases that go on again"),
            "value": _("%(n)s cases") % {"n": str(_count(stages, back, {DELISTED}))},
            "note": _("their firms come back to the register"),
        },
        {
            "name": _("Cases that change county"),
            "value": _("%(n)s cases") % {"n": str(_count(stages, moved, TERMINAL, False))},
            "note": _("the clock runs on"),
        },
    ]


def _of_filing(batch: ImportBatch) -> list[Fact]:
    states = batch.report.get("states")
    if states is None:
        return []
    stages = _stages(batch, {*states["more"], *states["less"]})
    return [
        {
            "name": _("With R&D spending"),
            "value": _("%(n)s firms") % {"n": str(states["spending"])},
            "note": _("%(more)s more than known before, %(less)s fewer")
            % {"more": str(len(states["more"])), "less": str(len(states["less"]))},
        },
        {
            "name": _("Open cases whose firm now has R&D spending"),
            "value": _("%(n)s cases") % {"n": str(_count(stages, states["more"], TERMINAL, False))},
            "note": _("to be checked for closing; a list closes no case"),
        },
        {
            "name": _("Struck off, but now without R&D spending"),
            "value": _("%(n)s cases") % {"n": str(_count(stages, states["less"], {CLOSED}))},
            "note": _("list “ledger and filing differ”; a list reopens no case"),
        },
        {
            "name": _("To be chased"),
            "value": _("%(n)s firms") % {"n": str(states["unregistered"] + states["unfiled"])},
            "note": _("%(a)s not registered, %(b)s registered but not filed")
            % {"a": str(states["unregistered"]), "b": str(states["unfiled"])},
        },
    ]


def outside_of(report: dict[str, Any]) -> int:
    """Of the leaving firms those that were not on the register: the list already has them gone."""
    if "members" not in report:
        return 0
    counts = report["counts"]
    members_left: int = report["members"] + counts["new"] - report["members_after"]
    return int(counts.get("leaving", 0)) - members_left


def undo_effects(batch: ImportBatch) -> list[Fact]:
    """What taking an applied import back would do; a few queries."""
    report = batch.report
    if batch.kind == ImportBatch.Kind.LEDGER:
        return _of_undone_ledger(batch)
    counts = {key: str(n) for key, n in report["counts"].items()}
    if batch.kind == ImportBatch.Kind.FILING:
        return [
            {
                "name": _("Filing states that are deleted"),
                "value": _("%(n)s firms") % {"n": counts["new"]},
                "note": _("what was known before counts again"),
            },
            {
                "name": _("Filing states that are as before"),
                "value": _("%(n)s firms") % {"n": counts["changed"]},
            },
            *_resting(resting_on(batch)),
        ]
    gone = [row["id"] for row in report["leaving"] if row["id"]]
    stages = _stages(batch, set(gone))
    made = batch.changes.filter(model="enterprise", before__isnull=True).count()
    deleted = ngettext(
        "%(n)s firm that this import made is deleted",
        "%(n)s firms that this import made are deleted",
        made,
    )
    return [
        {
            "name": _("Leave the register again"),
            "value": _("%(n)s firms") % {"n": counts["new"]},
            "note": deleted % {"n": str(made)} if made else _("this import made no new firm"),
        },
        {
            "name": _("As before"),
            "value": _("%(n)s firms") % {"n": counts["changed"]},
            "note": _("name, county, industry, contact as they were"),
        },
        {
            "name": _("On the register again"),
            "value": _("%(n)s firms")
            % {"n": str(report["counts"]["leaving"] - outside_of(report))},
            "note": _("%(n)s delisted cases go on again")
            % {"n": str(_count(stages, gone, {DELISTED}))},
        },
    ]


def undo_obstacle(batch: ImportBatch) -> str:
    """What the cases have against it, in words; empty when nothing."""
    if batch.kind == ImportBatch.Kind.FILING:
        return filing_rests.why_stays(resting_on(batch))
    return why_stays(made_by(batch)) if batch.kind == ImportBatch.Kind.LEDGER else ""


def _resting(found: Resting) -> list[Fact]:
    return [
        {
            "name": _("Cases opened on this list"),
            "value": _("%(n)s cases") % {"n": str(found.opened)},
            "note": _("they stay; withdraw what should not have been opened"),
        },
        {
            "name": _("Without a case because of it"),
            "value": _("%(n)s firms") % {"n": str(found.covered)},
            "note": _("without spending they get theirs when cases are opened again"),
        },
        {
            "name": _("Papers let off on its word"),
            "value": _("%(n)s papers") % {"n": str(found.waived)},
            "note": _("%(n)s struck off with them: reopen these first")
            % {"n": str(len(found.closed))},
        },
    ]


def _of_undone_ledger(batch: ImportBatch) -> list[Fact]:
    made = made_by(batch)
    return [
        {
            "name": _("Cases that are withdrawn"),
            "value": _("%(n)s cases") % {"n": str(made.cases)},
            "note": _("with their remedies; number and history stay"),
        },
        {
            "name": _("Struck off among them"),
            "value": _("%(n)s cases") % {"n": str(made.closed)},
            "note": _("they no longer count as closed"),
        },
        {
            "name": _("Their firms"),
            "value": _("%(n)s firms") % {"n": str(made.cases)},
            "note": _("get their case again by a corrected ledger, or when cases are opened"),
        },
    ]


def _stages(batch: ImportBatch, firms: set[int]) -> list[tuple[int, str]]:
    """(firm, stage) of the root cases; a wide ``IN`` would be cut by the database, so all."""
    roots = Case.objects.filter(programme__city=batch.city_id, is_main=True)
    rows = roots.values_list("enterprise_id", "stage") if firms else ()
    return [(firm, stage) for firm, stage in rows if firm in firms]


def _count(
    stages: Sequence[tuple[int, str]], firms: Sequence[int], among: Any, inside: bool = True
) -> int:
    wanted = set(firms)
    return sum(firm in wanted and (stage in among) == inside for firm, stage in stages)
