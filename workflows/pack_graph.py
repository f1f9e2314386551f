"""What the types cannot see in a pack's procedures: graphs that lead nowhere, dates outside."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from workflows.deadlines import Phrase
from workflows.pack_model import Pack
from workflows.pack_source import Finding, Path, Source
from workflows.procedure import CLOSED, OWN, Procedure, Stage, leads_to, reachable
from workflows.text import localised


def check_procedures(pack: Pack, source: Source) -> Iterator[Finding]:
    if pack.root_procedure not in pack.procedures:
        line = source.line(("root_procedure",))
        yield _unknown(line, "unknown_procedure", pack.root_procedure)
    for key, procedure in pack.procedures.items():
        yield from _graph(procedure, source, ("procedures", key))
        yield from _criteria(procedure, pack, source, ("procedures", key, "closes_when"))
        for place, stage in enumerate(procedure.stages):
            path: Path = ("procedures", key, "stages", place)
            yield from _references(stage, procedure, pack, source, path)
            yield from _classes(stage, pack, source, path)
            yield from _dates(stage, pack, source, path)


def _graph(procedure: Procedure, source: Source, path: Path) -> Iterator[Finding]:
    for name in filter(None, (procedure.initial, procedure.reopens_at)):
        if not procedure.has(name):
            yield _unknown(source.line((*path, "initial")), "unknown_stage", name)
            return
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
    known = {have.key for have in pack.haves} | {OWN}
    for key in procedure.closes_when.named() if procedure.closes_when else ():
        if key not in known:
            yield _unknown(source.line(path), "unknown_criterion", key)


def _references(
    stage: Stage, procedure: Procedure, pack: Pack, source: Source, path: Path
) -> Iterator[Finding]:
    if stage.phase not in {phase.key for phase in procedure.phases}:
        yield _unknown(source.line((*path, "phase")), "unknown_phase", stage.phase)
    if stage.ladder and stage.ladder not in pack.ladders:
        yield _unknown(source.line((*path, "ladder")), "unknown_ladder", stage.ladder)
    for form in _forms(stage, pack):
        if form not in pack.forms:
            yield _unknown(source.line((*path, "form")), "unknown_form", form)
    for name in (*stage.waits_for, *(spawn.procedure for spawn in stage.spawns)):
        if name not in pack.procedures:
            yield _unknown(source.line((*path, "spawns")), "unknown_procedure", name)
    for place, move in enumerate(stage.moves):
        line = source.line((*path, "moves", place))
        if move.to != CLOSED and not procedure.has(move.to):
            yield _unknown(line, "unknown_stage", move.to)
        if (move.to == CLOSED) != (move.verb == "close"):
            words = _("Only the verb “close” leads to “closed”, and it leads nowhere else.")
            yield Finding(line, "closing_verb", words)
    for place, limit in enumerate(stage.time):
        if limit.have and limit.have not in {have.key for have in pack.haves}:
            line = source.line((*path, "time", place))
            yield _unknown(line, "unknown_criterion", limit.have)


def _forms(stage: Stage, pack: Pack) -> set[str]:
    if not stage.form:
        return set()
    return {stage.form.format(have=have.key) for have in pack.haves}


def _classes(stage: Stage, pack: Pack, source: Source, path: Path) -> Iterator[Finding]:
    """Where classes choose the way on, each class needs one."""
    forward = [move for move in stage.moves if move.verb == "advance"]
    known = {grade.key for grade in pack.grades}
    named = {grade for move in stage.moves for grade in move.grades or ()}
    named |= {grade for limit in stage.time for grade in limit.grades}
    for grade in sorted(named - known):
        yield _unknown(source.line((*path, "moves")), "unknown_class", grade)
    if not forward or any(move.grades is None for move in forward):
        return
    for grade in sorted(known - {grade for move in forward for grade in move.grades or ()}):
        words = _("The stage “%(stage)s” has no way on for class %(grade)s.") % {
            "stage": localised(stage.title),
            "grade": grade,
        }
        yield Finding(source.line((*path, "moves")), "no_way_on", words)


def _dates(stage: Stage, pack: Pack, source: Source, path: Path) -> Iterator[Finding]:
    phrases: list[tuple[Path, Phrase]] = [
        ((*path, "time", place), limit.phrase) for place, limit in enumerate(stage.time)
    ]
    phrases += [
        ((*path, "moves", place), move.time) for place, move in enumerate(stage.moves) if move.time
    ]
    for where, phrase in phrases:
        for day in phrase.dates():
            if not pack.work_from <= day <= pack.work_until:
                words = _("The date %(day)s lies outside the programme (%(first)s to %(last)s).")
                names = {"day": day, "first": pack.work_from, "last": pack.work_until}
                yield Finding(source.line(where), "outside", words % names)


def _unknown(line: int, code: str, name: str) -> Finding:
    return Finding(line, code, _("“%(name)s” is not defined in this pack.") % {"name": name})
