"""Everything that stands in the database after some moves, read once for all laws.

What is written once (the trail) is read on from where the last look ended.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from cases.models import Case, CaseEvent, Evidence, Extension, FormRecord, RungFired, Suspension
from cases.models import WorkItem as Item
from organisations.models import Tenure


class Line(NamedTuple):
    """A line of the trail."""

    pk: int
    case: int
    item: int | None
    verb: str
    at: datetime
    by: int | None
    post: int | None
    old: str
    new: str
    data: dict[str, Any]


FIELDS = (
    "pk", "case_id", "item_id", "verb", "at", "by_id", "by_post_id", "from_stage", "to_stage",
    "data",
)  # fmt: skip


@dataclass
class Trail:
    """The lines of a game, in their order; kept from look to look."""

    lines: list[Line] = field(default_factory=list)
    by_case: defaultdict[int, list[Line]] = field(default_factory=lambda: defaultdict(list))

    def read_on(self) -> None:
        last = self.lines[-1].pk if self.lines else 0
        rows = CaseEvent.objects.filter(pk__gt=last).order_by("pk").values_list(*FIELDS)
        for line in map(Line._make, rows):
            self.lines.append(line)
            self.by_case[line.case].append(line)


class Seen:
    """The rows of a game as they stand; ``trail`` was read on."""

    def __init__(self, trail: Trail) -> None:
        trail.read_on()
        self.trail = trail
        self.cases = list(Case.objects.order_by("pk"))
        self.by_pk = {case.pk: case for case in self.cases}
        self.items = list(Item.objects.select_related("post").order_by("pk"))
        self.open = [item for item in self.items if item.finished is None]
        self.item_of = {item.process_id: item for item in self.open}
        self.rests = list(Suspension.objects.order_by("pk"))
        self.rungs = list(RungFired.objects.order_by("pk"))
        self.extensions = list(Extension.objects.order_by("pk"))
        self.tenures = list(Tenure.objects.all())
        self.papers: defaultdict[int, list[Evidence]] = defaultdict(list)
        for paper in Evidence.objects.order_by("pk"):
            self.papers[paper.case_id].append(paper)
        self.children: defaultdict[int, list[Case]] = defaultdict(list)
        for case in self.cases:
            if case.parent_id is not None:
                self.children[case.parent_id].append(case)
        visits = FormRecord.objects.filter(form="visit", is_draft=False)
        self.visited = set(visits.values_list("case_id", flat=True))

    def lines_of(self, case: Case, *verbs: str) -> list[Line]:
        return [line for line in self.trail.by_case[case.pk] if line.verb in verbs]

    def papers_of(self, case: Case) -> list[Evidence]:
        """A remedy's lie with its parent."""
        return self.papers[case.parent_id if case.criterion and case.parent_id else case.pk]

    def holders(self, post: int, on: date) -> set[int]:
        """Who has a post on a day, whoever leaves it on that day too."""
        return {
            one.user_id
            for one in self.tenures
            if one.post_id == post
            and one.from_on <= on
            and (one.until_on is None or on <= one.until_on)
        }
