"""What the types cannot see in a pack's small parts: names, lengths, shares, seasons, texts."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any

from django.utils.translation import gettext as _

from workflows.ladder import QuietSeason
from workflows.pack_model import Pack, fold_county
from workflows.pack_parts import UnitPlan
from workflows.pack_source import Finding, Path, Source
from workflows.procedure import OWN, TERMINAL
from workflows.text import SEPARATOR

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
REGION_CODE = re.compile(r"\d{6}(\d{3})?")
# what the database has room for
LONGEST_KEY, LONGEST_GRADE, LONGEST_TITLE, LONGEST_NAME, LONGEST_SHORT = 30, 2, 120, 60, 30
LONGEST_MARK = 20  # behind it a letter's number has its year and its place
LONGEST_COUNTY = 50
LEAP_YEAR = 2024
LAST_DIVISION = 97  # of GB/T 4754-2017
# fields that pages and verbs look for by their key, whatever the form
MEANT = {
    "grade": "choice",
    "contacts": "rows",
    "visited_on": "date",
    "plan": "rows",
    "needs": "rows",
}


def check_limits(pack: Pack, source: Source) -> Iterator[Finding]:
    yield from _keys(pack, source)
    yield from _given_twice(pack, source)
    yield from _lengths(pack, source)
    yield from _percentages(pack, source)
    yield from _seasons(pack, source)
    yield from _units(pack, source)
    yield from _industries(pack, source)
    yield from _texts(pack, source)
    yield from _meanings(pack, source)
    yield from _halves(source.data, (), source)


# --- names ---------------------------------------------------------------------------------------
def _keys(pack: Pack, source: Source) -> Iterator[Finding]:
    """Keys are stored: small, without blanks, and not one of the codes that have a meaning."""
    named: list[tuple[Path, str, int]] = [
        *((("procedures", key), key, LONGEST_KEY) for key in pack.procedures),
        *((("forms", key), key, LONGEST_KEY + 10) for key in pack.forms),
        *((("haves", n), have.key, LONGEST_KEY) for n, have in enumerate(pack.haves)),
        *((("grades", n), grade.key, LONGEST_GRADE) for n, grade in enumerate(pack.grades)),
    ]
    for key, procedure in pack.procedures.items():
        stages = ("procedures", key, "stages")
        named += [((*stages, n), s.key, LONGEST_KEY) for n, s in enumerate(procedure.stages)]
    for key, ladder in pack.ladders.items():
        rungs = ("ladders", key, "rungs")
        named += [((*rungs, n), r.key, LONGEST_KEY) for n, r in enumerate(ladder.rungs)]
    for path, name, longest in named:
        if not KEY.fullmatch(name) or len(name) > longest:
            words = _(
                "The key “%(name)s” cannot be stored: at most %(n)d letters (a–z), digits and “_”."
            )
            yield Finding(source.line(path), "key", words % {"name": name, "n": longest})
        if name in (*TERMINAL, OWN):
            words = _("“%(name)s” has a meaning of its own and cannot be a key.")
            yield Finding(source.line(path), "reserved", words % {"name": name})


def _given_twice(pack: Pack, source: Source) -> Iterator[Finding]:
    """Lists in which a key, a name or a number may stand once."""
    parts: list[tuple[Path, Iterable[Hashable]]] = [
        (("haves",), (have.key for have in pack.haves)),
        (("grades",), (grade.key for grade in pack.grades)),
        (("assignment",), (rule.key for rule in pack.assignment)),
        (("evidence",), (plan.criterion for plan in pack.evidence)),
        (("return_reasons",), (reason.number for reason in pack.return_reasons)),
        (("units", "departments"), (unit.short_name for unit in pack.units.departments)),
        (("units", "liaison_groups"), (unit.short_name for unit in pack.units.liaison_groups)),
    ]
    marks = (
        "on_reopening" if one.on_reopening else place
        for place, one in enumerate(pack.return_reasons)
    )
    parts.append((("return_reasons",), marks))
    for place, plan in enumerate(pack.evidence):
        papers = (paper.key for paper in plan.papers)
        parts.append((("evidence", place), papers))
    for key, procedure in pack.procedures.items():
        parts.append((("procedures", key, "phases"), (phase.key for phase in procedure.phases)))
        for place, stage in enumerate(procedure.stages):
            path: Path = ("procedures", key, "stages", place, "moves")
            ways = [
                (move.verb, move.to, grade)
                for move in stage.moves
                for grade in (move.grades or [None])
            ]
            yield from _twice(path, ways, source, by_item=False)
    for path, names in parts:
        yield from _twice(path, names, source)


def _twice(
    path: Path, names: Iterable[Hashable], source: Source, *, by_item: bool = True
) -> Iterator[Finding]:
    seen: set[Hashable] = set()
    for place, name in enumerate(names):
        if name in seen:
            shown = " ".join(str(p) for p in name if p) if isinstance(name, tuple) else name
            line = source.line((*path, place) if by_item else path)
            yield Finding(line, "twice", _("“%(key)s” is given twice.") % {"key": shown})
        seen.add(name)


def _lengths(pack: Pack, source: Source) -> Iterator[Finding]:
    units = pack.units
    named: list[tuple[Path, str, int]] = [(("title",), pack.title.zh, LONGEST_TITLE)]
    named += [(("counties", n), c.name, LONGEST_COUNTY) for n, c in enumerate(pack.counties)]
    for part in ("departments", "liaison_groups"):
        for place, unit in enumerate(getattr(units, part)):
            where: Path = ("units", part, place)
            named += [(where, unit.name, LONGEST_NAME), (where, unit.short_name, LONGEST_SHORT)]
    named.append((("units", "office"), units.office.mark, LONGEST_MARK))
    for path, name, longest in named:
        if len(name) > longest:
            words = _("“%(name)s…” is too long: at most %(n)d characters.")
            yield Finding(source.line(path), "long", words % {"name": name[:20], "n": longest})


# --- figures -------------------------------------------------------------------------------------
def _percentages(pack: Pack, source: Source) -> Iterator[Finding]:
    shares: list[tuple[Path, Decimal]] = [
        (("targets", county, year), share)
        for county, years in pack.targets.items()
        for year, share in years.items()
    ]
    shares += [(("planned_line", month), share) for month, share in pack.planned_line.items()]
    shares += [
        (("increments", of, month), points)
        for of, months in pack.increments.items()
        for month, points in months.items()
    ]
    if pack.city_target is not None:
        shares.append((("city_target",), pack.city_target))
    for path, share in shares:
        if not 0 <= share <= 100:
            words = _("%(share)s is no percentage: it lies between 0 and 100.")
            yield Finding(source.line(path), "percent", words % {"share": share})
    yield from _planned_line(pack, source)
    yield from _increments(pack, source)
    for place, county in enumerate(pack.counties):
        if county.code and not REGION_CODE.fullmatch(county.code):
            yield _code(source.line(("counties", place)), county.code)
    if pack.city_code and not REGION_CODE.fullmatch(pack.city_code):
        yield _code(source.line(("city_code",)), pack.city_code)


def _code(line: int, code: str) -> Finding:
    words = _("“%(code)s” is no region code: six digits in quotes (GB/T 2260).") % {"code": code}
    return Finding(line, "region_code", words)


def _planned_line(pack: Pack, source: Source) -> Iterator[Finding]:
    """序时目标: months in order, never falling."""
    reached = Decimal(0)
    for month in sorted(pack.planned_line):
        path: Path = ("planned_line", month)
        yield from _month(month, path, pack, source)
        if pack.planned_line[month] < reached:
            words = _("The planned line falls; it can only rise.")
            yield Finding(source.line(path), "planned_line", words)
        reached = max(reached, pack.planned_line[month])


def _increments(pack: Pack, source: Source) -> Iterator[Finding]:
    for of, months in pack.increments.items():
        for month in months:
            yield from _month(month, ("increments", of, month), pack, source)


def _month(month: str, path: Path, pack: Pack, source: Source) -> Iterator[Finding]:
    last = pack.verified_by or pack.work_until
    years = range(min(pack.work_from.year, pack.statistical_year), last.year + 1)
    if not MONTH.fullmatch(month):
        words = _('“%(month)s” is no month: write "2022-09" in quotes.') % {"month": month}
        yield Finding(source.line(path), "month", words)
    elif int(month[:4]) not in years:
        words = _("The month %(month)s lies outside the programme.") % {"month": month}
        yield Finding(source.line(path), "outside", words)


def _seasons(pack: Pack, source: Source) -> Iterator[Finding]:
    lists = {"quiet_seasons": pack.quiet_seasons, "letters_rest": pack.letters_rest}
    for name, seasons in lists.items():
        taken: Counter[date] = Counter()
        for place, season in enumerate(seasons):
            days = list(_days(season))
            if any(taken[day] for day in days):
                line, words = (
                    source.line((name, place)),
                    _("Two quiet seasons overlap. Make them one."),
                )
                yield Finding(line, "season_overlap", words)
            taken.update(days)


def _days(season: QuietSeason) -> Iterator[date]:
    every = (date.fromordinal(n) for n in range(*_year()))
    return (day for day in every if season.holds(day))


def _year() -> tuple[int, int]:
    return date(LEAP_YEAR, 1, 1).toordinal(), date(LEAP_YEAR + 1, 1, 1).toordinal()


# --- units and industries ------------------------------------------------------------------------
def _units(pack: Pack, source: Source) -> Iterator[Finding]:
    """The county's units are made once a county: both names must tell them apart."""
    for part in ("county_unit", "county_bureau"):
        plan: UnitPlan | None = getattr(pack.units, part)
        line = source.line(("units", part))
        for name in (plan.name, plan.short_name) if plan else ():
            if _placeholders(name) != {"county"}:
                words = _("“%(name)s” must hold {county}, as there is one such unit a county.")
                yield Finding(line, "county_unit", words % {"name": name})
    one = [pack.units.office, pack.units.supervision, pack.units.leadership]
    names = Counter(u.name for u in (*pack.units.departments, *filter(None, one)))
    for name, count in names.items():
        if count > 1:
            words = _("“%(key)s” is given twice.") % {"key": name}
            yield Finding(source.line(("units",)), "twice", words)
    if fold_county(pack.city) in {fold_county(county.name) for county in pack.counties}:
        words = _("A county cannot have the city's name.")
        yield Finding(source.line(("counties",)), "county_twice", words)


