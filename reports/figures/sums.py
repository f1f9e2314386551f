"""The figures of today by part, as the database counts them (docs/adr/0059).

What ``reading`` says of each firm is said here of all that are alike, with their number: of half a
million firms some ten thousand kinds. Today alone: nothing has happened since that would have to
be taken back. ``reading.Reading``, firm by firm, is the reference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case as Either
from django.db.models import Max, Min, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, TruncDate

from cases.models import Case, FormRecord, ProgrammeFirm, Suspension, WorkItem
from cases.rulebook import calendar
from cases.stages import CLOSED, TERMINAL, WITHDRAWN
from enterprises.models import Enterprise, Membership, MonthlyFact
from enterprises.querysets import MembershipQuerySet, sees_register
from enterprises.told import SAID, UNKNOWN, meaning, said_of_firms
from organisations.among import Among
from organisations.scope import Actor
from reports.figures.past import end_of
from reports.figures.reading import base_day, first_month, last_month
from reports.figures.rows import HAVES, FirmRow
from reports.figures.tally import LATE
from workflows.models import Programme
from workflows.packs import Pack

Table = tuple[QuerySet[Any, Any], str]  # rows, and what their columns are called
_ENDS = ", ".join(f"'{stage}'" for stage in TERMINAL)


class Kind(NamedTuple):
    """Firms of which the same is said; ``seen``: whether the reader may open them."""

    row: FirmRow
    firms: int
    seen: bool


class Spent(NamedTuple):
    """Working days that firms of a part spent in a stage that they left."""

    row: FirmRow
    stage: str
    days: int
    firms: int


@dataclass
class Sums:
    """Of a programme on ``day``, which is today; ``by``: a key of ``breakdown.BY``; ``reader``:
    whose sight ``Kind.seen`` is. Three statements, one more on the day that fixed the base."""

    programme: Programme
    pack: Pack
    day: date
    by: str
    reader: Actor

    @cached_property
    def filing(self) -> list[Kind]:
        """What register and filing say of every firm that is on the register, has a case, or of
        which something was filed; with its part alone."""
        names = "listed based said cases placed answers earlier seen"
        rows = self._asked(
            f"SELECT {self._part('firms')}, {_is('listed.firm IS NOT NULL')}, "
            f"{_is('listed.firm IS NOT NULL AND based.firm IS NOT NULL')}, "
            f"coalesce(said.said, {UNKNOWN}), coalesce(answers.answer, ''), "
            f"coalesce(earlier.had, -1), {_is('seen.firm IS NOT NULL')}, count(*) FROM firms "
            + " ".join(f"LEFT JOIN {name} ON {name}.firm = firms.firm" for name in names.split())
            + " WHERE listed.firm IS NOT NULL OR cases.firm IS NOT NULL OR said.firm IS NOT NULL "
            "GROUP BY 1, 2, 3, 4, 5, 6, 7",
            f"firms {names}",
        )
        return [Kind(self._filed(*told), firms, bool(seen)) for *told, seen, firms in rows]

    @cached_property
    def ledger(self) -> list[Kind]:
        """What the cases say of theirs."""
        late = (
            f"CASE WHEN cases.stage NOT IN ({_ENDS}) AND step.is_chased AND NOT step.waits_higher "
            "AND NOT step.is_declined AND stopped.pk IS NULL AND step.due_on < %(day)s "
            f"THEN CASE WHEN step.due_on <= %(long)s THEN {LATE} ELSE 1 END ELSE 0 END"
        )
        # the closing that stood; of what is closed without a day what its steps say
        was_late = _is(
            f"cases.stage = '{CLOSED}' AND CASE WHEN cases.closed_on IS NULL OR "
            "cases.closed_on > %(day)s THEN cases.pk IN (SELECT pk FROM late) "
            "ELSE cases.late_days > 0 END"
        )
        lacks = _is(f"cases.stage NOT IN ({_ENDS}) AND cases.lacking = 1")
        rows = self._asked(
            f"SELECT {self._part('cases')}, cases.stage, {late}, "
            f"{was_late}, {lacks}, "
            f"{_is('seen.firm IS NOT NULL')}, count(*) FROM cases "
            "LEFT JOIN step ON step.pk = cases.pk LEFT JOIN stopped ON stopped.pk = cases.pk "
            f"LEFT JOIN seen ON seen.firm = cases.firm {self._joined} "
            f"WHERE cases.stage <> '{WITHDRAWN}' GROUP BY 1, 2, 3, 4, 5, 6",
            "cases step stopped late listed placed seen",
        )
        found = []
        for part, stage, days, was, lacks, seen, firms in rows:
            said = {"stage": stage, "late": days, "was_late": bool(was)}
            row = self._row(part, **said, lacking=1 if lacks else None)
            found.append(Kind(row, firms, bool(seen)))
        return found

    @cached_property
    def spent(self) -> list[Spent]:
        rows = self._asked(
            f"SELECT {self._part('cases')}, steps.stage, sum(CASE WHEN steps.ended > steps.begun "
            "THEN last.n - first.n ELSE 0 END), count(DISTINCT steps.pk) FROM steps "
            "JOIN cases ON cases.pk = steps.pk JOIN days last ON last.day = steps.ended "
            f"JOIN days first ON first.day = steps.begun {self._joined} "
            f"WHERE cases.stage <> '{WITHDRAWN}' GROUP BY 1, 2",
            "cases steps days listed placed",
        )
        return [
            Spent(self._row(part), stage, int(days), firms) for part, stage, days, firms in rows
        ]

    @property
    def hides(self) -> bool:
        """Whether there is a firm that the reader may not open."""
        return any(not one.seen for one in self.filing)

    def placed(self, firms: Collection[int]) -> dict[int, FirmRow]:
        """Of some firms the parts that they belong to; who would have no row is not there."""
        if not firms:
            return {}
        rows = self._asked(
            f"SELECT firms.firm, {self._part('firms', 'county')}, "
            f"{self._part('firms', 'department')}, coalesce(listed.industry, '') FROM firms "
            "LEFT JOIN listed ON listed.firm = firms.firm LEFT JOIN said ON said.firm = firms.firm "
            "LEFT JOIN cases ON cases.firm = firms.firm "
            "LEFT JOIN placed ON placed.firm = firms.firm "
            "WHERE listed.firm IS NOT NULL OR cases.firm IS NOT NULL OR said.firm IS NOT NULL",
            "firms listed said cases placed",
            firms,
        )
        return {
            firm: FirmRow(firm, "", "", county, industry, department)
            for firm, county, department, industry in rows
        }

    # --- rows ------------------------------------------------------------------------------------
    def _row(self, part: Any, **more: Any) -> FirmRow:
        """A firm of a part, of which nothing else is known."""
        named = self.by if self.by in ("department", "industry") else "county"
        place: dict[str, Any] = {"county": 0, named: part}
        return FirmRow(firm=0, name="", code="", **place, **more)

    def _filed(
        self, part: Any, listed: int, assessed: int, number: int, answer: str, had: int
    ) -> FirmRow:
        said = dict(zip(SAID, meaning(number) or (False,) * len(SAID), strict=True))
        covered = self.pack.is_covered({name: said[name] for name in HAVES})
        first = number != UNKNOWN and (answer == "yes" or (not answer and had == 0))
        return self._row(part, listed=bool(listed), assessed=bool(assessed), covered=covered,
                         first_time=covered and first, **said)  # fmt: skip

    # --- statements ------------------------------------------------------------------------------
    def _part(self, of: str, by: str = "") -> str:
        """The part that a firm or its case belongs to, as ``reading`` has it."""
        named = by or self.by
        if named == "department":
            return "coalesce(placed.unit, 0)"
        if named == "industry":
            return "coalesce(substr(listed.industry, 1, 2), '')"
        if of == "cases":
            return "cases.county"
        case = f"CASE WHEN cases.stage <> '{WITHDRAWN}' THEN cases.county END"
        return f"coalesce(listed.county, {case}, placed.county, 0)"

    @property
    def _joined(self) -> str:
        """What a case's part is asked of."""
        return {
            "department": "LEFT JOIN placed ON placed.firm = cases.firm",
            "industry": "LEFT JOIN listed ON listed.firm = cases.firm",
        }.get(self.by, "")

    def _asked(
        self, sql: str, names: str, firms: Collection[int] | None = None
    ) -> list[tuple[Any, ...]]:
        """``names``: the tables that the statement stands on; ``firms``: of these alone."""
        given: dict[str, Any] = {"day": self.day, "long": self._long}
        tables = []
        for name in names.split():
            if name == "days":
                tables.append(f"days(day, n) AS (VALUES {', '.join(self._working())})")
                continue
            if name == "said":
                since, until = first_month(self.pack), min(self.day, last_month(self.pack))
                told, more = said_of_firms(self.programme.city, self.day, since=since, until=until)
                given, columns = given | more, "firm, said"
            else:
                rows, columns = self._table(name)
                if firms is not None and name == "firms":
                    rows = rows.filter(Among("pk", firms))
                told, values = rows.query.sql_with_params()
                given |= {f"{name}{n}": value for n, value in enumerate(values)}
                told %= tuple(f"%({name}{n})s" for n in range(len(values)))
            tables.append(f"{name}({columns}) AS ({told})")
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {', '.join(tables)} {sql}", given)
            return list(cursor.fetchall())

    def _table(self, name: str) -> Table:
        found: Table = getattr(self, f"_{name}")()
        return found

    def _firms(self) -> Table:
        return Enterprise.objects.order_by().values_list("pk"), "firm"

    def _listed(self) -> Table:
        rows = self._register.on(self.day)
        columns = ("enterprise_id", "county_id", "industry_code")
        return rows.values_list(*columns), "firm, county, industry"

    def _based(self) -> Table:
        on = min(base_day(self.programme, self.pack), self.day)
        return self._register.on(on).values_list("enterprise_id").distinct(), "firm"

    def _cases(self) -> Table:
        rows = Case.objects.main().filter(programme=self.programme, opened_on__lte=self.day)
        columns = ("pk", "enterprise_id", "county_id", "stage", "closed_on", "late_days",
                   "lacking_count")  # fmt: skip
        named = "pk, firm, county, stage, closed_on, late_days, lacking"
        return rows.order_by().values_list(*columns), named

    def _placed(self) -> Table:
        rows = ProgrammeFirm.objects.filter(programme=self.programme).order_by()
        columns = ("enterprise_id", "county_id", "competent_unit_id")
        return rows.values_list(*columns), "firm, county, unit"

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
        if sees_register(self.reader, self.programme.city_id):
            return self._register.values_list("enterprise_id").distinct(), "firm"
        return Enterprise.objects.visible_to(self.reader).order_by().values_list("pk"), "firm"

    def _step(self) -> Table:
        rows = self._begun().filter(finished=None)
        columns = ("process_id", "due_on", "is_chased", "waits_higher", "is_declined")
        return rows.values_list(*columns), "pk, due_on, is_chased, waits_higher, is_declined"

    def _stopped(self) -> Table:
        rows = Suspension.objects.filter(
            case__programme=self.programme, case__is_main=True, from_on__lte=self.day
        ).filter(Q(resumed_on=None) | Q(resumed_on__gt=self.day))
        return rows.order_by().values_list("case_id").distinct(), "pk"

    def _late(self) -> Table:
        rows = self._left().filter(days_late__gt=0, waits_higher=False)
        return rows.values_list("process_id").distinct(), "pk"

    def _steps(self) -> Table:
        rows = self._left().annotate(ended=TruncDate("finished"))
        columns = ("process_id", "stage", "started_on", "ended")
        return rows.values_list(*columns), "pk, stage, begun, ended"

    @property
    def _register(self) -> MembershipQuerySet:
        rows: MembershipQuerySet = Membership.objects.filter(city=self.programme.city_id)
        return rows.order_by()

    def _begun(self) -> QuerySet[WorkItem]:
        steps: QuerySet[WorkItem] = WorkItem.objects.filter(
            process__programme=self.programme, process__is_main=True, started_on__lte=self.day
        )
        return steps.order_by()

    def _left(self) -> QuerySet[WorkItem]:
        return self._begun().filter(finished__lt=end_of(self.day))

    @cached_property
    def _long(self) -> date:
        """The last day that is so long ago that who was due then is long overdue."""
        day, days = self.day, calendar()
        while days.between(day, self.day) < LATE:
            day -= timedelta(days=1)
        return day

    def _working(self) -> Iterator[str]:
        """Each day since the first step was begun, and how many working days came until its end."""
        first = self._left().aggregate(first=Min("started_on"))["first"] or self.day
        days, n = calendar(), 0
        typed = "DATE " if connection.vendor == "postgresql" else ""
        for after in range((self.day - first).days + 1):
            day = first + timedelta(days=after)
            n += days.is_working(day)
            yield f"({typed}'{day.isoformat()}', {n})"


def _is(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"
