"""An empty database is made in few steps, an older one goes on in many: both are the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

NAMED = ("constraints", "indexes")
# of data that an empty database has none of
OF_OLD_ROWS = {
    "mark_main_cases",
    "look_at_what_waits",
    "whose_questions",
    "confirm_closed",
    "spell_anew",
}


def models(state: ProjectState) -> dict[tuple[str, str], ModelState]:
    """What is told apart by its name stands in the order of its names."""
    for model in state.models.values():
        for key in NAMED:
            if key in model.options:
                model.options[key] = sorted(model.options[key], key=lambda one: one.name)
    return state.models


def acts(operations: Iterable[Operation]) -> list[str]:
    found: list[Any] = [one.code for one in operations if isinstance(one, RunPython)]
    return [one.__name__ for one in found]


def test_the_short_way_comes_to_the_same_tables() -> None:
    long = MigrationLoader(None, replace_migrations=False)
    short = {key: one for key, one in long.disk_migrations.items() if one.replaces}
    assert len(short) == 5
    ends = [key for key in long.graph.leaf_nodes() if key not in short]
    by_steps = models(long.project_state(ends))
    at_once = models(MigrationLoader(None).project_state())
    assert by_steps.keys() == at_once.keys()
    assert [key for key in by_steps if by_steps[key] != at_once[key]] == []
    for one in short.values():
        replaced = [long.disk_migrations[key] for key in one.replaces]
        steps = [done for step in replaced for done in acts(step.operations)]
        assert acts(one.operations) == [done for done in steps if done not in OF_OLD_ROWS]
