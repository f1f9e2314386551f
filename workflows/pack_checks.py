"""What the types cannot see in a pack: counties, units, rules, criteria, forms, ladders."""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from workflows.form_fields import HAVES, Field, Form
from workflows.form_visit import check_visit_form
from workflows.ladder import Ladder
from workflows.pack_forms import check_form_parts, check_openings_of_files
from workflows.pack_model import Pack, fold_county
from workflows.pack_parts import CountyPlan
from workflows.pack_source import Finding, Path, Source
from workflows.pack_words import meant, unknown

# Columns of the monthly facts that rules may ask for.
FACTS = frozenset(
    {"registered", "filed", "has_institution", "has_staff", "has_spending", "has_cooperation"}
)


def check_counties(pack: Pack, source: Source) -> Iterator[Finding]:
    names = Counter(name for county in pack.counties for name in _names(county))
    groups = {group.short_name for group in pack.units.liaison_groups}
    for place, county in enumerate(pack.counties):
        here = ("counties", place)
        if county.zone not in pack.zones:
            line = source.line((*here, "zone"))
            yield unknown(line, "unknown_zone", county.zone, pack.zones)
        if county.liaison_group and county.liaison_group not in groups:
            line = source.line((*here, "liaison_group"))
            yield unknown(line, "unknown_unit", county.liaison_group, groups)
        if any(names[name] > 1 for name in _names(county)):
            words = _("The county “%(name)s” is given twice.") % {"name": county.name}
            yield Finding(source.line((*here, "name")), "county_twice", words)
        if pack.targets and not county.targets:
            words = _("“%(name)s” has no target, but other counties have one.")
            # where the line that lacks would stand
            at = source.line(("targets",))
            yield Finding(at, "no_target", words % {"name": county.name})
    known = {county.name for county in pack.counties}
    for name in pack.targets:
        if name not in known:
            words = _("A target for “%(name)s”, which is no county of this city.") % {"name": name}
            words += meant(name, known)
            yield Finding(source.line(("targets", name)), "unknown_county", words)


def _names(county: CountyPlan) -> set[str]:
    """Name and aliases as they are looked up: without blanks and full width."""
    return {fold_county(name) for name in (county.name, *county.aliases)}


def check_rules(pack: Pack, source: Source) -> Iterator[Finding]:
    yield from _dates(pack, source)
    yield from _assignment(pack, source)
    yield from _criteria(pack, source)
    for key, ladder in pack.ladders.items():
        yield from _ladder(ladder, pack, source, ("ladders", key, "rungs"))
    for key, form in pack.forms.items():
        yield from _form(form, pack, source, ("forms", key))
    yield from check_openings_of_files(pack, source)
    yield from check_visit_form(pack, source)


def _dates(pack: Pack, source: Source) -> Iterator[Finding]:
    if pack.work_from >= pack.work_until:
        words = _("The programme ends before it begins.")
        yield Finding(source.line(("work_until",)), "dates", words)
    if not pack.work_from.year <= pack.statistical_year <= pack.work_until.year:
        words = _("The statistical year %(year)d lies outside the programme.")
        line = source.line(("statistical_year",))
        yield Finding(line, "dates", words % {"year": pack.statistical_year})
    if pack.verified_by and pack.verified_by < pack.work_until:
        words = _("The annual report verifies the year after its end, not before.")
        yield Finding(source.line(("verified_by",)), "dates", words)


def _assignment(pack: Pack, source: Source) -> Iterator[Finding]:
    units = {unit.short_name for unit in pack.units.departments}
    if pack.units.guide_unit not in units:
        line = source.line(("units", "guide_unit"))
        yield unknown(line, "unknown_unit", pack.units.guide_unit, units)
    for place, rule in enumerate(pack.assignment):
        if rule.unit not in units:
            line = source.line(("assignment", place, "unit"))
            yield unknown(line, "unknown_unit", rule.unit, units)
    if sum(rule.is_catch_all for rule in pack.assignment) != 1:
        words = _(
            "The assignment rules need exactly one rule without ownership and industry: it takes "
            "every firm that no other rule fits, so that none is left without an owner."
        )
        yield Finding(source.line(("assignment",)), "no_catch_all", words)


def _criteria(pack: Pack, source: Source) -> Iterator[Finding]:
    haves = {have.key for have in pack.haves}
    for fact in pack.covered_when.named():
        if fact not in FACTS:
            yield unknown(source.line(("covered_when",)), "unknown_criterion", fact, FACTS)
    for place, grade in enumerate(pack.grades):
        for fact in grade.likely_when.named() if grade.likely_when else ():
            if fact not in FACTS:
                line = source.line(("grades", place, "likely_when"))
                yield unknown(line, "unknown_criterion", fact, FACTS)
    for place, have in enumerate(pack.haves):
        if have.fact and have.fact not in FACTS:
            line = source.line(("haves", place, "fact"))
            yield unknown(line, "unknown_criterion", have.fact, FACTS)
    proved = {plan.criterion for plan in pack.evidence}
    for place, plan in enumerate(pack.evidence):
        if plan.criterion not in haves:
            line = source.line(("evidence", place, "criterion"))
            yield unknown(line, "unknown_criterion", plan.criterion, haves)
    for have_key in sorted(haves - proved):
        words = _("No evidence is named that would prove “%(name)s”.") % {"name": have_key}
        yield Finding(source.line(("evidence",)), "no_evidence", words)