def _industries(pack: Pack, source: Source) -> Iterator[Finding]:
    """A prefix or a registration type fits one rule: the first would always win."""
    taken: set[str] = set()
    for place, rule in enumerate(pack.assignment):
        line = source.line(("assignment", place))
        for prefix in rule.industry:
            if not re.fullmatch(r"\d{2,4}", prefix):
                words = _("“%(code)s” is no industry code: two to four digits in quotes.")
                yield Finding(line, "industry_code", words % {"code": prefix})
            elif not 0 < int(prefix[:2]) <= LAST_DIVISION:
                words = _("“%(code)s”: GB/T 4754 has the divisions 01 to %(n)d.")
                known = {"code": prefix, "n": LAST_DIVISION}
                yield Finding(line, "industry_code", words % known)
        for name in (*rule.industry, *rule.ownership):
            if name in taken:
                words = _("“%(name)s” stands in an earlier rule; this one would never be used.")
                yield Finding(line, "rule_hidden", words % {"name": name})
            taken.add(name)


# --- texts ---------------------------------------------------------------------------------------
def _texts(pack: Pack, source: Source) -> Iterator[Finding]:
    """Braces that close, and the same names in both languages."""
    for key, text in pack.texts.items():
        line = source.line(("texts", key))
        zh, en = _placeholders(text.zh), _placeholders(text.en)
        if zh is None or en is None:
            words = _("A brace is not closed, or is empty: names are written {firm}.")
            yield Finding(line, "placeholder", words)
        elif text.en and zh != en:
            names = "、".join(sorted(f"{{{name}}}" for name in zh ^ en))
            words = _("Only one of the two languages names %(names)s.") % {"names": names}
            yield Finding(line, "placeholder", words)


