"""What the types cannot see in a pack's procedures: graphs that lead nowhere, dates outside."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from workflows.deadlines import Phrase
from workflows.pack_kinds import check_measures, check_openings, check_spawns, outside
from workflows.pack_model import Pack
from workflows.pack_source import Finding, Path, Source
from workflows.pack_words import unknown
from workflows.procedure import (
    CLOSED,
    OWN,
    TERMINAL,
    Procedure,
    Stage,
    leads_to,
    reachable,
)
from workflows.text import localised

GRADE = "grade"  # the field of a form that gives a class
LONGEST_PHRASE = 120


def check_procedures(pack: Pack, source: Source) -> Iterator[Finding]:
    if pack.root_procedure not in pack.procedures:
        line = source.line(("root_procedure",))
        yield unknown(line, "unknown_procedure", pack.root_procedure, pack.procedures)
    else:
        yield from _class_given(pack, source)
        yield from _root(pack, source)
    yield from _circles(pack, source)
    for key, procedure in pack.procedures.items():
        yield from _graph(procedure, source, ("procedures", key))
        yield from _criteria(procedure, pack, source, ("procedures", key, "closes_when"))
        for place, stage in enumerate(procedure.stages):
            path: Path = ("procedures", key, "stages", place)
            yield from _references(stage, procedure, pack, source, path)
            yield from _classes(stage, procedure, pack, source, path)
            yield from check_spawns(stage, procedure, pack, source, path)
            yield from _dates(stage, procedure, pack, source, path)
        yield from _choices(procedure, pack, source)
        yield from check_openings(procedure, pack, source, ("procedures", key, "opens"))
    yield from check_measures(pack, source)


def _root(pack: Pack, source: Source) -> Iterator[Finding]:
    """Firms' cases are about firms; more time is asked for in stages that some procedure has."""
    if pack.root.about != "firm":
        line = source.line(("procedures", pack.root_procedure, "about"))
        yield Finding(line, "not_about_a_firm", _("The firms' own procedure must be about firms."))
    stages = {stage.key for procedure in pack.procedures.values() for stage in procedure.stages}
    for name in pack.extensions.stages or ():
        if name not in stages:
            yield unknown(source.line(("extensions", "stages")), "unknown_stage", name, stages)


def _graph(procedure: Procedure, source: Source, path: Path) -> Iterator[Finding]:
    keys = [stage.key for stage in procedure.stages]
    for part in ("initial", "reopens_at"):
        name = getattr(procedure, part)
        if name and not procedure.has(name):
            yield unknown(source.line((*path, part)), "unknown_stage", name, keys)
    if not procedure.has(procedure.initial):
        return
    yield from _closing(procedure, source, path)
    found = reachable(procedure, procedure.initial)
    closing = leads_to(procedure, CLOSED)
    for place, stage in enumerate(procedure.stages):
        line = source.line((*path, "stages", place))
        words = {"name": localised(stage.title)}
        if stage.key not in found:
            text = _("No move leads to the stage “%(name)s”.")
            yield Finding(line, "unreachable", text % words)
        if stage.key not in closing:
            text = _("From the stage “%(name)s” a closing can never be reached.")
            yield Finding(line, "no_closure", text % words)


def _criteria(procedure: Procedure, pack: Pack, source: Source, path: Path) -> Iterator[Finding]:
    haves = {have.key for have in pack.haves}
    for key in procedure.closes_when.named() if procedure.closes_when else ():
        if key == OWN and procedure.key == pack.root_procedure:
            words = _("“own” is the criterion of a child; a firm's own case names its criteria.")
            yield Finding(source.line(path), "own", words)
        elif key not in haves | {OWN}:
            yield unknown(source.line(path), "unknown_criterion", key, haves)


def _references(
    stage: Stage, procedure: Procedure, pack: Pack, source: Source, path: Path
) -> Iterator[Finding]:
    phases = {phase.key for phase in procedure.phases}
    if stage.phase not in phases:
        yield unknown(source.line((*path, "phase")), "unknown_phase", stage.phase, phases)
    if stage.ladder and stage.ladder not in pack.ladders:
        line = source.line((*path, "ladder"))
        yield unknown(line, "unknown_ladder", stage.ladder, pack.ladders)
    for form in _forms(stage, pack):
        if form not in pack.forms:
            yield unknown(source.line((*path, "form")), "unknown_form", form, pack.forms)
    spawned = tuple(spawn.procedure for spawn in stage.spawns)
    opened = {spawn.procedure for other in procedure.stages for spawn in other.spawns}
    for name in stage.waits_for:
        if name in pack.procedures and name not in opened:
            words = _("No stage here opens “%(name)s”: there is nothing to wait for.")
            yield Finding(source.line((*path, "waits_for")), "never_opened", words % {"name": name})
    for part, names in (("waits_for", stage.waits_for), ("spawns", spawned)):
        for name in names:
            if name not in pack.procedures:
                line = source.line((*path, part))
                yield unknown(line, "unknown_procedure", name, pack.procedures)
    for place, move in enumerate(stage.moves):
        line = source.line((*path, "moves", place))
        if move.to in TERMINAL and move.to != CLOSED:
            words = _("No move leads to “%(name)s”: a verb of its own ends a case that way.")
            yield Finding(line, "closing_verb", words % {"name": move.to})
            continue
        if move.to != CLOSED and not procedure.has(move.to):
            keys = (other.key for other in procedure.stages)
            yield unknown(line, "unknown_stage", move.to, keys)
        if (move.to == CLOSED) != (move.verb == "close"):
            words = _("Only the verb “close” leads to “closed”, and it leads nowhere else.")
            yield Finding(line, "closing_verb", words)
    haves = {have.key for have in pack.haves}
    for place, limit in enumerate(stage.time):
        if limit.have and limit.have not in haves:
            line = source.line((*path, "time", place))
            yield unknown(line, "unknown_criterion", limit.have, haves)
    fields = [
        {f.key for f in pack.forms[key].inputs} for key in _forms(stage, pack) & {*pack.forms}
    ]
    fillable = set.intersection(*fields) if fields else set()
    for name in stage.closes_with:
        if name not in fillable:
            yield unknown(source.line(path), "unknown_field", name, fillable)


