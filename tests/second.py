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
    # hand-written statements over windows, days and forms in JSON (ADR 58, 59)
    "tests/reports/test_same_counts",
    "tests/reports/test_same_past",
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

# … and what others of the same file, or of one above, say in the same statements
ONCE_TESTS = (
    "tests/cases/test_asking.py::test_every_plan_of_ours_lets_its_firms_ask",
    "tests/cases/test_asking.py::test_the_reviewer_of_the_unit_answers_for_an_absent_handler",
    "tests/cases/test_carry_undo.py::test_what_the_register_opens_is_once_a_year_too",
    "tests/cases/test_carry_undo.py::test_who_may_and_why",
    "tests/cases/test_firm_file.py::test_the_form_and_the_reuse_button",
    "tests/cases/test_firm_file.py::test_what_is_no_visit_is_refused",
    "tests/cases/test_firm_file.py::test_who_writes_up_visits",
    "tests/cases/test_ledger.py::test_a_place_that_is_none_is_not_answered_with_the_whole_ledger",
    "tests/cases/test_ledger.py::test_everybody_sees_his_part_of_the_map",
    "tests/cases/test_ledger_undone.py::test_a_case_that_has_moved_on_is_named_and_nothing_is_undone",
    "tests/cases/test_ledger_undone.py::test_a_corrected_ledger_takes_the_same_places",
    "tests/cases/test_letters.py::test_each_rung_goes_to_the_body_that_the_pack_names",
    "tests/cases/test_letters.py::test_several_firms_are_counted_in_their_phases",
    "tests/cases/test_matter_pages.py::test_the_ledger_by_kind_of_case",
    "tests/cases/test_note_sheets.py::test_a_filled_sheet_is_shown_taken_once_and_undone",
    "tests/cases/test_note_sheets.py::test_what_somebody_wrote_since_the_download_waits_for_a_word",
    "tests/cases/test_orders.py::test_at_most_one_a_county_and_month_though_the_ladder_says_nothing",
    "tests/cases/test_pairing.py::test_what_cannot_be_done_is_said_and_the_rest_is_done",
    "tests/cases/test_samples.py::test_every_criterion_has_a_sample",
    "tests/cases/test_saved_lists.py::test_columns_are_chosen_and_excel_follows",
    "tests/cases/test_spot_checks.py::test_a_closing_taken_back_meanwhile_has_no_result",
    "tests/cases/test_spot_checks.py::test_a_failed_recheck_is_explained_and_stands",
    "tests/cases/test_spot_checks.py::test_a_failed_recheck_reopens_with_its_reason",
    "tests/cases/test_spot_checks.py::test_a_failed_recheck_stands_at_the_head_until_it_is_decided",
    "tests/cases/test_spot_checks.py::test_by_the_command_line",
    "tests/cases/test_spot_checks.py::test_only_closings_in_force_of_these_days_are_drawn",
    "tests/cases/test_spot_checks.py::test_whoever_granted_a_closing_does_not_let_it_stand",
    "tests/cases/test_spot_checks.py::test_whoever_granted_a_closing_does_not_recheck_it",
    "tests/config/test_backup.py::test_only_the_newest_stay",
    "tests/enterprises/test_filing.py::test_the_sample_file",
    "tests/enterprises/test_many_rows.py::test_a_fold_is_the_plain_one",
    "tests/notifications/test_delivery_screens.py::test_the_command_line_does_the_same",
    "tests/organisations/test_starting_a_city.py::test_a_refusal_in_json_has_its_code",
    "tests/organisations/test_starting_a_city.py::test_people_by_somebody_who_may_not",
    "tests/organisations/test_starting_a_city.py::test_setting_up_again_adds_nothing",
    "tests/organisations/test_starting_a_city.py::test_the_first_of_each_role",
    "tests/resources/test_matching.py::test_an_expert_sees_himself_and_nothing_of_a_rival",
    "tests/resources/test_matching.py::test_without_a_script_the_link_fills_the_row",
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
    if not _runs_again(item.path) or name in ONCE_TESTS or name in rows:
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
