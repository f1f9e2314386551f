"""Cases under lock, with their open steps, children and parents, as plans to be written.

The order of locks is that of the ids, whoever asks: nobody waits for anybody in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from itertools import product
from typing import Any, Literal

from django.db import transaction
from django.db.models import JSONField, Max, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from cases import beside, near
from cases.around import Around
from cases.dates import long_day_words
from cases.errors import Refused, Stale
from cases.models import Case, CaseEvent, Evidence, FormRecord, WorkItem
from organisations.compiled import Compiled, CompiledFor, ask
from organisations.days import day_of
from organisations.planned import vendor

# what lies around a case: nothing of it, its posts, also papers and forms
Looking = Literal["", "posts", "all"]


@dataclass
class Step:
    """One case under lock, and what a verb wants written about it."""

    case: Case
    item: WorkItem | None
    verb: str = ""
    to_stage: str | None = None
    next_item: WorkItem | None = None
    changes_item: bool = False
    # the same step under another name (a migration): it stays open, with its clock and its ladder
    keeps_item: bool = False
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    from_stage: str = ""
    # the newest step there was, finished or not: what a case that is taken up again goes on with
    last: WorkItem | None = None
    revives_last: bool = False
    # a remark or a paper changes nothing that a page's buttons depend on: other pages stay valid
    bumps_version: bool = True
    # what was filled in, saved or new: written with the move
    forms: list[FormRecord] = field(default_factory=list)
    # no progress: a case that an undone import had opened begins anew, or one that it ended goes on
    is_again: bool = False
    # the child cases, open and finished, under the same lock (``lock(…, with_children=True)``)
    children: list[Step] = field(default_factory=list)
    # when something was last written about the case: nothing happens before it
    last_at: datetime | None = None
    # what lay around the case when it was locked (``lock_one(…, looking="all")``)
    around: Around | None = None

    def __post_init__(self) -> None:
        # a new case comes from nowhere
        self.from_stage = "" if self.is_birth else self.case.stage
        # as they were read: only what differs is written; of what others made nothing is known
        self._case_was: dict[str, Any] = {}
        self._item_was: dict[str, Any] = {}

    @classmethod
    def of(cls, case: Case, item: WorkItem | None, last_at: datetime | None) -> Step:
        """A case and its newest item as they have just been read."""
        step = cls(case, item if item and item.is_open else None, last=item, last_at=last_at)
        step._case_was = _as_read(case)
        step._item_was = _as_read(item) if item is not None else {}
        return step

    def changed(self, names: Iterable[str]) -> tuple[str, ...]:
        """Which of these columns the case has other values in than when it was locked."""
        return _changed(names, self._case_was, vars(self.case))

    def changed_of_item(self, names: Iterable[str]) -> tuple[str, ...]:
        """The same of its newest item; of another one all, as nobody knows."""
        kept = self.last if self.revives_last else self.item
        was = self._item_was if kept is self.last else {}
        return _changed(names, was, vars(kept))

    @property
    def is_birth(self) -> bool:
        """Whether the case is not written yet: it is born with what its parent does."""
        return self.case.id is None

    @property
    def tree(self) -> list[Step]:
        """It and whatever is below it, as far as it was locked."""
        return [self, *(one for child in self.children for one in child.tree)]


def _changed(names: Iterable[str], was: dict[str, Any], now: Any) -> tuple[str, ...]:
    return tuple([name for name in names if name not in was or was[name] != now[name]])


def _as_read(row: Model) -> dict[str, Any]:
    held = dict(vars(row))
    for name in _changeable(type(row)):
        if held.get(name):
            # a list may be changed in its place
            held[name] = deepcopy(held[name])
        elif name in held:
            held[name] = None if held[name] is None else type(held[name])()
    return held


@cache
def _changeable(model: type[Model]) -> tuple[str, ...]:
    return tuple(f.attname for f in model._meta.concrete_fields if isinstance(f, JSONField))


def lock(
    ids: Iterable[int],
    versions: Mapping[int, int] | None = None,
    *,
    with_children: bool = False,
    with_parents: bool = False,
    looking: Looking = "",
) -> list[Step]:
    """Lock cases in the order of their ids, with their open items; one statement as a rule.

    A child is younger than its parent, so rising ids lock parents before children, and two
    transactions never wait for each other in a circle. ``with_children`` fills ``Step.children``;
    ``with_parents`` adds the parents to the answer; ``looking``, of one case, what lies around it
    (``Step.around``). ``versions`` are those of the pages that people
    looked at: a difference is ``Stale``.
    """
    asked = set(ids)
    steps = _held(sorted(asked), with_children, with_parents, looking=looking)
    steps |= _itemless(asked - steps.keys())
    _check_versions(steps, versions)
    if with_children:
        for step in steps.values():
            if step.case.parent_id in asked:
                steps[step.case.parent_id].children.append(step)
    return [steps[pk] for pk in sorted(steps) if with_parents or pk in asked]


def _held(
    ids: Sequence[int], with_children: bool, with_parents: bool, *, looking: Looking
) -> dict[int, Step]:
    if looking and len(ids) == 1:
        return _looked(ids[0], looking == "all")
    return _settled(LOCKED[with_children, with_parents](ids), with_children=with_children)


def _looked(pk: int, with_papers: bool) -> dict[int, Step]:
    """A case and its children under lock, and what lies around it.

    On PostgreSQL first the lock, then the question: it is asked once the lock is held, so it sees
    what the lock waited for. On SQLite the transaction holds the whole file. Posts, units and
    programme are asked for where they may not be known (``near``).
    """
    _check_transaction()
    is_known = near.is_likely()
    held, items = _ask_for(pk, LOOKED[with_papers, is_known])
    desks = near.fill(items, pk) if is_known else None
    if is_known and desks is None:
        items = LOOKED[with_papers, False](pk)
    steps = {}
    for item in sorted(items, key=_case_of) if len(items) > 1 else items:
        step, of = Step.of(item.process, item, item.seen_at), item.process_id
        if of == pk:
            if desks is None:
                desks = beside.desks(item)
                near.learn(items, pk, desks)
            step.around = beside.around(item, desks, with_papers=with_papers)
        steps[of] = step
    if held and not steps.keys() <= set(held):
        # born while the lock was waited for; none is born while it is held
        return _looked(pk, with_papers)
    return steps


def _ask_for(pk: int, wanted: Compiled[WorkItem]) -> list[list[Any]]:
    """The ids that are locked now, if any had to be, and the newest steps of the family."""
    if vendor() == "postgresql":
        return ask(FAMILY_LOCK.asked(pk), wanted.asked(pk))
    return [[], wanted(pk)]


def lock_trees(ids: Iterable[int], versions: Mapping[int, int] | None = None) -> list[Step]:
    """Roots under lock with everything below them (an order of an issue of a firm's case); all
    of them in the order of their ids: a statement for each two levels, then one for the lock.
    """
    roots = set(ids)
    every, level = set(roots), roots
    while level:
        near = Case.objects.filter(parent__in=level).order_by().values_list("pk", "parent")
        far = Case.objects.filter(parent__parent__in=level).order_by().values_list("pk", "parent")
        # not one filter with OR: that would read the whole table
        found = list(near.union(far, all=True))
        every |= {pk for pk, _parent in found}
        level = {pk for pk, parent in found if parent not in level}
    steps = lock(every, versions, with_children=True)
    return [step for step in steps if step.case.pk in roots]


class Family:
    """A way from whatever is at hand, a paper or one of the children, to the firm's own case.

    ``root`` gives the query for its id.
    """

    def __init__(self, root: Callable[[int], QuerySet[Any, Any]]) -> None:
        self.root = root
        self.locked = Compiled(lambda pk: _newest_of(_family(Subquery(root(pk)[:1]))), int)


OF_CASE = Family(lambda pk: Case.objects.filter(pk=pk).values_list(Coalesce("parent_id", "pk")))
# papers lie with the firm's own case
OF_PAPER = Family(lambda pk: Evidence.objects.filter(pk=pk).values_list("case_id", flat=True))


def lock_family(family: Family, pk: int, versions: Mapping[int, int] | None = None) -> Step | None:
    """Lock the firm's own case with its children; one statement as a rule."""
    steps = _settled(family.locked(pk), with_children=True)
    own = next((step for step in steps.values() if step.case.parent_id is None), None)
    if own is None:
        # it never had a step of ours
        own = next(iter(_itemless(set(family.root(pk)[:1])).values()), None)
    if own is not None:
        _check_versions(steps | {own.case.pk: own}, versions)
        own.children = [steps[pk] for pk in sorted(steps) if pk != own.case.pk]
    return own


def _settled(items: Iterable[WorkItem], *, with_children: bool) -> dict[int, Step]:
    """Cases and items as they are once the lock is held."""
    _check_transaction()
    steps, raced = _read(items)
    if raced:
        # held now, so a second look sees what the transaction before us left
        steps |= _read(LOCKED[with_children, False](sorted(raced)))[0]
    return steps


def _check_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("engine.lock needs a transaction")


def _check_versions(steps: Mapping[int, Step], versions: Mapping[int, int] | None) -> None:
    for pk, seen in (versions or {}).items():
        if pk in steps and steps[pk].case.version != seen:
            raise Stale("stale", stale_words())


def _newest_of(wanted: Q) -> QuerySet[WorkItem, WorkItem]:
    """The newest item of each case that is wanted, with its case, to be locked."""
    cases = Case.objects.filter(wanted).values("pk")
    # the newest of each, not a look for a newer one from each: that is a scan per row where
    # PostgreSQL has no statistics yet
    steps_of = WorkItem.objects.filter(process__in=cases).order_by()
    newest = steps_of.values("process").annotate(newest=Max("pk")).values("newest")
    version = Case.objects.filter(pk=OuterRef("process")).values("version")
    items: QuerySet[WorkItem, WorkItem] = (
        WorkItem.objects.select_for_update(of=("process",), no_key=True)
        .filter(pk__in=newest)
        .annotate(seen_version=Subquery(version), seen_at=Subquery(_last_event()))
        .select_related("process__programme", "post", "unit")
        .order_by("process_id")
    )
    return items


def _case_of(item: WorkItem) -> int:
    return item.process_id


def _one_with_all(pk: int, *, with_papers: bool, is_known: bool) -> QuerySet[WorkItem, WorkItem]:
    """The newest item of a case and of each of its children; with the case what lies around it, but
    for what is known."""
    family = Case.objects.filter(Q(pk=pk) | Q(parent=pk)).values("pk")
    steps_of = WorkItem.objects.filter(process__in=family).order_by().values("process")
    items: QuerySet[WorkItem, WorkItem] = (
        WorkItem.objects.filter(pk__in=steps_of.annotate(newest=Max("pk")).values("newest"))
        .annotate(
            seen_at=Subquery(_last_event()),
            **beside.columns(pk, with_posts=not is_known, with_papers=with_papers),
        )
        .select_related(*(("process",) if is_known else ("process__programme", "post", "unit")))
        .order_by()
    )
    return items


def _last_event() -> QuerySet[CaseEvent, Any]:
    return CaseEvent.objects.filter(case=OuterRef("process")).order_by("-id").values("at")[:1]


def _family_lock(pk: int) -> QuerySet[Case, int]:
    """The ids of a case and its children, locked in their order."""
    family = Case.objects.select_for_update(no_key=True).filter(Q(pk=pk) | Q(parent=pk))
    ids: QuerySet[Case, int] = family.order_by("pk").values_list("pk", flat=True)
    return ids


FAMILY_LOCK = Compiled(_family_lock, int)
# by whether papers and forms come with them, and whether what ``near`` keeps need not
LOOKED = {
    key: Compiled(partial(_one_with_all, with_papers=key[0], is_known=key[1]), int)
    for key in product((False, True), repeat=2)
}


def _family(pk: Subquery) -> Q:
    return Q(pk=pk) | Q(parent=pk)


def _asked(with_children: bool, with_parents: bool) -> CompiledFor[WorkItem]:
    def build(ids: Sequence[int]) -> QuerySet[WorkItem, WorkItem]:
        wanted = Q(pk__in=ids)
        if with_parents:
            wanted |= Q(children__in=ids)
        if with_children:
            wanted |= Q(parent__in=ids)
        return _newest_of(wanted)

    return CompiledFor(build)


# by whether children and parents come with the cases that are asked for
LOCKED = {key: _asked(*key) for key in product((False, True), repeat=2)}


def _read(items: Iterable[Any]) -> tuple[dict[int, Step], list[int]]:
    """Cases by id with their newest item; and the ids whose items may be older.

    PostgreSQL answers a row that it had to wait for with the case as it is now and the item as it
    was when the statement began: the version of the beginning tells.
    """
    steps, raced = {}, []
    for item in items:
        case = item.process
        steps[case.pk] = Step.of(case, item, item.seen_at)
        if item.seen_version != case.version:
            raced.append(case.pk)
    return steps, raced


def _itemless(ids: set[int]) -> dict[int, Step]:
    """Cases that never had a step of ours: they had ended when the running ledger was taken."""
    if not ids:
        return {}
    cases = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=ids)
        .select_related("programme")
        .order_by("pk")
    )
    return {case.pk: Step(case, None) for case in cases}


def lock_one(
    pk: int,
    version: int | None = None,
    *,
    with_children: bool = False,
    with_tree: bool = False,
    looking: Looking = "",
) -> Step:
    """Lock one case; ``Stale`` when the page is older, ``Refused`` when there is none.

    ``looking``: what lies around it is asked together with the lock, for ``Step.around``.
    """
    versions = {pk: version} if version is not None else None
    if with_tree:
        found = lock_trees([pk], versions)
    else:
        found = lock([pk], versions, with_children=with_children, looking=looking)
    if not found:
        raise Refused("no_case", _("This case does not exist."))
    return found[0]


def check_time(step: Step, at: datetime) -> None:
    """Nothing happens on a day before the case was opened, nor before what has happened to it.

    By days, as every date of the work is: a bare date means the morning of that day.
    """
    last = step.last_at or step.case.created
    if not step.is_birth and last is not None and day_of(at) < day_of(last):
        words = _("%(number)s: the last entry is of %(last)s. Give a later day.")
        told = long_day_words(day_of(last))
        raise Refused("too_early", words % {"number": step.case.number, "last": told})


def stale_words() -> str:
    return _("Somebody has just acted on this case. Look at it again before you act.")
