"""What changed between two packs: the differences of their rules, not of their texts.

Walks the models of both packs side by side, whatever fields they have: a field that is new to the
product is compared without a line of code here. The words are in `pack_diff_words`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from workflows.criteria import Criteria
from workflows.deadlines import Phrase
from workflows.form_fields import Form
from workflows.groups import GroupRule
from workflows.ladder import QuietSeason
from workflows.pack_diff_words import Item as Item
from workflows.pack_diff_words import Raw, Words
from workflows.pack_model import Pack
from workflows.pack_parts import CountyPlan
from workflows.papers import SourcePaper
from workflows.policies import Parameter
from workflows.procedure import Move, Procedure, Spawn, Stage, TimeLimit
from workflows.text import Rule, Text

# parts of the answer, in the order in which an office asks for them
STAGES, TIMES, OWNERS, CRITERIA = "stages", "times", "owners", "criteria"
LADDERS, FORMS, ASSIGNMENT, TARGETS, OTHER = "ladders", "forms", "assignment", "targets", "other"
PARTS: dict[str, Promise] = {
    STAGES: gettext_lazy("Stages and moves"),
    TIMES: gettext_lazy("Time limits"),
    OWNERS: gettext_lazy("Responsibility"),
    CRITERIA: gettext_lazy("Criteria and evidence"),
    LADDERS: gettext_lazy("Ladders"),
    FORMS: gettext_lazy("Forms"),
    ASSIGNMENT: gettext_lazy("Units and assignment"),
    TARGETS: gettext_lazy("Counties and targets"),
    OTHER: gettext_lazy("Texts and others"),
}
# the part to which a field belongs, wherever it stands; the innermost one counts
PART_OF = {
    "procedures": STAGES, "time": TIMES, "work_from": TIMES, "work_until": TIMES,
    "verified_by": TIMES, "statistical_year": TIMES, "owner": OWNERS, "closer": OWNERS,
    "closes_when": CRITERIA, "covered_when": CRITERIA, "haves": CRITERIA, "evidence": CRITERIA,
    "grades": CRITERIA, "ladders": LADDERS, "ladder": LADDERS, "quiet_seasons": LADDERS,
    "letters_rest": LADDERS,
    "quiet_season": LADDERS, "forms": FORMS, "form": FORMS, "units": ASSIGNMENT,
    "assignment": ASSIGNMENT, "groups": ASSIGNMENT, "counties": TARGETS, "zones": TARGETS,
    "targets": TARGETS, "planned_line": TARGETS, "increments": TARGETS,
    "city_target": TARGETS, "goals": TARGETS, "assessment": TARGETS,
    "base": TARGETS, "base_on": TARGETS,
    "measures": STAGES, "policies": STAGES, "campaign": TIMES, "unit_classes": ASSIGNMENT,
}  # fmt: skip
# fields that other fields hold already
SILENT = {
    (Pack, "key"), (Form, "haves"), (Form, "key"), (Procedure, "key"), (CountyPlan, "targets"),
}  # fmt: skip
# of these a difference changes what every case may do
EVERYWHERE = ("grades", "haves", "work_until")
# what tells two items of a list apart, by their type; else `key`, `name`, …, else the place
IDENTITIES: dict[type, Callable[[Any], Any]] = {
    Move: lambda move: (move.verb, move.to, move.grades),
    TimeLimit: lambda limit: (limit.have, limit.grades),
    Spawn: lambda spawn: (spawn.procedure, spawn.when, spawn.for_, spawn.part, spawn.grades),
    QuietSeason: lambda season: (season.from_, season.until),
    GroupRule: lambda rule: rule.kind,
    SourcePaper: lambda paper: paper.title,
    Parameter: lambda one: (one.label, one.when),
}
NAMES = ("key", "short_name", "name", "criterion", "number")
LEAVES = (Text, Phrase, Criteria)
# lists whose order decides something
ORDERED = ("grades", "phases", "haves")


class Change(NamedTuple):
    """One difference: its part, where (一企一案帮扶 · 摸底), and what, in words.

    `procedure` and `stage` are keys where the change belongs to one, so that cases can be counted.
    """

    part: str
    where: str
    words: str
    procedure: str = ""
    stage: str = ""


class Diff(NamedTuple):
    """All changes in the order of parts, and which open cases they concern."""

    changes: tuple[Change, ...]
    # (procedure, stage) whose rules differ; without a stage all of the procedure's
    concerned: frozenset[tuple[str, str]]
    everywhere: bool

    def touches(self, procedure: str, stage: str) -> bool:
        """Whether the rules of a case that stands there would be others."""
        return self.everywhere or bool({(procedure, stage), (procedure, "")} & self.concerned)

    def parts(self) -> dict[str, list[Change]]:
        """Changes by part, empty parts left out."""
        found = {part: [c for c in self.changes if c.part == part] for part in PARTS}
        return {part: changes for part, changes in found.items() if changes}

    def named_parts(self) -> list[tuple[str, list[Change]]]:
        """The same with the parts' names, for a page."""
        return [(str(PARTS[part]), changes) for part, changes in self.parts().items()]


