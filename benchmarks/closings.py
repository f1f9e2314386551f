"""Closings in every county of a country: each case with a trail of its own, a third of them ended.

On a country of ``nation.settle``; set-based SQL. PostgreSQL only. The outlook of such a country has
durations of its own to draw from in every county and stage: ``bin/bench closings`` asks pages of
figures over it, as the office sees them the second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import bed, country, every_list, nation
from benchmarks.nation import columns_of, do

if TYPE_CHECKING:
    from tests.world import World

# calendar days since the opening on which the country is looked at
AFTER = 200
# of a step: at least, and so many more at random
SHORTEST, SPREAD = 2, 45


PAGES = ("progress", "county_ranks", "day_figures", "progress_outlook")
# seconds that a page may take; more is said and not waited for
PATIENCE = 300


def main(is_quick: bool) -> dict[str, Any]:
    with bed.on_postgresql("2GB"):
        from tests.world import build

        world = build()
        firms = every_list.QUICK if is_quick else every_list.FIRMS
        nation.settle(world, firms, 40 if is_quick else every_list.COUNTIES)
        settle(world)
        return every_list.measured(world, every_list.READERS[:1], PAGES, PATIENCE)


def settle(world: World) -> None:
    """The firms' own cases went on from stage to stage until ``AFTER`` days since their opening."""
    from cases.models import WorkItem

    stages = [stage.key for stage in world.programme.current.pack.root.stages]
    do("SET session_replication_role = replica")
    do("CREATE TEMP TABLE seed AS SELECT * FROM cases_workitem WHERE id = (SELECT min(w.id) FROM "
        "cases_workitem w JOIN cases_case c ON c.id = w.process_id WHERE c.is_main)")  # fmt: skip
    do("CREATE TEMP TABLE trail AS SELECT x.*, sum(days) OVER (PARTITION BY pk ORDER BY n) AS upto "
        "FROM (SELECT c.id AS pk, c.opened_on, s.n, s.stage, %s + floor(random() * random() * %s)"
        "::int AS days FROM cases_case c, unnest(%s::text[]) WITH ORDINALITY s(stage, n) "
        "WHERE c.is_main) x", SHORTEST, SPREAD * 2, stages)  # fmt: skip
    do("ALTER TABLE cases_workitem DISABLE TRIGGER USER")
    do("DELETE FROM cases_workitem w USING cases_case c WHERE c.id = w.process_id AND c.is_main")
    of = "t.opened_on + (t.upto - t.days)::int"
    ended = "(t.opened_on + t.upto::int) + time '10:00'"
    is_over = f"t.upto <= {AFTER}"
    item = columns_of(
        WorkItem, process_id="t.pk", stage="t.stage", started_on=of,
        finished=f"CASE WHEN {is_over} THEN {ended} END",
        status=f"CASE WHEN {is_over} THEN 'DONE' ELSE w.status END",
        next_check_at="NULL", is_suspended="false", waits_higher="false",
    )  # fmt: skip
    chosen = ", ".join(v if "." in v or v in _PLAIN else f"w.{v}" for v in item.values())
    do(f"INSERT INTO cases_workitem ({', '.join(item)}) SELECT {chosen} FROM trail t, seed w "
        f"WHERE t.upto - t.days <= {AFTER} ORDER BY t.pk, t.n")  # fmt: skip
    do("UPDATE cases_case c SET stage = x.stage, status = 'NEW', finished = NULL, "
        "closed_on = NULL, closing_serial = NULL FROM (SELECT DISTINCT ON (pk) pk, stage "
        f"FROM trail WHERE upto - days <= {AFTER} ORDER BY pk, n DESC) x "
        "WHERE x.pk = c.id")  # fmt: skip
    do("UPDATE cases_case c SET stage = 'closed', status = 'DONE', finished = x.ended + time "
        "'10:00', closed_on = x.ended FROM (SELECT pk, opened_on + upto::int AS ended FROM trail "
        f"WHERE n = %s AND upto <= {AFTER}) x WHERE x.pk = c.id", len(stages))  # fmt: skip
    do("ALTER TABLE cases_workitem ENABLE TRIGGER USER")
    do("SET session_replication_role = origin")
    country.settle()


_PLAIN = ("NULL", "false")
