"""Versions of a programme as its cases see them: how many stand where, what a change concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from cases.models import Case
from workflows.models import ProgrammeVersion
from workflows.pack_diff import Diff


@dataclass(frozen=True)
class Touched:
    """Open cases under a version, and those whose rules another version would change."""

    open: int
    touched: int
    by_stage: Mapping[tuple[str, str], int]


def open_by_stage(version: ProgrammeVersion) -> Counter[tuple[str, str]]:
    """Open cases, child cases too, by procedure and stage; one query."""
    rows = Case.objects.filter(pack_version=version).open().order_by()
    counted = rows.values_list("procedure", "stage").annotate(n=Count("pk"))
    return Counter({(procedure, stage): n for procedure, stage, n in counted})


def open_by_version(programme_id: int) -> dict[int, int]:
    """Open cases of every kind, child cases too, by version id; one query."""
    rows = Case.objects.filter(programme=programme_id).open().order_by()
    return dict(rows.values_list("pack_version_id").annotate(n=Count("pk")))


def touched_by(diff: Diff, version: ProgrammeVersion) -> Touched:
    """What a difference concerns among the open cases of a version."""
    counts = open_by_stage(version)
    touched = {place: n for place, n in counts.items() if diff.touches(*place)}
    return Touched(sum(counts.values()), sum(touched.values()), touched)
