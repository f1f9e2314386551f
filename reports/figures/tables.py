"""What is known of a programme's firms at the end of a day, as tables that a statement stands on.

The ORM makes the rows, a statement joins and groups them by hand (docs/adr/0059). Of a past day
what happened since is taken back in thought (docs/adr/0064), as ``past`` does case by case: the
first event after the day names the stage, the county and the date that stood until then.
``reading.Reading``, firm by firm, is the reference.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import product
from typing import Any

from django.db import connection
from django.db.models import Case as Either
from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import (
    Coalesce,
    TruncDate,
)

from cases.models import Case, FormRecord, ProgrammeFirm, Suspension, WorkItem
from cases.rulebook import calendar
from cases.stages import CLOSED, TERMINAL, WITHDRAWN
from enterprises.models import Enterprise, Membership, MonthlyFact
from enterprises.querysets import MembershipQuerySet, on_register, sees_register
from enterprises.told import said_of_firms
from organisations.among import Among
from organisations.models import Unit
from organisations.scope import Actor
from reports.figures.past import corrected, end_of
from reports.figures.reading import base_day, first_month, last_month
from reports.figures.rows import HAVES
from reports.figures.since import SINCE
from reports.figures.tally import LATE
from workflows.models import Programme
from workflows.packs import Pack

Table = tuple[QuerySet[Any, Any], str]  # rows, and what their columns are called
ENDS = ", ".join(f"'{stage}'" for stage in TERMINAL)
# no case of a firm: opened by mistake, or opened later
NO_CASE = f"('', '{WITHDRAWN}')"


@dataclass
class Tables:
    """``reader``: whose sight the table ``seen`` is; ``is_past``: the day is over, so what happened
    since is asked for too."""

    programme: Programme
    pack: Pack
    day: date
    reader: Actor
    is_past: bool = False

    def ask(
        self,
        sql: str,
        names: str,
        given: Mapping[str, Any] | None = None,
        *,
        firms: Collection[int] | None = None,
        also: str = "",
    ) -> list[tuple[Any, ...]]:
        """The rows that a statement finds; ``names``: the tables that it stands on; ``given``:
        values of the names in it; ``firms``: the table of this name holds these alone; ``also``:
        one more table, made of those."""
        values: dict[str, Any] = {"day": self.day, "long": self._long, **(given or {})}
        tables = []
        for name in self._with_needed(names.split()):
            told, more = self._written(name, firms)
            values |= more
            tables.append(told)
        tables += [also] if also else []
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {', '.join(tables)} {sql}", values)
            return list(cursor.fetchall())

    @property
    def sees_all(self) -> bool:
        """Whether the reader sees whoever was ever on the register."""
        return sees_register(self.reader, self.programme.city_id)

    # --- what is said of a row -------------------------------------------------------------------
    @property
    def assessed(self) -> str:
        """Of ``listed`` with ``based``: whether a firm is of the year's base too."""
        return is_("listed.based = 1 OR based.firm IS NOT NULL")

    @property
    def runs(self) -> str:
        """Of ``cases`` with ``step`` and ``stopped``: whether the clock of the open step runs."""
        return (
            f"cases.stage NOT IN ({ENDS}) AND step.is_chased AND NOT step.waits_higher "
            "AND NOT step.is_declined AND stopped.pk IS NULL"
        )

    @property
    def late(self) -> str:
        """The same with how late it is: 0, 1, or ``LATE`` for that and more."""
        due = self.due
        return (
            f"CASE WHEN {self.runs} AND {due} < %(day)s "
            f"THEN CASE WHEN {due} <= %(long)s THEN {LATE} ELSE 1 END ELSE 0 END"
        )

    @property
    def due(self) -> str:
        return "coalesce(dated.due, step.due_on)" if self.is_past else "step.due_on"

    @property
    def steps(self) -> str:
        """The tables ``step`` and ``stopped`` beside ``cases``, to be joined."""
        dated = "LEFT JOIN dated ON dated.item = step.item " if self.is_past else ""
        return (
            f"LEFT JOIN step ON step.pk = cases.pk {dated}"
            "LEFT JOIN stopped ON stopped.pk = cases.pk "
        )

    @property
    def was_late(self) -> str:
        """Of ``cases``, with the table ``late``: by the closing that stood; of what is closed
        without a day, or was taken up again since, by what its steps say."""
        return is_(
            f"cases.stage = '{CLOSED}' AND CASE WHEN cases.closed_on IS NULL OR "
            "cases.closed_on > %(day)s THEN "
            "EXISTS (SELECT 1 FROM late WHERE late.pk = cases.pk) ELSE cases.late_days > 0 END"
        )

    @property
    def lacks(self) -> str:
        return is_(f"cases.stage NOT IN ({ENDS}) AND cases.lacking = 1")

    # --- statements ------------------------------------------------------------------------------
    def _with_needed(self, names: Collection[str]) -> list[str]:
        """Those that the others stand on before them."""
        found: list[str] = []
        for name in names:
            needed: tuple[str, ...] = ()
            if name == "cases" and self.is_past:
                needed = ("owned", "turned", "handed")
            elif name == "listed" and self._corrected:
                needed = ("register_rows", "fixed")
            elif name == "step" and self.is_past:
                needed = ("dated",)
            found += [one for one in (*needed, name) if one not in found]
        return found

    def _written(self, name: str, firms: Collection[int] | None) -> tuple[str, Mapping[str, Any]]:
        if name == "days":
            return f"days(day, n) AS (VALUES {', '.join(self._working())})", {}
        if name == "said":
            since, until = self._months
            told, given = said_of_firms(self.programme.city, self.day, since=since, until=until)
            return f"said(firm, said) AS ({told})", given
        if name == "fixed":
            return _FIXED[connection.vendor], {"fixed": json.dumps(self._corrected)}
        if name == "cases" and self.is_past:
            return _CASES_THEN, {}
        if name == "listed" and self._corrected:
            return _LISTED_THEN, {}
        rows, columns = SINCE[name](self.day) if name in SINCE else getattr(self, f"_{name}")()
        if firms is not None and name == "firms":
            rows = rows.filter(Among("pk", firms))
        told, params = rows.query.sql_with_params()
        given = {f"{name}{n}": value for n, value in enumerate(params)}
        told %= tuple(f"%({one})s" for one in given)
        return f"{name}({columns}) AS ({told})", given

    # --- the register and the filing -------------------------------------------------------------
    def _firms(self) -> Table:
        return Enterprise.objects.order_by().values_list("pk"), "firm"

    def _named(self) -> Table:
        return Enterprise.objects.order_by().values_list("pk", "name"), "firm, name"

    def _listed(self) -> Table:
        """``unit``: the department of a row that a later import corrected."""
        columns = ("enterprise_id", "county_id", "industry_code", self._is_based, Value(0))
        named = "firm, county, industry, based, unit"
        return self._register.on(self.day).values_list(*columns), named

    def _register_rows(self) -> Table:
        columns = ("pk", "enterprise_id", "county_id", "industry_code", self._is_based)
        named = "pk, firm, county, industry, based"
        return self._register.on(self.day).values_list(*columns), named

    @property
    def _is_based(self) -> Either:
        return Either(When(on_register(self._base), then=Value(1)), default=Value(0))

    def _based(self) -> Table:
        """Firms of which another row than that of the day was on the register of the base."""
        rows = self._register.on(self._base).exclude(on_register(self.day))
        return rows.values_list("enterprise_id").distinct(), "firm"

    def _placed(self) -> Table:
        rows = ProgrammeFirm.objects.filter(programme=self.programme).order_by()
        columns = ("enterprise_id", "county_id", "competent_unit_id")
        return rows.values_list(*columns), "firm, county, unit"

    def _told(self) -> Table:
        """Who was said anything of, as often as it was."""
        since, until = (month.replace(day=1) for month in self._months)
        rows = MonthlyFact.objects.filter(
            city=self.programme.city_id,
            known_on__lte=self.day,
            about_month__gte=since,
            about_month__lte=until,
        )
        return rows.order_by().values_list("enterprise_id"), "firm"

    def _answers(self) -> Table:
        """Of the newest form that asks whether it is for the first time; ``-``: not answered."""
        said = FormRecord.objects.filter(
            case__programme=self.programme,
            case__is_main=True,
            is_draft=False,
            at__lt=end_of(self.day),
            data__first_time__isnull=False,
        ).order_by()
        newest = said.values("case__enterprise_id").annotate(last=Max("pk")).values("last")
        rows = FormRecord.objects.filter(pk__in=newest).order_by()
        rows = rows.annotate(answer=Coalesce(KT("data__first_time"), Value("-", TextField())))
        return rows.values_list("case__enterprise_id", "answer"), "firm, answer"

    def _earlier(self) -> Table:
        """Whether any fact of the years before says that a firm was covered."""
        start = first_month(self.pack)
        before = MonthlyFact.objects.filter(city=self.programme.city_id, about_month__lt=start)
        covered = Q(pk__in=[])
        for said in product((False, True), repeat=len(HAVES)):
            given = dict(zip(HAVES, said, strict=True))
            covered |= Q(**given) if self.pack.is_covered(given) else Q(pk__in=[])
        had = Either(When(covered, then=Value(1)), default=Value(0))
        rows = before.order_by().values("enterprise_id").annotate(had=Max(had))
        return rows.values_list("enterprise_id", "had"), "firm, had"

    def _seen(self) -> Table:
        if self.sees_all:
            return self._register.values_list("enterprise_id").distinct(), "firm"
        return Enterprise.objects.visible_to(self.reader).order_by().values_list("pk"), "firm"

    # --- the ledger ------------------------------------------------------------------------------
    def _cases(self) -> Table:
        rows = Case.objects.main().filter(programme=self.programme, opened_on__lte=self.day)
        columns = ("pk", "enterprise_id", "county_id", F("county_id"), "stage", "closed_on",
                   "late_days", "lacking_count")  # fmt: skip
        named = "pk, firm, county, served, stage, closed_on, late_days, lacking"
        return rows.order_by().values_list(*columns), named

    def _owned(self) -> Table:
        return self._cases()

    def _step(self) -> Table:
        """The step in which a case stands; of a past day the last that was begun by then."""
        rows, open_ = self._begun(), Q(finished=None)
        if self.is_past:
            open_ |= Q(finished__gte=end_of(self.day))
            later = rows.filter(open_, process=OuterRef("process"), pk__gt=OuterRef("pk"))
            open_ = Q(open_, ~Exists(later))
        columns = ("process_id", "pk", "due_on", "is_chased", "waits_higher", "is_declined",
                   "unit_id")  # fmt: skip
        named = "pk, item, due_on, is_chased, waits_higher, is_declined, unit"
        return rows.filter(open_).values_list(*columns), named

    def _stopped(self) -> Table:
        rows = Suspension.objects.filter(from_on__lte=self.day)
        rows = rows.filter(Q(resumed_on=None) | Q(resumed_on__gt=self.day))
        return rows.order_by().values_list("case_id").distinct(), "pk"

    def _late(self) -> Table:
        rows = self._left().filter(days_late__gt=0, waits_higher=False)
        return rows.values_list("process_id"), "pk"

    def _steps(self) -> Table:
        rows = self._left().annotate(ended=TruncDate("finished"))
        columns = ("process_id", "stage", "started_on", "ended")
        return rows.values_list(*columns), "pk, stage, begun, ended"

    # --- parts of them ---------------------------------------------------------------------------
    @property
    def _register(self) -> MembershipQuerySet:
        rows: MembershipQuerySet = Membership.objects.filter(city=self.programme.city_id)
        return rows.order_by()

    def _begun(self) -> QuerySet[WorkItem]:
        rows: QuerySet[WorkItem] = WorkItem.objects.filter(started_on__lte=self.day)
        return rows.order_by()

    def _left(self) -> QuerySet[WorkItem]:
        return self._begun().filter(finished__lt=end_of(self.day))

    @cached_property
    def _base(self) -> date:
        return min(base_day(self.programme, self.pack), self.day)

    @property
    def _months(self) -> tuple[date, date]:
        return first_month(self.pack), min(self.day, last_month(self.pack))

    @cached_property
    def _corrected(self) -> list[tuple[int, str, int]]:
        """Rows of the register, industry and department as they were before later imports."""
        if not self.is_past:
            return []
        found = corrected(self.programme, self.day)
        departments = Unit.objects.filter(region=self.programme.city_id, kind=Unit.Kind.DEPARTMENT)
        units = dict(departments.values_list("short_name", "pk")) if found else {}
        given = {
            said: units.get(self.pack.assign(ownership=said[1], industry=said[0]).unit, 0)
            for said in set(found.values())
        }
        return [(row, said[0], given[said]) for row, said in found.items()]

    @cached_property
    def _long(self) -> date:
        """The last day that is so long ago that who was due then is long overdue."""
        day, days = self.day, calendar()
        while days.between(day, self.day) < LATE:
            day -= timedelta(days=1)
        return day

    def _working(self) -> Iterator[str]:
        """Each day since the first step was begun, and how many working days came until its end."""
        mine = Q(process__programme=self.programme, process__is_main=True)
        first = self._left().filter(mine).aggregate(first=Min("started_on"))["first"] or self.day
        days, n = calendar(), 0
        typed = "DATE " if connection.vendor == "postgresql" else ""
        for after in range((self.day - first).days + 1):
            day = first + timedelta(days=after)
            n += days.is_working(day)
            yield f"({typed}'{day.isoformat()}', {n})"


