"""What a programme pack is made of: everything that a city decides, as typed data."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field as ModelField
from pydantic import field_validator, model_validator

from workflows.assessment import Assessment
from workflows.assignment import Assignment, AssignmentRule, assign
from workflows.criteria import Criteria, covered
from workflows.extensions import ExtensionRule
from workflows.form_fields import Form
from workflows.groups import GroupRule
from workflows.ladder import Ladder, QuietSeason
from workflows.limits import CaseLimits
from workflows.measures import CLASSES, Measure
from workflows.pack_parts import (
    HAVE_FACTS,
    CountyPlan,
    EvidencePlan,
    Have,
    ListColumn,
    ReturnReason,
    UnitPlan,
    Units,
)
from workflows.papers import CampaignPhase, Goal, SourcePaper
from workflows.policies import Policy
from workflows.procedure import Grade, Procedure, Stage
from workflows.text import Rule, Text
from workflows.visits import VisitRule

Rate = Literal["registration_rate", "filing_rate", "coverage_rate", "four_haves_rate"]
YEAR_NAMES = {"last_year": -1, "this_year": 0}


class Pack(Rule):
    """All rules of a programme. Accessors raise KeyError for a key that is not in the pack."""

    key: str
    title: Text
    city: str
    city_code: str | None = None
    statistical_year: int
    work_from: date
    work_until: date
    verified_by: date | None = None
    papers: tuple[SourcePaper, ...] = ()
    campaign: tuple[CampaignPhase, ...] = ()
    city_target: Decimal | None = None
    goals: tuple[Goal, ...] = ()
    assessment: Assessment | None = None
    zones: dict[str, Text]
    counties: tuple[CountyPlan, ...]
    targets: dict[str, dict[int, Decimal]] = ModelField(default_factory=dict)
    planned_line: dict[str, Decimal] = ModelField(default_factory=dict)
    # points that a rate must gain within a month, beside the planned line (000-13)
    increments: dict[Rate, dict[str, Decimal]] = ModelField(default_factory=dict)
    # what a rate is a part of (practice: the register), and the day on which the year's base is
    # fixed; without one the end of January, or the first list where that came later
    base: Literal["current_register", "assessment_base"] = "current_register"
    base_on: date | None = None
    units: Units
    unit_classes: dict[str, tuple[str, ...]] = ModelField(default_factory=dict)
    assignment: tuple[AssignmentRule, ...]
    groups: tuple[GroupRule, ...] = ()
    covered_when: Criteria
    haves: tuple[Have, ...]
    grades: tuple[Grade, ...] = ()
    quiet_seasons: tuple[QuietSeason, ...] = ()
    # in which no letter goes out, whatever stage it is about (春节、年报周)
    letters_rest: tuple[QuietSeason, ...] = ()
    extensions: ExtensionRule = ExtensionRule()
    limits: CaseLimits = CaseLimits()
    visits: VisitRule = VisitRule()
    headings: dict[ListColumn, tuple[str, ...]] = ModelField(default_factory=dict)
    root_procedure: str
    procedures: dict[str, Procedure]
    measures: tuple[Measure, ...] = ()
    policies: tuple[Policy, ...] = ()
    ladders: dict[str, Ladder]
    forms: dict[str, Form]
    evidence: tuple[EvidencePlan, ...]
    return_reasons: tuple[ReturnReason, ...]
    texts: dict[str, Text] = ModelField(default_factory=dict)
    # words of the interface that this city says otherwise (000-02: 省辖市 in place of 县区)
    wording: dict[str, str] = ModelField(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _name_the_named(cls, value: Any) -> Any:
        """Procedures, ladders and forms take their keys from the YAML keys."""
        if not isinstance(value, dict):
            return value
        # issued plans may still say it: names are data (ADR 13)
        value = {key: said for key, said in value.items() if key != "city_en"}
        named = {
            part: {key: _with_key(key, item) for key, item in value[part].items()}
            for part in ("procedures", "ladders", "forms")
            if isinstance(value.get(part), dict)
        }
        year = _year(value.get("statistical_year"))
        return {**value, **named, "statistical_year": year, "targets": _by_year(value, year)}

    @field_validator("key")
    @classmethod
    def _is_a_slug(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,59}", value):
            raise ValueError(_("small letters, digits and hyphens only"))
        return value

    def procedure(self, key: str) -> Procedure:
        return self.procedures[key]

    @property
    def root(self) -> Procedure:
        """The procedure under which `open_cases` opens (assistance)."""
        return self.procedures[self.root_procedure]

    def ladder(self, key: str) -> Ladder:
        return self.ladders[key]

    def form(self, key: str) -> Form:
        return self.forms[key]

    def form_for(self, stage: Stage, have: str | None = None) -> Form | None:
        key = stage.form_for(have)
        return self.forms[key] if key else None

    def have(self, key: str) -> Have:
        return {have.key: have for have in self.haves}[key]

    @cached_property
    def unaided(self) -> tuple[str, ...]:
        """Haves that need no partner."""
        return tuple(have.key for have in self.haves if not have.needs_partner)

    @cached_property
    def facts(self) -> dict[str, str]:
        """The column of the monthly facts by criterion, where one says so."""
        return {have.key: have.fact for have in self.haves if have.fact}

    def grades_of(self, procedure: Procedure | str) -> tuple[Grade, ...]:
        """The classes of a procedure's cases: its own, else the pack's for cases about a firm."""
        found = self.procedures[procedure] if isinstance(procedure, str) else procedure
        return found.grades or (self.grades if found.about == "firm" else ())

    def grade(self, key: str, procedure: Procedure | str | None = None) -> Grade:
        """A class by its key; KeyError for one that the procedure (the root by default) lacks."""
        grades = self.grades_of(procedure if procedure is not None else self.root)
        return {grade.key: grade for grade in grades}[key]

    def likely_grade(self, facts: Mapping[str, bool]) -> str:
        """The class that a firm's filing makes likely, for waves; "" where the pack has none.

        The first class whose `likely_when` holds, else the last that is chased. A pack that says
        nothing has its classes guessed by their order: nearest (two haves or more in the filing),
        some, nothing.
        """
        chased = [grade for grade in self.grades if grade.chased]
        if not chased:
            return ""
        told = [grade for grade in chased if grade.likely_when]
        if told:
            fits = (g for g in told if g.likely_when and covered(g.likely_when, facts))
            return next(fits, chased[-1]).key
        haves = sum(facts.get(name, False) for name in HAVE_FACTS)
        place = 0 if facts.get("filed") and haves >= 2 else 1 if haves else 2
        return chased[min(place, len(chased) - 1)].key

    @cached_property
    def comes_back(self) -> bool:
        """Whether the calendar opens cases of this pack."""
        by_calendar = any(one.opening("calendar") for one in self.procedures.values())
        return by_calendar or any(measure.time.every for measure in self.plan)

    @cached_property
    def plan(self) -> tuple[Measure, ...]:
        """Everything that `open_measures` opens: the plan's own tasks and its policies."""
        return (*self.measures, *self.policies)

    def measure(self, key: str) -> Measure:
        return {measure.key: measure for measure in self.plan}[key]

    def expanded(self, names: Iterable[str]) -> tuple[str, ...]:
        """Units for names of which some are classes of this pack; the product's own stay."""
        units = (
            unit
            for name in names
            for unit in ((name,) if name in CLASSES else self.unit_classes.get(name, (name,)))
        )
        return tuple(dict.fromkeys(units))

    def listed_by(self, when: str) -> Procedure | None:
        """The procedure that the register opens for such firms (`uncovered`: the root)."""
        for procedure in self.procedures.values():
            if any(opening.when == when for opening in procedure.opens):
                return procedure
        return self.root if when == "uncovered" else None

    def is_supporting(self, criterion: str, paper: str) -> bool:
        """Whether a paper only goes with a main one; of one without a kind the reviewer judges."""
        return (criterion, paper) in self._supporting

    @cached_property
    def _supporting(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (plan.criterion, paper.key) for plan in self.evidence for paper in plan.supporting
        )

    def evidence_for(self, criterion: str) -> EvidencePlan:
        return {plan.criterion: plan for plan in self.evidence}[criterion]

    @cached_property
    def own_headings(self) -> dict[str, tuple[str, ...]]:
        """What the city's lists call their columns, by the product's name of the column."""
        return {str(column): names for column, names in self.headings.items()}

    @cached_property
    def figures(self) -> dict[str, int]:
        """The limits that pages name in words."""
        return {**self.limits.model_dump(), "times": self.extensions.times}

    @cached_property
    def reopening_reason(self) -> int:
        """Why the papers of a closing that falls are returned; 0: the words alone say it."""
        return next((one.number for one in self.return_reasons if one.on_reopening), 0)

    def return_reason(self, number: int) -> ReturnReason:
        return {reason.number: reason for reason in self.return_reasons}[number]

    def text(self, key: str) -> Text:
        return self.texts[key]

    def unit(self, short_name: str) -> UnitPlan:
        return self._units[short_name]

    @property
    def unit_names(self) -> tuple[str, ...]:
        """Short names of the city's own units."""
        return tuple(self._units)

    @cached_property
    def _units(self) -> dict[str, UnitPlan]:
        units = self.units
        single = (units.office, units.supervision, units.leadership)
        listed = (*units.departments, *units.liaison_groups, *filter(None, single))
        return {unit.short_name: unit for unit in listed}

    @cached_property
    def _counties(self) -> dict[str, CountyPlan]:
        return {
            fold_county(name): county
            for county in self.counties
            for name in (county.name, *county.aliases)
        }

    def county(self, name: str) -> CountyPlan:
        """A county by name or alias; blanks and full width are folded (001-27)."""
        return self._counties[fold_county(name)]

    def target(self, county: str, year: int | None = None) -> Decimal | None:
        """The county's guideline in per cent for a year (the statistical year by default)."""
        return self.county(county).targets.get(year or self.statistical_year)

    def planned_share(self, on: date) -> Fraction:
        """The part (0–1) of the year's target that should be reached by the end of a month; exact,
        since whoever stands on the line is not below it.

        The pack's `planned_line`, else one equal step for each month of the programme.
        """
        month = f"{on:%Y-%m}"
        if self.planned_line:
            reached = [share for key, share in self.planned_line.items() if key <= month]
            return Fraction(max(reached, default=Decimal(0))) / 100
        total = _months(self.work_from, self.work_until)
        passed = max(0, min(total, _months(self.work_from, on)))
        return Fraction(passed, total)

    def quiet_for(self, stage: Stage) -> tuple[QuietSeason, ...]:
        """Quiet seasons that hold for a stage; hand them to the functions of `ladder`."""
        return self.quiet_seasons if stage.quiet_season else ()

    def letters_rest_on(self, day: date) -> QuietSeason | None:
        """The quiet period of letters in which a day lies."""
        return next((season for season in self.letters_rest if season.holds(day)), None)

    def opened_by(self, letter: str) -> Procedure | None:
        """The procedure that a released letter of a kind opens a case of."""
        for procedure in self.procedures.values():
            opening = procedure.opening("rung")
            if opening is not None and letter in opening.by_letters:
                return procedure
        return None

    def assign(self, *, ownership: str, industry: str) -> Assignment:
        return assign(self.assignment, ownership=ownership, industry=industry)

    def is_covered(self, facts: Mapping[str, bool]) -> bool:
        return covered(self.covered_when, facts)


def fold_county(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))


def _with_key(key: Any, item: Any) -> Any:
    return {"key": str(key), **item} if isinstance(item, dict) else item


def _year(value: Any) -> Any:
    return value.year if isinstance(value, date) else value


def _by_year(value: Mapping[str, Any], year: Any) -> Any:
    """`last_year` and `this_year` as numbers; anything else is left to the types."""
    targets = value.get("targets") or {}
    if not isinstance(targets, dict) or not isinstance(year, int):
        return targets
    return {
        county: {
            year + YEAR_NAMES[key] if key in YEAR_NAMES else key: rate for key, rate in row.items()
        }
        if isinstance(row, dict)
        else row
        for county, row in targets.items()
    }


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1
