"""The whole country in one database: many copies of a small register that the product opened.

Cases of firms and a remedy beside each, spread over ``counties`` regions, in every state that an
open step may have; so many finished steps and events as a year leaves. Set-based SQL: half a
million firms in some minutes. PostgreSQL only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import country

if TYPE_CHECKING:
    from tests.world import World

# so many firms are opened by the verb; the rest are their copies
SEED = 2000


def settle(world: World, firms: int, counties: int = 0) -> None:
    """``firms`` firms with a case each and a remedy beside it, of which 24 in 25 are open."""
    from cases.models import Case, CaseEvent, WorkItem
    from enterprises.models import Enterprise, Membership, MonthlyFact

    places = _places(world, counties)
    country.list_firms(world, min(firms, SEED))
    world.open()
    _remedies(len(places))
    _staffed()
    step = max(model.objects.latest("id").pk for model in (Enterprise, Case, WorkItem, CaseEvent))
    copies = range(1, -(-firms // SEED))
    # copies of rows that were looked at point to copies of rows that were
    do("SET session_replication_role = replica")
    for model in (Enterprise, Membership, MonthlyFact, Case, WorkItem, CaseEvent):
        _copy(model, step, copies, places)
    _finished_too()
    do("SET session_replication_role = origin")
    country.settle()


# a firm has so many cases, steps and events when a year is behind the country
CASES, ITEMS, EVENTS = 2.5, 6, 30


def fill(firms: int) -> dict[str, int]:
    """Ended remedies, their steps and a trail behind every case, up to what the goals are set for;
    how many rows there are. On a country of ``settle``, a year behind it or not."""
    from cases.models import Case, CaseEvent, WorkItem

    do("SET session_replication_role = replica")
    lacking = round(firms * CASES) - Case.objects.count()
    first = Case.objects.latest("id").pk
    if lacking > 0:
        case = columns_of(Case, serial="serial + 50000000", criterion="'spending'",
                          stage="'closed'", status="'DONE'", finished="now()",
                          closed_on="opened_on + 9")  # fmt: skip
        do(f"INSERT INTO cases_case ({', '.join(case)}) SELECT {', '.join(case.values())} "
            "FROM cases_case WHERE criterion = 'staff' ORDER BY id LIMIT %s", lacking)  # fmt: skip
    past = columns_of(WorkItem, process_id="c.id", finished="now()", status="'DONE'",
                      next_check_at="NULL", is_suspended="false")  # fmt: skip
    chosen = ", ".join(v if "." in v or "(" in v or v in ("NULL", "false", "'DONE'") else f"w.{v}"
                       for v in past.values())  # fmt: skip
    seed = "(SELECT * FROM cases_workitem WHERE finished IS NOT NULL ORDER BY id LIMIT 1) w"
    do(f"INSERT INTO cases_workitem ({', '.join(past)}) SELECT {chosen} FROM cases_case c, {seed} "
        "WHERE c.id > %s", first)  # fmt: skip
    while (lacking := round(firms * ITEMS) - WorkItem.objects.count()) > 0:
        do(f"INSERT INTO cases_workitem ({', '.join(past)}) SELECT {chosen} FROM cases_case c, "
            f"{seed} ORDER BY c.id LIMIT %s", lacking)  # fmt: skip
    while (lacking := round(firms * EVENTS) - CaseEvent.objects.count()) > 0:
        do("INSERT INTO cases_caseevent (case_id, verb, at, recorded_at, by_id, from_stage, "
            "to_stage, reason, data) SELECT id, 'comment', opened_on + interval '9 days', "
            "opened_on + interval '9 days', (SELECT min(id) FROM organisations_user), stage, "
            "stage, '', '{}' FROM cases_case ORDER BY id LIMIT %s", lacking)  # fmt: skip
    do("SET session_replication_role = origin")
    country.settle()
    return {"cases": Case.objects.count(), "open cases": Case.objects.filter(finished=None).count(),
            "steps": WorkItem.objects.count(), "events": CaseEvent.objects.count()}  # fmt: skip


def _places(world: World, counties: int) -> list[int]:
    """The keys of the counties, new ones where the city has fewer."""
    from organisations.models import Region

    have = list(Region.objects.counties_of(world.city).order_by("pk"))
    for number in range(len(have), counties):
        have.append(
            Region.objects.create(
                key=f"bench/{number}",
                name=f"第{number}县",
                level=Region.Level.COUNTY,
                parent=world.city,
                position=number,
            )
        )
    return [region.pk for region in have[: counties or None]]


def _staffed() -> None:
    """Somebody holds every post, as where work is done: nobody whose pages are measured."""
    from organisations.models import User

    somebody, _made = User.objects.get_or_create(username="somebody", defaults={"name": "某人"})
    do("INSERT INTO organisations_tenure (post_id, user_id, from_on) SELECT p.id, "
        "%s, date '2022-01-01' FROM organisations_post p WHERE NOT EXISTS "
        "(SELECT FROM organisations_tenure t WHERE t.post_id = p.id)", somebody.pk)  # fmt: skip


def do(sql: str, *params: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)


def _remedies(counties: int) -> None:
    """Beside each firm's case a remedy with its own step."""
    from cases.models import Case, WorkItem

    case = columns_of(Case, serial="serial + 5000000", parent_id="id", criterion="'staff'",
                    is_main="false", title="''")  # fmt: skip
    do(f"INSERT INTO cases_case ({', '.join(case)}) SELECT {', '.join(case.values())} "
        "FROM cases_case WHERE is_main")  # fmt: skip
    item = columns_of(WorkItem, process_id="c.id")
    chosen = ", ".join(v if "." in v else f"w.{v}" for v in item.values())
    do(f"INSERT INTO cases_workitem ({', '.join(item)}) SELECT {chosen} FROM cases_workitem w "
        "JOIN cases_case c ON c.parent_id = w.process_id")  # fmt: skip