def is_(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


# a running ledger that was taken over later has an end and no event before it
_CASES_THEN = f"""cases(pk, firm, county, served, stage, closed_on, late_days, lacking) AS (
SELECT owned.pk, owned.firm, owned.county, coalesce(handed.county, owned.county),
CASE WHEN turned.pk IS NULL THEN owned.stage WHEN turned.stage = '' AND owned.stage = '{CLOSED}'
AND (owned.closed_on IS NULL OR owned.closed_on <= %(day)s) THEN '{CLOSED}' ELSE turned.stage END,
owned.closed_on, owned.late_days, CASE WHEN turned.pk IS NULL THEN owned.lacking END FROM owned
LEFT JOIN turned ON turned.pk = owned.pk LEFT JOIN handed ON handed.pk = owned.pk)"""
_LISTED_THEN = """listed(firm, county, industry, based, unit) AS (
SELECT r.firm, r.county, coalesce(fixed.industry, r.industry), r.based, coalesce(fixed.unit, 0)
FROM register_rows r LEFT JOIN fixed ON fixed.pk = r.pk)"""
_FIXED = {
    "postgresql": "fixed(pk, industry, unit) AS (SELECT (v ->> 0)::bigint, v ->> 1, "
    "(v ->> 2)::bigint FROM jsonb_array_elements(%(fixed)s::jsonb) v)",
    "sqlite": "fixed(pk, industry, unit) AS (SELECT json_extract(value, '$[0]'), "
    "json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(%(fixed)s))",
}
