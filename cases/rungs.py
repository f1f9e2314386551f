"""Which rungs have fired: for the date that a step has now, and for those that it had before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cases.models import RungFired, WorkItem

BEFORE = 0  # for the versions of steps that were left late, whose date this one took over


@dataclass(frozen=True)
class Fired:
    """Keys of rungs by item and deadline version."""

    by_version: Mapping[int, Mapping[int, frozenset[str]]]

    def now(self, item: WorkItem) -> frozenset[str]:
        return self.by_version.get(item.pk, {}).get(item.deadline_version, frozenset())

    def earlier(self, item: WorkItem) -> frozenset[str]:
        """On record for other dates of the step: a letter that builds on another need not wait
        for it anew because the date was changed."""
        versions = self.by_version.get(item.pk, {})
        others = (keys for version, keys in versions.items() if version != item.deadline_version)
        return frozenset[str]().union(*others)


def rungs_fired(items: Iterable[WorkItem]) -> Fired:
    """One query; a second one where a step began late, with the date of one before it (ADR 11)."""
    known = {item.pk: item for item in items}
    found: dict[int, dict[int, frozenset[str]]] = defaultdict(dict)
    rows = RungFired.objects.filter(item__in=list(known))
    for item_id, version, key in rows.values_list("item_id", "deadline_version", "rung"):
        found[item_id][version] = found[item_id].get(version, frozenset()) | {key}
    late = {item.process_id: item for item in known.values() if _began_late(item)}
    if late:
        before = RungFired.objects.filter(item__process__in=list(late), item__days_late__gt=0)
        for case_id, due_on, key in before.values_list("item__process", "item__due_on", "rung"):
            item = late[case_id]
            if item.due_on and due_on and due_on <= item.due_on:
                found[item.pk][BEFORE] = found[item.pk].get(BEFORE, frozenset()) | {key}
    return Fired(found)


def _began_late(item: WorkItem) -> bool:
    return item.due_on is not None and item.due_on < item.started_on
