"""方案迁移: open cases and their children go on under another version, by an explicit stage map.

Without it a case keeps the version that it was opened under. A tree moves whole or not at all; the
step stays open, with its date, its ladder and whoever has it, unless the new version says another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, policies
from cases.dating import anew, stored_phrase
from cases.desks import Desks
from cases.engine import Step
from cases.errors import NotYours, Refused
from cases.models import Case, Evidence, FormRecord
from cases.proofs import proves
from cases.rulebook import Rules, calendar, rules_of
from cases.rungs import Fired, rungs_fired
from cases.steps import is_chased, set_next_check
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows import criteria
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack
from workflows.procedure import Procedure, Stage
from workflows.text import localised

BATCH = 500  # trees under lock at once
StageMap = Mapping[str, str]


@dataclass(frozen=True)
class Kept:
    """A case that cannot move, and with it its tree; the reason in words."""

    case: Case
    code: str
    words: str


@dataclass
class Migration:
    """What a migration did, or would do: trees, their child cases, dates that change."""

    moved: int = 0
    children: int = 0
    redated: int = 0
    # (procedure, old stage, new stage) → open cases
    stages: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    kept: list[Kept] = field(default_factory=list)
    is_done: bool = False


@dataclass(frozen=True)
class _Way:
    """From one version to another."""

    old: ProgrammeVersion
    new: ProgrammeVersion
    stages: StageMap
    recompute: bool

    def stage(self, case: Case) -> Stage | None:
        """Where an open case goes on; by the map, else under the same key."""
        procedure = self.new.pack.procedures.get(case.procedure)
        named = self.stages.get(f"{case.procedure}.{case.stage}") or self.stages.get(case.stage)
        key = named or case.stage
        if procedure is None or not procedure.has(key):
            return None
        return procedure.stage(key)


@transaction.atomic
def migrate(
    programme: Programme,
    *,
    from_number: int,
    to_number: int,
    stages: StageMap | None = None,
    recompute: bool = False,
    leave: bool = False,
    dry_run: bool = False,
    by: Actor,
    at: datetime,
) -> Migration:
    """Move the open cases of a version; a fixed number of statements per ``BATCH`` trees.

    ``stages``: old key → new key (``remedy.open`` for the stage of one procedure only); a stage
    that is not named keeps its key. ``recompute``: dates by the new limits, else they stay.
    ``leave``: what cannot move stays under the old version; without it nothing moves then.
    """
    # two migrations, or a migration and a wave, one after the other
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    if not by.may_in(Act.ISSUE_PACK, programme.city):
        raise NotYours("not_yours", _("Only the city office moves cases to another version."))
    way = _Way(
        _version(programme, from_number), _version(programme, to_number), stages or {}, recompute
    )
    _check_map(way)
    found, steps = Migration(), []
    for ids in _batches(way):
        # one that ended while we waited for its lock stays where it ended
        roots = [s for s in engine.lock_trees(ids) if not s.case.is_finished]
        steps += _plan(roots, way, found, at)
    if dry_run or (found.kept and not leave):
        return found
    engine.write(steps, by=by, at=at)
    _rename_passed([step.case for step in steps], way)
    found.is_done = True
    return found


def _version(programme: Programme, number: int) -> ProgrammeVersion:
    version = programme.versions.filter(number=number).first()
    if version is None:
        known = "、".join(str(n) for n in programme.versions.values_list("number", flat=True))
        words = _("There is no version %(number)d. There are: %(known)s.")
        raise Refused("no_version", words % {"number": number, "known": known})
    return version


def _check_map(way: _Way) -> None:
    if way.old == way.new:
        raise Refused("same_version", _("Choose two different versions."))
    for old, new in way.stages.items():
        name, _dot, key = old.rpartition(".")
        for pack, wanted in ((way.old.pack, key), (way.new.pack, new)):
            if not any(p.has(wanted) for p in _procedures(pack, name)):
                words = _("There is no stage “%(key)s” in version %(number)d.")
                number = (way.old if pack is way.old.pack else way.new).number
                raise Refused("bad_map", words % {"key": wanted, "number": number})


def _procedures(pack: Pack, name: str) -> Iterable[Procedure]:
    return [p for key, p in pack.procedures.items() if name in ("", key)]


def _batches(way: _Way) -> Iterable[list[int]]:
    roots = Case.objects.filter(pack_version=way.old, parent=None).open().order_by("pk")
    ids = list(roots.values_list("pk", flat=True))
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


# --- one batch -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Stock:
    """What a batch of trees holds, by case or item id; four queries."""

    papers: Mapping[int, Sequence[Evidence]]
    forms: Mapping[int, Sequence[tuple[str, bool]]]
    fired: Fired
    desks: Desks

    @classmethod
    def of(cls, everyone: Sequence[Step]) -> _Stock:
        ids = [step.case.pk for step in everyone]
        papers: dict[int, list[Evidence]] = defaultdict(list)
        for paper in Evidence.objects.filter(case_id__in=ids):
            papers[paper.case_id].append(paper)
        forms: dict[int, list[tuple[str, bool]]] = defaultdict(list)
        rows = FormRecord.objects.filter(case_id__in=ids)
        for case_id, form, is_draft in rows.values_list("case_id", "form", "is_draft"):
            forms[case_id].append((form, is_draft))
        items = [step.item for step in everyone if step.item is not None]
        return cls(papers, forms, rungs_fired(items), Desks.for_cases([s.case for s in everyone]))


def _plan(roots: Sequence[Step], way: _Way, found: Migration, at: datetime) -> list[Step]:
    """Steps ready to be written; trees that cannot move go to ``found.kept``."""
    stock = _Stock.of([step for root in roots for step in root.tree])
    planned: list[Step] = []
    for root in roots:
        tree = root.tree
        try:
            for step in tree:
                _check(step, root, way, stock)
            for step in tree:  # what no finishing mends is told first
                _check_forms(step.case, way, stock)
            for step in reversed(tree):  # children first: a parent's date may follow theirs
                _prepare(step, way, stock, found, day_of(at))
        except Refused as refusal:
            found.kept.append(Kept(root.case, refusal.code, refusal.words))
            continue
        planned += tree
        found.moved += 1
        found.children += len(tree) - 1
        for step in tree:
            if step.to_stage is not None:
                found.stages[step.case.procedure, step.from_stage, step.to_stage] += 1
            found.redated += "new_due" in step.data
    return planned


def _check(step: Step, root: Step, way: _Way, stock: _Stock) -> None:
    """Why a case cannot go on under the new version."""
    case, new = step.case, way.new.pack
    procedure = new.procedures.get(case.procedure)
    if procedure is None:
        words = _("The new version has no procedure “%(name)s”.")
        raise Refused("no_procedure", words % {"name": case.procedure})
    if not case.is_finished and way.stage(case) is None:
        stage = rules_of(case).stage
        words = _("The stage “%(name)s” has no counterpart; name one in the map.")
        raise Refused("no_map", words % {"name": localised(stage.title) if stage else case.stage})
    if case.grade and case.grade not in {g.key for g in new.grades_of(procedure)}:
        words = _("The class %(name)s does not exist any more.")
        raise Refused("no_class", words % {"name": case.grade})
    used = [paper.criterion for paper in stock.papers.get(case.pk, ())]
    lost = {key for key in (*used, case.criterion) if key} - {have.key for have in new.haves}
    if lost:
        words = _("The criterion “%(names)s” does not exist any more, but papers prove it.")
        raise Refused("no_criterion", words % {"names": policies.names_of(case, sorted(lost))})


def _check_forms(case: Case, way: _Way, stock: _Stock) -> None:
    for key, is_draft in stock.forms.get(case.pk, ()):
        old, new = way.old.pack.forms.get(key), way.new.pack.forms.get(key)
        title = localised(old.title) if old else key
        if is_draft and old != new:
            words = _("The form “%(name)s” is half filled in and has changed. Finish it first.")
            raise Refused("half_filled", words % {"name": title})
        if new is None:
            words = _("The form “%(name)s” was filled in and does not exist any more.")
            raise Refused("no_form", words % {"name": title})


def _prepare(step: Step, way: _Way, stock: _Stock, found: Migration, on: date) -> None:
    """The case as it will be under the new version; nothing is written yet."""
    case, item, stage = step.case, step.item, way.stage(step.case)
    step.verb = "migrate"
    step.data = {"from_version": way.old.number, "to_version": way.new.number}
    was = rules_of(case)
    case.pack_version_id = way.new.pk
    if item is None or stage is None:
        return
    step.to_stage, step.keeps_item, step.changes_item = stage.key, True, True
    procedure = way.new.pack.procedure(case.procedure)
    if procedure.criteria_for(case.criterion or None) != was.procedure.criteria_for(
        case.criterion or None
    ):
        _set_lacking(step, way.new.pack, stock)
    if was.stage is None or stage.owner != was.stage.owner:
        post = stock.desks.place(case, stage.owner)
        item.unit_id, item.post = post.unit_id, post
    item.stage, item.waits_higher = stage.key, stage.waits_higher
    if way.recompute:
        _redate(step, was.stage, stage, way, on)
    _look_anew(step, stage, way, stock, on)


def _set_lacking(step: Step, pack: Pack, stock: _Stock) -> None:
    """What the new criteria still ask for, once anything is known of the case."""
    case = step.case
    rule = pack.procedure(case.procedure).criteria_for(case.criterion or None)
    if rule is None or not (case.lacking or case.grade):
        return
    papers = stock.papers.get(case.parent_id or case.pk, ())
    met = {paper.criterion: True for paper in papers if proves(pack, paper)}
    case.lacking = criteria.unmet(rule, met)
    case.lacking_count = len(case.lacking)


def _redate(step: Step, before: Stage | None, stage: Stage, way: _Way, on: date) -> None:
    case, item = step.case, step.item
    assert item is not None
    old, new = way.old.pack, way.new.pack
    phrase = stored_phrase(item)
    told = before.time_for(case.grade or None, case.criterion or None) if before else None
    # a correction has a time of its own, which no version changes
    wanted = (
        phrase if phrase != told else stage.time_for(case.grade or None, case.criterion or None)
    )
    latest = max((c.item.due_on for c in step.children if c.item and c.item.due_on), default=None)
    earlier = max((day for c in step.children if (day := _due_before(c))), default=None)
    due = anew(
        item,
        was=(phrase, old.work_until),
        now=(wanted, new.work_until),
        old=calendar(),
        new=calendar(),
        children=(earlier, latest),
    )
    item.phrase = due.phrase
    if due.due_on == item.due_on:
        return
    step.data["old_due"] = item.due_on.isoformat() if item.due_on else None
    step.data["new_due"] = due.due_on.isoformat() if due.due_on else None
    item.due_on, item.budget, item.provisional = due.due_on, due.budget, due.provisional
    item.deadline_version, item.rungs_from = item.deadline_version + 1, on


def _due_before(child: Step) -> date | None:
    """A child's date before this migration changed it."""
    if "old_due" in child.data:
        return date.fromisoformat(child.data["old_due"]) if child.data["old_due"] else None
    return child.item.due_on if child.item else None


def _rename_passed(cases: Sequence[Case], way: _Way) -> None:
    """The steps that a case has behind it bear the new names too, or its page would know neither
    when it passed them nor in how many days; a statement per procedure with renamed stages."""
    for key, procedure in way.old.pack.procedures.items():
        renamed = {
            stage.key: new
            for stage in procedure.stages
            if (new := way.stages.get(f"{key}.{stage.key}") or way.stages.get(stage.key))
        }
        ids = [case.pk for case in cases if case.procedure == key]
        if renamed:
            engine.rename_passed(ids, renamed)


def _look_anew(step: Step, stage: Stage, way: _Way, stock: _Stock, on: date) -> None:
    """When the new ladder looks at the step first; what is due already is left to the sweep."""
    case, item = step.case, step.item
    assert item is not None
    rules = Rules(way.new.pack, way.new.pack.procedure(case.procedure), stage)
    item.is_chased = is_chased(case, rules)
    now, earlier = stock.fired.now(item), stock.fired.earlier(item)
    set_next_check(item, rules, stage, after=on, fired=now, earlier=earlier)
