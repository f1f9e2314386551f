"""What the second pass, on PostgreSQL and Redis, runs of all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import ROOT

# besides everything marked ``postgres``
SECOND_PASS = (
    "tests/cases",
    "tests/config/test_backup",
    "tests/notifications",
    "tests/enterprises",
    "tests/organisations",
    "tests/plays/test_plans",
    # kept counts are joined by UNION and wait for open transactions: both are PostgreSQL's own
    "tests/reports/test_counted",
    "tests/resources",
    "tests/stories/test_nobody_acts",
    "tests/browser/test_story",
)
# … except what says the same on every database: who may do what, what a page looks like or says,
# how many statements that takes, which files are refused. Every page runs again, with
# test_list_statements, and so do lives at random, with the plays.
ONCE = (
    "tests/cases/views",
    "tests/cases/test_beside_matrix",
    "tests/cases/test_closing_doors",
    "tests/cases/test_closing_exchanged",
    "tests/cases/test_invariants",
    "tests/cases/test_matrix",
    "tests/cases/test_matter_matrix",
    "tests/cases/test_row_statements",
    "tests/cases/test_same_figures",
    "tests/cases/test_scope",
    "tests/cases/test_simulated",
    "tests/cases/test_statements",
    "tests/cases/test_supervision",
    "tests/cases/test_uploads",
    "tests/cases/test_workbench",
    "tests/enterprises/test_statements",
    "tests/notifications/test_screens",
    "tests/organisations/test_roles",
    "tests/organisations/test_screens",
    "tests/resources/test_pages",
    # … and rules whose statements others of this pass make as well (all were written down and
    # compared; left aside what only looks at the outcome): behind each, who makes most of them
    "tests/cases/test_carrying",  # test_carry_undo, notifications/test_whom, test_races_of_verbs
    "tests/cases/test_early",  # test_lasting
    "tests/cases/test_leaving",  # test_asking
    "tests/cases/test_matters",  # test_asking, test_carry_undo, test_matter_pages
    "tests/cases/test_opening_matrix",  # test_plans, test_families
    "tests/cases/test_paper_sweep",  # notifications/test_whom, test_races, test_lasting
    "tests/cases/test_papers.",  # test_detours, test_lasting
    "tests/cases/test_recalendar",  # test_migrating, test_extensions, test_carry_undo
    "tests/cases/test_running_ledger",  # test_ledger_undone
    "tests/enterprises/test_leaving",  # test_undo, test_filing
    "tests/enterprises/test_register",  # test_undo, test_filing
    "tests/enterprises/test_rules",  # test_undo, test_filing
    "tests/notifications/test_catching_up",  # test_whom, test_together
    "tests/notifications/test_delivery.",  # test_whom, cases/test_detours
    "tests/organisations/test_people_verbs",  # test_import, enterprises/test_invitations
    "tests/organisations/test_scope",  # test_import, cases/test_gaps
    # … likewise, by what the server wrote down (tables, functions and clauses of each statement)
    "tests/cases/test_department_review",  # test_detours, test_spot_checks
    "tests/cases/test_families_moved",  # test_families, test_following_the_register
    "tests/cases/test_field",  # test_route, test_visit_record
    "tests/cases/test_lateness",  # test_asking, test_walking
    "tests/cases/test_letters_climbing",  # test_letters, test_sweeps
    "tests/cases/test_letters_decided",  # test_letters, test_orders
    "tests/cases/test_listed",  # test_firm_file, test_pairing
    "tests/cases/test_returning",  # test_detours, test_lasting
    "tests/cases/test_two_persons",  # test_spot_checks, test_detours
    "tests/cases/test_way_back",  # test_following_the_register, test_detours
    "tests/cases/test_witnessing",  # test_spot_checks
    "tests/enterprises/test_clerks",  # test_invitations
    "tests/enterprises/test_cutting",  # test_long_lists
    "tests/notifications/test_channels",  # test_sending, test_others
    "tests/resources/test_following",  # test_matching
)

# … and of these one row of each function's table: the others differ in words, in what a file says
# or in who asks, and make the same statements
ONE_ROW = (
    "tests/cases/test_note_sheets",
    "tests/enterprises/test_filing",
    "tests/notifications/test_sending",
    "tests/organisations/test_import",
    "tests/organisations/test_regions",
    "tests/organisations/test_starting_a_city",
    "tests/resources/test_import",
)


def wants(item: pytest.Item, rows: set[str]) -> bool:
    """``rows``: functions of ``ONE_ROW`` that have one."""
    if needs_postgres(item):
        return True
    name = item.nodeid.partition("[")[0]
    if not _runs_again(item.path) or name in rows:
        return False
    if name.startswith(ONE_ROW):
        rows.add(name)
    return True


def needs_postgres(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgres") is not None


def reads(file: Path) -> bool:
    """Whether a file may hold something for it."""
    return _runs_again(file) or "postgres" in file.read_text("utf-8")


def _runs_again(file: Path) -> bool:
    path = file.relative_to(ROOT).as_posix()
    return path.startswith(SECOND_PASS) and not path.startswith(ONCE)
