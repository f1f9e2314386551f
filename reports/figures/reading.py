"""The firms of a programme as of the end of a day, by a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Min, Q

from cases.models import Case, FormRecord, ProgrammeFirm
from cases.rulebook import calendar
from cases.stages import CLOSED, TERMINAL, WITHDRAWN
from enterprises.facts import facts_known
from enterprises.models import Enterprise, Membership, MonthlyFact
from organisations.among import Among
from organisations.models import Region, Unit
from reports.figures.past import Past, corrected, end_of, stood
from reports.figures.rows import HAVES, FirmRow
from workflows.models import Programme
from workflows.packs import Pack

CASE = ("pk", "enterprise_id", "county_id", "competent_unit_id", "liaison_unit_id", "stage",
        "opened_on", "closed_on", "late_days", "lacking_count")  # fmt: skip
FACT = ("enterprise_id", "about_month", "registered", "filed", *HAVES)
Fact = tuple[Any, ...]  # in the order of ``FACT``
NOTHING = (False,) * len(HAVES)


@dataclass(frozen=True)
class Names:
    """Counties in the order of the pack, units by key, groups by county: as they are called."""

    counties: Mapping[int, str] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Keys in order as lists, as JSON has no other keys than texts."""
        return {name: list(getattr(self, name).items()) for name in ("counties", "units", "groups")}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Names:
        return cls(**{name: {int(key): word for key, word in kept[name]} for name in kept})


@dataclass(frozen=True)
class _Listed:
    county: int
    industry: str
    department: int


class Reading:
    """``as_of``: register and ledger at its end; ``known_until``: facts about months up to that
    day's, known by then (default: the same day). ``live``: the ledger is asked how it stands now,
    so what is still lacking is known. ``firms``: of these only.
    """

    def __init__(
        self,
        programme: Programme,
        pack: Pack,
        as_of: date,
        *,
        known_until: date | None = None,
        live: bool = False,
        firms: Collection[int] | None = None,
    ) -> None:
        self._firms = firms
        self.programme, self.pack, self.as_of = programme, pack, as_of
        self.known_until, self.live = known_until or as_of, live
        self._covers: dict[tuple[bool, ...], bool] = {}

    def rows(self) -> tuple[FirmRow, ...]:
        """Firms on the register, or with a case, or with a fact about the programme's year."""
        listed, base = self._listed(), self._base()
        told = facts_known(
            self.programme.city,
            as_of=self.known_until,
            since_month=first_month(self.pack),
            until_month=min(self.as_of, last_month(self.pack)),
            firms=self._firms,
        )
        # an instance of each would cost as much as everything else that is said of a firm
        facts = {row[0]: row for row in told.values_list(*FACT)}
        cases = self._cases()
        wanted = {*listed, *facts, *cases}
        self._past = stood(self.programme, self.as_of, calendar(), self._firms)
        self._places = self._placed()
        self._first = self._first_timers(facts)
        firms = Enterprise.objects.filter(self._known()).order_by("pk")
        return tuple(
            self._row(pk, name, code or "", listed.get(pk), pk in base, facts.get(pk), cases)
            for pk, name, code in firms.values_list("pk", "name", "credit_code")
            if pk in wanted
        )

    def _these(self, name: str = "enterprise") -> Q:
        return Q() if self._firms is None else Q(Among(name, self._firms))

    def _known(self) -> Q:
        """As a question, not as a list of thousands of parameters."""
        if self._firms is not None:
            return self._these("pk")
        since, city = first_month(self.pack), self.programme.city_id
        members = Membership.objects.on(self.as_of).filter(city=city)
        facts = MonthlyFact.objects.filter(
            city=city, about_month__gte=since, about_month__lte=last_month(self.pack)
        )
        owned = Case.objects.main().filter(programme=self.programme).order_by()
        found = Q(pk__in=[])
        for rows in (members, facts, owned):
            found |= Q(pk__in=rows.values("enterprise"))
        return found

    def _row(
        self,
        pk: int,
        name: str,
        code: str,
        listed: _Listed | None,
        in_base: bool,
        fact: Fact | None,
        cases: Mapping[int, dict[str, Any]],
    ) -> FirmRow:
        case = cases.get(pk)
        place = self._places.get(pk, (0, 0, 0))
        stage = self._stage(case)
        if case is None or not stage or stage == WITHDRAWN:
            case, stage = None, ""
        given = tuple(map(bool, fact[4:])) if fact else NOTHING
        haves: dict[str, Any] = dict(zip(HAVES, given, strict=True))
        if given not in self._covers:
            self._covers[given] = self.pack.is_covered(haves)
        covered = self._covers[given]
        county = listed.county if listed else (case["county_id"] if case else place[0])
        return FirmRow(
            firm=pk,
            name=name,
            code=code,
            county=county,
            industry=listed.industry if listed else "",
            department=(listed.department if listed else 0) or place[1],
            group=place[2],
            listed=listed is not None,
            assessed=listed is not None and in_base,
            about=fact[1] if fact else None,
            registered=bool(fact and fact[2]),
            filed=bool(fact and fact[3]),
            covered=covered,
            first_time=covered and pk in self._first,
            **haves,
            **(self._of_case(case, stage) if case else {}),
        )

    # --- the register ----------------------------------------------------------------------------
    def _listed(self) -> dict[int, _Listed]:
        before = corrected(self.programme, self.as_of)
        units = _departments(self.programme) if before else {}
        rows = Membership.objects.on(self.as_of).filter(self._these(), city=self.programme.city_id)
        found = {}
        for pk, firm, county, industry in rows.values_list(
            "pk", "enterprise_id", "county_id", "industry_code"
        ):
            department = 0
            if pk in before:
                industry, ownership = before[pk]
                given = self.pack.assign(ownership=ownership, industry=industry)
                department = units.get(given.unit, 0)
            found[firm] = _Listed(county, industry, department)
        return found

    def _base(self) -> frozenset[int]:
        """考核基数: firms of the base day; before it the register of the day itself."""
        on = min(base_day(self.programme, self.pack), self.as_of)
        rows = Membership.objects.on(on).filter(self._these(), city=self.programme.city_id)
        return frozenset(rows.values_list("enterprise_id", flat=True))

    def _placed(self) -> dict[int, tuple[int, int, int]]:
        rows = ProgrammeFirm.objects.filter(self._these(), programme=self.programme)
        names = ("enterprise_id", "county_id", "competent_unit_id", "liaison_unit_id")
        return {
            firm: (county, unit, group or 0)
            for firm, county, unit, group in rows.values_list(*names)
        }

    # --- the ledger ------------------------------------------------------------------------------
    def _cases(self) -> dict[int, dict[str, Any]]:
        mine = Q(programme=self.programme, opened_on__lte=self.as_of)
        rows = Case.objects.main().filter(mine, self._these())
        return {row["enterprise_id"]: row for row in rows.order_by("pk").values(*CASE)}

    def _stage(self, case: dict[str, Any] | None) -> str:
        if case is None:
            return ""
        past: Past = self._past
        stage = str(past.stages.get(case["pk"], case["stage"]))
        taken_over = not stage and case["stage"] == CLOSED
        if taken_over and (case["closed_on"] is None or case["closed_on"] <= self.as_of):
            return CLOSED  # a running ledger that was taken over later says so
        return stage

    def _of_case(self, case: dict[str, Any], stage: str) -> dict[str, Any]:
        closed = stage == CLOSED
        step = None if stage in TERMINAL else self._past.open.get(case["pk"])
        due = step.due if step else None
        late = 0
        if step and step.runs and due and due < self.as_of:
            late = max(calendar().between(due, self.as_of), 1)
        is_now = self.live or case["pk"] not in self._past.stages
        return {
            "case": case["pk"],
            "served": self._past.counties.get(case["pk"], case["county_id"]),
            "stage": stage,
            "due": due,
            "late": late,
            **(self._of_closing(case) if closed else {}),
            "lacking": case["lacking_count"] if stage not in TERMINAL and is_now else None,
            "spent": self._past.spent.get(case["pk"]),
        }

    def _of_closing(self, case: dict[str, Any]) -> dict[str, Any]:
        """The closing that stood; of a case that was taken up again since, what its steps say."""
        closed_on, pk = case["closed_on"], case["pk"]
        if closed_on is None or closed_on > self.as_of:
            return {"closed_on": self._past.left.get(pk), "was_late": pk in self._past.late}
        return {"closed_on": closed_on, "was_late": case["late_days"] > 0}

    # --- for the first time (001-20) -------------------------------------------------------------
    def _first_timers(self, facts: Mapping[int, Fact]) -> set[int]:
        """Said so at the closing, else no R&D in the newest facts of the years before."""
        start = first_month(self.pack)
        before = MonthlyFact.objects.filter(
            self._these(), city=self.programme.city_id, about_month__lt=start
        )
        earlier: dict[int, bool] = {}
        for row in before.order_by().values("enterprise_id", *HAVES).distinct():
            had = self.pack.is_covered({have: row[have] for have in HAVES})
            earlier[row["enterprise_id"]] = earlier.get(row["enterprise_id"], False) or had
        said = FormRecord.objects.filter(
            self._these("case__enterprise"),
            case__programme=self.programme,
            case__is_main=True,
            is_draft=False,
            at__lt=end_of(self.as_of),
            data__first_time__isnull=False,
        )
        answers = dict(said.order_by("pk").values_list("case__enterprise_id", "data__first_time"))
        return {
            firm
            for firm in facts
            if answers.get(firm) == "yes"
            or (firm not in answers and firm in earlier and not earlier[firm])
        }


