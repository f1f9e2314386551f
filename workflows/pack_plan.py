"""Faults of a plan: phases of the campaign, goals, classes of units, policies and whom they fit."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from workflows.assessment import WHOLE
from workflows.fitting import FirmRule
from workflows.measures import CLASSES
from workflows.pack_checks import FACTS
from workflows.pack_model import Pack, fold_county
from workflows.pack_source import Finding, Path, Source
from workflows.pack_words import unknown
from workflows.procedure import Spawn


def check_plan(pack: Pack, source: Source) -> Iterator[Finding]:
    yield from _campaign(pack, source)
    yield from _goals(pack, source)
    yield from _assessment(pack, source)
    yield from _unit_classes(pack, source)
    for place, policy in enumerate(pack.policies):
        yield from _rule(policy.fits, pack, source, ("policies", place, "fits"))
    for key, procedure in pack.procedures.items():
        form = next((pack.forms.get(o.form) for o in procedure.opens if o.form), None)
        fields = {field.key: field for field in form.fields} if form else {}
        for place, stage in enumerate(procedure.stages):
            for nth, spawn in enumerate(stage.spawns):
                path: Path = ("procedures", key, "stages", place, "spawns", nth)
                yield from _spawn(spawn, pack, fields, source, path)


def _campaign(pack: Pack, source: Source) -> Iterator[Finding]:
    """Phases in order, and measures in one of them (004-09)."""
    last = None
    for place, phase in enumerate(pack.campaign):
        line = source.line(("campaign", place))
        end = pack.verified_by or pack.work_until
        if not pack.work_from <= phase.from_ <= phase.until <= end:
            words = _("The date %(day)s lies outside the programme (%(first)s to %(last)s).")
            day = phase.until if phase.from_ >= pack.work_from else phase.from_
            names = {"day": day, "first": pack.work_from, "last": end}
            yield Finding(line, "outside", words % names)
        if last is not None and phase.from_ <= last:
            words = _("The phases of the campaign overlap, or are not in order.")
            yield Finding(line, "phase_order", words)
        last = phase.until
    known = {phase.key: phase for phase in pack.campaign}
    for place, measure in enumerate(pack.measures):
        if measure.phase is None:
            continue
        line = source.line(("measures", place))
        found = known.get(measure.phase)
        if found is None:
            yield unknown(line, "unknown_phase", measure.phase, known)
            continue
        due = measure.time.by or measure.time.before or measure.time.first_ten_days_of
        if due is not None and due < found.from_:
            words = _("“%(name)s” is due before its phase of the campaign begins.")
            yield Finding(line, "phase_order", words % {"name": measure.key})


def _goals(pack: Pack, source: Source) -> Iterator[Finding]:
    counties = {fold_county(county.name) for county in pack.counties}
    measures = {measure.key for measure in pack.plan}
    for place, goal in enumerate(pack.goals):
        line = source.line(("goals", place))
        if goal.measure and goal.measure not in measures:
            yield unknown(line, "unknown_measure", goal.measure, measures)
        for name in goal.counties:
            if fold_county(name) not in counties:
                yield unknown(line, "unknown_county", name, counties)


def _assessment(pack: Pack, source: Source) -> Iterator[Finding]:
    """Weights make a hundred; no indicator stands twice (004-21)."""
    if pack.assessment is None:
        return
    given = pack.assessment.indicators
    total = sum(one.weight for one in given)
    if total != WHOLE:
        words = _("The weights of the assessment make %(n)s, not 100.")
        line = source.line(("assessment", "indicators"))
        yield Finding(line, "weights", words % {"n": f"{total:f}"})
    keys = [one.key for one in given]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            words = _("The indicator “%(name)s” stands twice in the assessment.")
            line = source.line(("assessment", "indicators", place))
            yield Finding(line, "twice", words % {"name": key})


def _unit_classes(pack: Pack, source: Source) -> Iterator[Finding]:
    """Classes name units, and no class has a unit's name (004-10)."""
    units = set(pack.unit_names)
    for name, members in pack.unit_classes.items():
        line = source.line(("unit_classes", name))
        if name in units or name in CLASSES:
            words = _("“%(name)s” has a meaning of its own and cannot be a key.")
            yield Finding(line, "reserved", words % {"name": name})
        for member in members:
            if member not in units:
                yield unknown(line, "unknown_unit", member, units)


def _spawn(
    spawn: Spawn, pack: Pack, fields: Mapping[str, object], source: Source, path: Path
) -> Iterator[Finding]:
    line = source.line(path)
    known = {*pack.unit_names, *pack.unit_classes, *CLASSES}
    for name in spawn.units:
        if name not in known:
            yield unknown(line, "unknown_unit", name, known)
    for name in spawn.firms.named if spawn.firms else ():
        if name not in fields:
            yield unknown(line, "unknown_field", name, fields)
    child = pack.procedures.get(spawn.procedure)
    if spawn.for_ == "firms" and child is not None and child.about != "firm":
        words = _("Children for firms must be about firms.")
        yield Finding(line, "not_about_a_firm", words)


def _rule(rule: FirmRule, pack: Pack, source: Source, path: Path) -> Iterator[Finding]:
    """Whom a policy fits is told by counties of the city and facts of the filing."""
    line = source.line(path)
    counties = {county.name for county in pack.counties}
    for name in rule.counties:
        if name not in counties:
            yield unknown(line, "unknown_county", name, counties)
    for fact in (*rule.has, *rule.lacks):
        if fact not in FACTS:
            yield unknown(line, "unknown_criterion", fact, FACTS)
    for fact in set(rule.has) & set(rule.lacks):
        words = _("A firm cannot have and lack “%(name)s” at once.")
        yield Finding(line, "fits_nobody", words % {"name": fact})