def _forms(stage: Stage, pack: Pack) -> set[str]:
    """The forms that a stage may show; a brace that is not `{have}` makes an unknown one."""
    if not stage.form:
        return set()
    return {stage.form.replace("{have}", have.key) for have in pack.haves}


def _classes(
    stage: Stage, procedure: Procedure, pack: Pack, source: Source, path: Path
) -> Iterator[Finding]:
    """Where classes choose the way on, each class needs one."""
    forward = [move for move in stage.moves if move.verb == "advance"]
    known = {grade.key for grade in pack.grades_of(procedure)}
    named = {grade for move in stage.moves for grade in move.grades or ()}
    named |= {grade for limit in stage.time for grade in limit.grades}
    named |= {grade for spawn in stage.spawns for grade in spawn.grades or ()}
    for grade in sorted(named - known):
        yield unknown(source.line((*path, "moves")), "unknown_class", grade, known)
    if not forward or any(move.grades is None for move in forward):
        return
    for grade in sorted(known - {grade for move in forward for grade in move.grades or ()}):
        words = _("The stage “%(stage)s” has no way on for class %(grade)s.") % {
            "stage": localised(stage.title),
            "grade": grade,
        }
        yield Finding(source.line((*path, "moves")), "no_way_on", words)


def _dates(
    stage: Stage, procedure: Procedure, pack: Pack, source: Source, path: Path
) -> Iterator[Finding]:
    phrases: list[tuple[Path, Phrase]] = [
        ((*path, "time", place), limit.phrase) for place, limit in enumerate(stage.time)
    ]
    phrases += [
        ((*path, "moves", place), move.time) for place, move in enumerate(stage.moves) if move.time
    ]
    for where, phrase in phrases:
        yield from outside(phrase, pack, source.line(where), after=procedure.about != "firm")
        if len(str(phrase)) > LONGEST_PHRASE:
            words = _("This deadline has too many parts to be stored.")
            yield Finding(source.line(where), "long", words)


def _closing(procedure: Procedure, source: Source, path: Path) -> Iterator[Finding]:
    """Whoever may confirm must be the one who owes the stage that a confirmation ends."""
    office = procedure.closer == "office"
    for place, stage in enumerate(procedure.stages):
        if stage.leaves_by("close") and (stage.owner == "office") != office:
            words = _(
                "“closer” and the owner of the stage “%(name)s” differ: nobody could close there."
            ) % {"name": localised(stage.title)}
            yield Finding(source.line((*path, "stages", place)), "closer", words)


def _circles(pack: Pack, source: Source) -> Iterator[Finding]:
    """A procedure that waits for, or opens, itself would never end."""
    waits = {
        key: {
            name
            for stage in procedure.stages
            for name in (*stage.waits_for, *(spawn.procedure for spawn in stage.spawns))
        }
        for key, procedure in pack.procedures.items()
    }
    for key in waits:
        seen: set[str] = set()
        ahead = set(waits[key])
        while ahead - seen:
            seen |= ahead
            ahead = {name for one in ahead for name in waits.get(one, ())}
        if key in seen:
            words = _("“%(name)s” opens or waits for itself and would never end.")
            line = source.line(("procedures", key))
            yield Finding(line, "circle", words % {"name": key})


def _class_given(pack: Pack, source: Source) -> Iterator[Finding]:
    """Where classes choose the way, a form of the firm's own case must give one."""
    moves = [
        (place, move)
        for place, stage in enumerate(pack.root.stages)
        for move in stage.moves
        if move.grades
    ]
    fields = [
        field
        for stage in pack.root.stages
        for key in _forms(stage, pack)
        if key in pack.forms
        for field in pack.forms[key].fields
        if field.key == GRADE
    ]
    if moves and not fields:
        words = _("Classes choose the way on, but no form has a field “grade” that gives one.")
        line = source.line(("procedures", pack.root_procedure, "stages", moves[0][0], "moves"))
        yield Finding(line, "no_class", words)


def _choices(procedure: Procedure, pack: Pack, source: Source) -> Iterator[Finding]:
    """What a field “grade” offers are classes of the procedure."""
    keys = {key for stage in procedure.stages for key in _forms(stage, pack)}
    keys |= {opening.form for opening in procedure.opens if opening.form}
    known = [grade.key for grade in pack.grades_of(procedure)]
    for key in sorted(keys & {*pack.forms}):
        for field in pack.forms[key].fields:
            for choice in field.choices if field.key == GRADE else ():
                if choice.key not in known:
                    where = ("grades",) if procedure.key == pack.root_procedure else ("forms", key)
                    yield unknown(source.line(where), "unknown_class", choice.key, known)