def first_month(pack: Pack) -> date:
    """A new statistical year starts with an empty section (practice: years)."""
    return min(pack.work_from, date(pack.statistical_year, 1, 1))


def last_month(pack: Pack) -> date:
    """The next year's section, empty at first, says nothing about this one (practice: years)."""
    return max(pack.work_until, date(pack.statistical_year, 12, 31)).replace(day=1)


def base_day(programme: Programme, pack: Pack) -> date:
    """The day on which the year's base was fixed: the plan's, else the end of January, in which the
    yearly batch takes effect, or the first list of the city where that came later."""
    if pack.base_on is not None:
        return pack.base_on
    january = date(pack.statistical_year, 1, 31)
    rows = Membership.objects.filter(city=programme.city_id)
    first: date | None = rows.aggregate(first=Min("joined_on"))["first"]
    return max(first, january) if first else january


def names_of(programme: Programme) -> Names:
    """Three statements."""
    counties = Region.objects.counties_of(programme.city).values_list("pk", "name")
    units = Unit.objects.filter(region=programme.city_id).order_by("pk")
    called = {
        pk: short or name for pk, short, name in units.values_list("pk", "short_name", "name")
    }
    groups: defaultdict[int, list[str]] = defaultdict(list)
    paired = units.filter(kind=Unit.Kind.LIAISON_GROUP, paired_counties__parent=programme.city_id)
    for pk, county in paired.values_list("pk", "paired_counties"):
        groups[county].append(called[pk])
    joined = {county: " ".join(words) for county, words in groups.items()}
    return Names(dict(counties), called, joined)


def _departments(programme: Programme) -> dict[str, int]:
    rows = Unit.objects.filter(region=programme.city_id, kind=Unit.Kind.DEPARTMENT)
    return dict(rows.values_list("short_name", "pk"))