def compare(old: Pack, new: Pack) -> Diff:
    """What issuing `new` after `old` changes."""
    found = list(_walk((), _own(old), _own(new)))
    words = Words(old, new)
    changes = dict.fromkeys(_change(raw, words) for raw in found)
    order = list(PARTS)
    concerned = {(c.procedure, c.stage) for c in changes if c.procedure} | set(_users(found, old))
    return Diff(
        tuple(sorted(changes, key=lambda change: order.index(change.part))),
        frozenset(concerned),
        any(_field(raw.path[0]) in EVERYWHERE for raw in found),
    )


# --- walking -------------------------------------------------------------------------------------
def _walk(path: tuple[Any, ...], old: Any, new: Any) -> Iterator[Raw]:
    if old == new:
        return
    if isinstance(old, Rule) and type(old) is type(new) and not isinstance(old, LEAVES):
        for field in type(old).model_fields:
            if (type(old), field) not in SILENT:
                yield from _walk((*path, field), getattr(old, field), getattr(new, field))
    elif _is_listed(old) and _is_listed(new) and (_has_items(old) or _has_items(new)):
        yield from _walk_items(path, _items(old), _items(new))
    else:
        yield Raw(path, old, new)


def _walk_items(path: tuple[Any, ...], old: dict[Any, Any], new: dict[Any, Any]) -> Iterator[Raw]:
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        item = Item(_field(path[-1]), name, before if after is None else after)
        # the list's own step is in the item; an item that is a mapping itself stays before it
        here = (*(path if isinstance(path[-1], Item) else path[:-1]), item)
        if before is None or after is None:
            yield Raw(here, before, after)
        else:
            yield from _walk(here, before, after)
    both = [name for name in old if name in new], [name for name in new if name in old]
    if both[0] != both[1] and path[-1] in ORDERED:
        yield Raw(path, *(tuple(names) for names in both))


def _is_listed(value: Any) -> bool:
    return isinstance(value, (dict, tuple))


def _has_items(value: Any) -> bool:
    return isinstance(value, dict) or any(isinstance(item, Rule) for item in value)


def _items(value: Any) -> dict[Any, Any]:
    if isinstance(value, dict):
        return dict(value)
    found: dict[Any, Any] = {}
    for place, item in enumerate(value):
        name = _identity(item, place)
        found[(name, place) if name in found else name] = item
    return found


def _identity(item: Any, place: int) -> Any:
    known = IDENTITIES.get(type(item))
    if known is not None:
        return known(item)
    return next((getattr(item, name) for name in NAMES if hasattr(item, name)), place)


def _own(pack: Pack) -> Pack:
    """Forms with their own fields only: what a form includes is compared where it stands."""
    forms = {}
    for key, form in pack.forms.items():
        included = sum(len(pack.forms[name].fields) for name in form.includes)
        forms[key] = form.model_copy(update={"fields": form.fields[included:]})
    return pack.model_copy(update={"forms": forms})


# --- what a difference concerns ------------------------------------------------------------------
def _change(raw: Raw, words: Words) -> Change:
    items = [step for step in raw.path if isinstance(step, Item)]
    procedure = next((i.name for i in items if i.field == "procedures"), "")
    stage = next((i.name for i in items if isinstance(i.value, Stage)), "")
    where, said = words.of(raw)
    return Change(_part(raw), where, said, procedure, stage)


def _part(raw: Raw) -> str:
    fields = [_field(step) for step in raw.path]
    return next((PART_OF[field] for field in reversed(fields) if field in PART_OF), OTHER)


def _field(step: Any) -> str:
    return step.field if isinstance(step, Item) else str(step)


def _users(found: list[Raw], pack: Pack) -> Iterator[tuple[str, str]]:
    """Stages whose ladder, or whose form, is another one now."""
    changed: dict[str, set[str]] = {"ladders": set(), "forms": set()}
    for raw in found:
        first = raw.path[0]
        if isinstance(first, Item) and first.field in changed:
            changed[first.field].add(first.name)
    forms = changed["forms"] | {
        key for key, form in pack.forms.items() if changed["forms"] & set(form.includes)
    }
    haves = [have.key for have in pack.haves]
    for key, procedure in pack.procedures.items():
        for stage in procedure.stages:
            shown = {stage.form_for(have) for have in haves} if stage.form else set()
            if stage.ladder in changed["ladders"] or shown & forms:
                yield key, stage.key
