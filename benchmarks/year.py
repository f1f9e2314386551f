"""What a year leaves in a country beside its cases: matters, papers, closings, visits, the trail.

On a country of ``nation.settle``; set-based SQL, sizes in shares of its firms. PostgreSQL only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import country
from benchmarks.nation import columns_of, do

if TYPE_CHECKING:
    from tests.world import World

# of so many firms one has it
NEED, ISSUE, ORDER, VISIT, EXTENSION, LETTER = 10, 25, 200, 5, 300, 5000
# events of a case beside its opening, by verb
DEEDS = ("acknowledge", "comment", "comment", "progress", "submit_evidence", "urge", "rung")
OPEN = "c.stage <> 'closed'"


def live(world: World) -> None:
    """A year of a country: some 8 events a case, a matter for each sixth firm."""
    do("SET session_replication_role = replica")
    _covered(world)
    _closed(world)
    for place, (kind, stage, share) in enumerate(
        (("need", "match", NEED), ("issue", "handling", ISSUE), ("supervision", "handling", ORDER))
    ):
        _matters(kind, stage, share, place)
    _events(world)
    _papers(world)
    _beside(world)
    do("SET session_replication_role = origin")
    country.settle()


def _covered(world: World) -> None:
    """Every firm's row of the programme, of which there are those of the seed."""
    do(
        "INSERT INTO cases_programmefirm (programme_id, enterprise_id, county_id, "
        "responsible_unit_id, competent_unit_id, rule, covered) SELECT c.programme_id, "
        "c.enterprise_id, c.county_id, c.responsible_unit_id, c.competent_unit_id, '', false "
        "FROM cases_case c WHERE c.is_main AND NOT EXISTS (SELECT FROM cases_programmefirm p "
        "WHERE p.programme_id = c.programme_id AND p.enterprise_id = c.enterprise_id)"
    )
    do(
        "INSERT INTO enterprises_contact (enterprise_id, duty, name, position, phone) "
        "SELECT id, '', '王' || id, '', '138' || lpad((id %% 100000000)::text, 8, '0') "
        "FROM enterprises_enterprise WHERE %s > 0",
        1,
    )


def _closed(world: World) -> None:
    """Numbers of what is closed, and the events that gave them."""
    do(
        "UPDATE cases_case c SET closing_serial = n.n FROM (SELECT id, row_number() OVER (ORDER BY "
        "id) AS n FROM cases_case WHERE is_main AND stage = 'closed') n WHERE n.id = c.id"
    )
    do(
        "INSERT INTO cases_counter (programme_id, name, value) SELECT programme_id, 'closing', "
        "max(closing_serial) FROM cases_case WHERE closing_serial IS NOT NULL GROUP BY programme_id"
    )
    do(
        "INSERT INTO cases_caseevent (case_id, verb, at, recorded_at, by_id, from_stage, to_stage, "
        "reason, data) SELECT id, 'close', opened_on + interval '20 days', opened_on + interval "
        "'20 days', %s, 'confirmation', 'closed', '', "
        "jsonb_build_object('closing_serial', closing_serial) "
        "FROM cases_case WHERE closing_serial IS NOT NULL",
        _office(world),
    )


def _office(world: World) -> int:
    user = world.office.user
    assert user is not None
    return int(user.pk)


def _matters(kind: str, stage: str, share: int, place: int) -> None:
    """So many of a kind, one for each ``share`` of the firms with an open case."""
    from cases.models import Case, WorkItem

    first = 10_000_000 * (place + 1)
    case = columns_of(
        Case, serial=f"serial + {first}", parent_id="NULL", procedure=f"'{kind}'",
        stage=f"'{stage}'", is_main="false", criterion="''", title="'示例事项' || id",
        enterprise_id="NULL" if kind == "supervision" else "enterprise_id",
    )  # fmt: skip
    do(
        f"INSERT INTO cases_case ({', '.join(case)}) SELECT {', '.join(case.values())} "
        f"FROM cases_case c WHERE is_main AND {OPEN} AND enterprise_id %% %s = {place}",
        share,
    )
    item = columns_of(WorkItem, process_id="m.id", stage=f"'{stage}'")
    chosen = ", ".join(v if "." in v or "'" in v else f"w.{v}" for v in item.values())
    do(
        f"INSERT INTO cases_workitem ({', '.join(item)}) SELECT {chosen} FROM cases_case m "
        "JOIN cases_case c ON c.serial = m.serial - %s AND c.is_main AND c.county_id = m.county_id "
        "JOIN cases_workitem w ON w.process_id = c.id AND w.finished IS NULL "
        f"WHERE m.procedure = '{kind}'",
        first,
    )


def _events(world: World) -> None:
    for number, verb in enumerate(DEEDS):
        do(
            "INSERT INTO cases_caseevent (case_id, verb, at, recorded_at, by_id, from_stage, "
            f"to_stage, reason, data) SELECT id, '{verb}', at, at, %s, stage, stage, '', '{{}}' "
            f"FROM (SELECT *, opened_on + interval '{number + 1} days' AS at FROM cases_case) c",
            _office(world),
        )


def _papers(world: World) -> None:
    from cases.models import Evidence

    for state, share in ((Evidence.State.CITY_ACCEPTED, 2), (Evidence.State.SUBMITTED, 7)):
        Evidence.objects.create(
            case_id=1, enterprise_id=1, criterion="staff", state=state, file="x", file_name="x.pdf",
            submitted_by_id=_office(world), submitted_at=world.programme.current.issued_at,
        )  # fmt: skip
        names = columns_of(Evidence, case_id="c.id", enterprise_id="c.enterprise_id")
        chosen = ", ".join(v if "." in v else f"e.{v}" for v in names.values())
        do(
            f"INSERT INTO cases_evidence ({', '.join(names)}) SELECT {chosen} FROM cases_case c, "
            f"cases_evidence e WHERE c.is_main AND c.id %% %s = 1 AND c.id > 1 AND "
            f"e.state = '{state.value}' AND e.case_id = 1",
            share,
        )


def _beside(world: World) -> None:
    """Visits, extensions that wait, rests, letters."""
    office = _office(world)
    do(
        "INSERT INTO cases_visit (city_id, enterprise_id, visited_on, way, people, met, found, "
        "by_id, at, answers, taken_back_why) SELECT %s, id, "
        "date '2022-03-02' + (id %% 15)::int, '', '示例', '', '示例', %s, now(), '{}', '' "
        "FROM enterprises_enterprise WHERE id %% %s = 0",
        world.city.pk, office, VISIT,
    )  # fmt: skip
    do(
        "INSERT INTO cases_extension (case_id, item_id, old_due, wished_on, days, in_all, "
        "to_office, reason, asked_at, asked_by_id, granted_days, answer) SELECT process_id, id, "
        "due_on, due_on + 5, 5, 5, true, '示例', now(), %s, 0, '' FROM cases_workitem "
        "WHERE finished IS NULL AND due_on IS NOT NULL AND id %% %s = 0",
        office, EXTENSION,
    )  # fmt: skip
    do(
        "INSERT INTO cases_suspension (case_id, from_on, until_on, reason) SELECT process_id, "
        "date '2022-03-10', date '2022-06-10', '示例' FROM cases_workitem "
        "WHERE finished IS NULL AND is_suspended"
    )
    do(
        "INSERT INTO cases_phonereminder (item_id, deadline_version, listed_on, result) SELECT id, "
        "0, date '2022-03-20', '' FROM cases_workitem WHERE finished IS NULL AND id %% %s = 1",
        EXTENSION,
    )