def _meanings(pack: Pack, source: Source) -> Iterator[Finding]:
    """`visited_on` is a day on every page: a field of that name must be one."""
    for key, form in pack.forms.items():
        for place, field in enumerate(form.fields):
            kind = MEANT.get(field.key, field.kind)
            if field.kind != kind:
                words = _(
                    "The field “%(name)s” has a meaning of its own and must be of kind %(kind)s."
                )
                line = source.line(("forms", key, "fields", place))
                yield Finding(line, "meaning", words % {"name": field.key, "kind": kind})


def _placeholders(text: str) -> set[str] | None:
    """Names in braces; None where the braces make no sense."""
    try:
        names = {name for _t, name, _f, _c in Formatter().parse(text) if name is not None}
    except ValueError:
        return None
    return None if "" in names else names


def _halves(data: Any, path: Path, source: Source) -> Iterator[Finding]:
    """`摸底 | Survey`: with a bar, both halves; a Chinese text may stand alone."""
    if isinstance(data, dict):
        for key, item in data.items():
            yield from _halves(item, (*path, key), source)
    elif isinstance(data, list):
        for place, item in enumerate(data):
            yield from _halves(item, (*path, place), source)
    elif isinstance(data, str) and (data.endswith(" |") or data.startswith("| ")):
        words = _("“%(text)s” lacks a half: write “Chinese%(bar)sEnglish”, or no bar.")
        shown = {"text": data[:40], "bar": SEPARATOR}
        yield Finding(source.line(path), "half", words % shown)
