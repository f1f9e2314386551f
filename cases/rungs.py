"""Which rungs have fired: for the date that a step has now, and for those that it had before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cases.models import RungFired, WorkItem


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
    """One query."""
    found: dict[int, dict[int, frozenset[str]]] = defaultdict(dict)
    rows = RungFired.objects.filter(item__in=[item.pk for item in items])
    for item_id, version, key in rows.values_list("item_id", "deadline_version", "rung"):
        found[item_id][version] = found[item_id].get(version, frozenset()) | {key}
    return Fired(found)