def _ladder(ladder: Ladder, pack: Pack, source: Source, path: Path) -> Iterator[Finding]:
    passed: list[str] = []
    last = {"due": -9999, "start": -9999}
    for place, rung in enumerate(ladder.rungs):
        here = (*path, place)
        if rung.offset < last[rung.anchor] or rung.key in passed:
            words = _("The rung “%(name)s” is out of order: from the lowest to the highest.")
            at = source.line((*here, "key" if rung.key in passed else "offset"))
            yield Finding(at, "ladder_order", words % {"name": rung.key})
        if rung.requires and rung.requires not in passed:
            words = _("The rung “%(name)s” requires one that does not come before it.")
            at = source.line((*here, "requires"))
            yield Finding(at, "ladder_order", words % {"name": rung.key})
        if rung.text and rung.text not in pack.texts:
            yield unknown(source.line((*here, "text")), "unknown_text", rung.text, pack.texts)
        last[rung.anchor] = rung.offset
        passed.append(rung.key)


def _form(form: Form, pack: Pack, source: Source, path: Path) -> Iterator[Finding]:
    for included in form.includes:
        if included == form.key or form.key in _includes(pack, included):
            words = _("The form includes itself.")
            yield Finding(source.line((*path, "includes")), "form_loop", words)
        elif included not in pack.forms:
            yield unknown(source.line((*path, "includes")), "unknown_form", included, pack.forms)
    keys = Counter(field.key for field in form.fields)
    foreign = len(form.fields) - len(_own_fields(form, pack))
    for place, field in enumerate(form.fields):
        here = (*path, "fields", place - foreign)
        if keys[field.key] > 1 and place >= foreign:
            words = _("The field “%(name)s” is given twice.") % {"name": field.key}
            yield Finding(source.line((*here, "key")), "field_twice", words)
        if field.least is not None and field.most is not None and field.least > field.most:
            words = _("“least” is more than “most”: nothing could be filled in.")
            yield Finding(source.line((*here, "most")), "bounds", words)
    yield from check_form_parts(form, pack, source, path)
    yield from _outcome(form, source, path)
    for field, siblings in form.walk():
        yield from _conditions(field, siblings, source, path)
        known = {sibling.key for sibling in siblings} | {HAVES}
        for name in _named(field.not_before, field.required_when, field.shown_when):
            if name not in known:
                yield unknown(_line_of(name, source, path), "unknown_field", name, known)


def _includes(pack: Pack, key: str) -> tuple[str, ...]:
    return pack.forms[key].includes if key in pack.forms else ()


def _conditions(
    field: Field, siblings: Iterable[Field], source: Source, path: Path
) -> Iterator[Finding]:
    """A condition asks for answers that the other field can have."""
    by_key = {sibling.key: sibling for sibling in siblings}
    for when in filter(None, (field.required_when, field.shown_when)):
        other = by_key.get(when.field)
        if other is None or not other.choices or other.kind == HAVES:
            continue
        for answer in when.any_of:
            if other.choice(answer) is None:
                known = [choice.key for choice in other.choices]
                line = _line_of(when.field, source, path)
                yield unknown(line, "unknown_choice", answer, known)


def _outcome(form: Form, source: Source, path: Path) -> Iterator[Finding]:
    """The field, its columns and the results that a form's outcome names."""
    wanted = form.outcome
    if wanted is None:
        return
    line = source.line((*path, "outcome"))
    field = next((field for field in form.fields if field.key == wanted.field), None)
    columns = {column.key: column for column in field.columns} if field else {}
    if field is None or field.kind != "rows":
        yield unknown(line, "unknown_field", wanted.field)
        return
    for key in filter(None, (wanted.column, wanted.per)):
        if key not in columns:
            yield unknown(line, "unknown_field", key)
    if wanted.column in columns:
        for key in wanted.any_of:
            if columns[wanted.column].choice(key) is None:
                yield unknown(line, "unknown_field", key)


def _own_fields(form: Form, pack: Pack) -> tuple[object, ...]:
    foreign = sum(len(pack.forms[key].fields) for key in form.includes if key in pack.forms)
    return form.fields[foreign:]


def _named(not_before: str | None, *conditions: object) -> Iterable[str]:
    named = (getattr(condition, "field", None) for condition in conditions)
    return filter(None, (not_before, *named))


def _line_of(name: str, source: Source, path: Path) -> int:
    """The line below a path on which a field is named by a condition."""
    for known, line in source.known.items():
        if known[: len(path)] != path or not known:
            continue
        if known[-1] in ("field", "not_before") and _value(source, known) == name:
            return line
    return source.line(path)


def _value(source: Source, path: Path) -> object:
    value = source.data
    for part in path:
        value = value[part]
    return value
