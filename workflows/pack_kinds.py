"""Faults of procedures besides assistance: how they begin, what they spawn, the plan's measures."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from workflows.deadlines import Phrase
from workflows.pack_model import Pack
from workflows.pack_source import Finding, Path, Source
from workflows.pack_words import unknown
from workflows.procedure import OF_HAVES, Procedure, Stage

# 可销号, 账表不一致, 催报, 底数不一致
LISTS = frozenset({"closable", "differs", "unfiled", "unmatched"})


def check_spawns(
    stage: Stage, procedure: Procedure, pack: Pack, source: Source, path: Path
) -> Iterator[Finding]:
    """Children for each missing have belong to a firm; rows must be those of the stage's form."""
    for place, spawn in enumerate(stage.spawns):
        line = source.line((*path, "spawns", place))
        if spawn.for_ in OF_HAVES and procedure.about != "firm":
            words = _("Only a case about a firm has criteria that can be missing.")
            yield Finding(line, "not_about_a_firm", words)
        if spawn.for_ != "rows" or spawn.columns is None:
            continue
        form = pack.forms.get(stage.form or "")
        field = next((f for f in form.fields if f.key == spawn.field), None) if form else None
        if field is None or field.kind != "rows":
            yield unknown(line, "unknown_field", spawn.field or "")
            continue
        known = {column.key for column in field.columns}
        for name in filter(None, spawn.columns.model_dump().values()):
            if name not in known:
                yield unknown(line, "unknown_field", name)


def check_openings(
    procedure: Procedure, pack: Pack, source: Source, path: Path
) -> Iterator[Finding]:
    for place, opening in enumerate(procedure.opens):
        line = source.line((*path, place))
        if opening.form and opening.form not in pack.forms:
            yield unknown(line, "unknown_form", opening.form)
        if opening.from_ == "freeze" and not {one.key for one in procedure.grades} <= LISTS:
            words = _("Its classes are the lists of a frozen month: %(names)s")
            yield Finding(line, "no_list", words % {"names": " ".join(sorted(LISTS))})
        if opening.from_ == "register" and procedure.about != "firm":
            words = _("What the register opens is about a firm.")
            yield Finding(line, "not_about_a_firm", words)
    form = next((pack.forms.get(o.form) for o in procedure.opens if o.form), None)
    fields = {field.key for field in form.fields} if form else set()
    if procedure.title_from and procedure.title_from not in fields:
        yield unknown(
            source.line((*path[:-1], "title_from")), "unknown_field", procedure.title_from
        )
    whens = [o.when for p in pack.procedures.values() for o in p.opens if o.when]
    for opening in procedure.opens:
        if opening.when and whens.count(opening.when) > 1:
            words = _("Two procedures are opened for the same firms of the register.")
            yield Finding(source.line(path), "opens_twice", words)


def check_measures(pack: Pack, source: Source) -> Iterator[Finding]:
    units = {*pack.unit_names, *pack.unit_classes}
    seen: set[str] = set()
    parts = (("measures", pack.measures), ("policies", pack.policies))
    for path, measure in (((part, n), one) for part, all_ in parts for n, one in enumerate(all_)):
        line = source.line(path)
        if measure.key in seen:
            words = _("The measure “%(name)s” is given twice.") % {"name": measure.key}
            yield Finding(line, "measure_twice", words)
        seen.add(measure.key)
        found = pack.procedures.get(measure.procedure)
        if found is None or found.opening("plan") is None:
            yield unknown(line, "unknown_procedure", measure.procedure)
        for name in measure.named_units:
            if name not in units:
                yield unknown(line, "unknown_unit", name, units)
        yield from outside(measure.time, pack, source.line((*path, "time")), after=True)


def outside(phrase: Phrase, pack: Pack, line: int, *, after: bool) -> Iterator[Finding]:
    """Dates before or behind the programme; what sums it up comes `after` it (004-20)."""
    last = (pack.verified_by if after else None) or pack.work_until
    for day in phrase.dates():
        if not pack.work_from <= day <= last:
            words = _("The date %(day)s lies outside the programme (%(first)s to %(last)s).")
            names = {"day": day, "first": pack.work_from, "last": last}
            yield Finding(line, "outside", words % names)