def columns_of(model: Any, **other: str) -> dict[str, str]:
    """Column → what stands there in a copy."""
    names = [f.column for f in model._meta.concrete_fields if f.column != "id"]
    return {f'"{name}"': other.get(name, f'"{name}"') for name in names}


def _copy(model: Any, step: int, copies: range, places: list[int]) -> None:
    numbers = {
        "Enterprise": {
            "name": "replace(s.name, '有限公司', 'x' || k || '有限公司')",
            "folded_name": "replace(s.folded_name, '有限公司', 'x' || k || '有限公司')",
            "credit_code": "'9141' || lpad((s.id + k * {step})::text, 13, '0') || 'K'",
        },
        "Membership": {
            "enterprise_id": "s.enterprise_id + k * {step}",
            # as the firm's case has it
            "county_id": "(%s::bigint[])[1 + (s.enterprise_id * 7 + k) %% {places}]",
        },
        "MonthlyFact": {"enterprise_id": "s.enterprise_id + k * {step}"},
        "Case": {
            "enterprise_id": "s.enterprise_id + k * {step}",
            "parent_id": "s.parent_id + k * {step}",
            "serial": "s.serial + k * 10000",
            "county_id": "(%s::bigint[])[1 + (s.enterprise_id * 7 + k) %% {places}]",
        },
        "WorkItem": {
            "process_id": "s.process_id + k * {step}",
            "due_on": "s.due_on + ((random() - 0.3) * 90)::int",
            "waits_higher": "random() < 0.1",
            "is_suspended": "random() < 0.03",
            "is_chased": "random() >= 0.02",
        },
        "CaseEvent": {"case_id": "s.case_id + k * {step}", "item_id": "s.item_id + k * {step}"},
    }[model.__name__]
    fields = [str(f.column) for f in model._meta.concrete_fields]
    told = [numbers.get(c, f's."{c}"') for c in fields]
    told[fields.index("id")] = "s.id + k * {step}"
    chosen = ", ".join(told).format(step=step, places=len(places))
    table = model._meta.db_table
    limits = [places] if "%s" in chosen else []
    do(
        f"INSERT INTO {table} ({', '.join(f'{chr(34)}{c}{chr(34)}' for c in fields)}) "
        f"SELECT {chosen} FROM {table} s, generate_series({copies[0]}, {copies[-1]}) k",
        *limits,
    )
    do(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _finished_too() -> None:
    """One firm of 25 is through, its remedy too; and every case has a step behind it."""
    from cases.models import WorkItem

    do("UPDATE cases_case SET stage = 'closed', status = 'DONE', finished = now(), closed_on = "
        "opened_on + 20 WHERE COALESCE(enterprise_id, 0) % 25 = 3")  # fmt: skip
    do("UPDATE cases_workitem w SET finished = now(), status = 'DONE', is_suspended = false, "
        "next_check_at = NULL FROM cases_case c "
        "WHERE c.id = w.process_id AND c.stage = 'closed'")  # fmt: skip
    past = columns_of(WorkItem, finished="now()", status="'DONE'", is_suspended="false",
                    next_check_at="NULL")  # fmt: skip
    do(f"INSERT INTO cases_workitem ({', '.join(past)}) SELECT {', '.join(past.values())} "
        "FROM cases_workitem")  # fmt: skip
