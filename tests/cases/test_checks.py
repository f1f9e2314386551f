"""What PostgreSQL checks by itself of each row that a move writes (docs/adr/0062)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.db import connection
from viewflow.workflow.status import PROCESS, STATUS

from cases.models import Case
from cases.stages import TERMINAL

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
AGREE = "case_stage_and_status_agree"


def checks(*tables: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_expr(conbin, conrelid) FROM pg_constraint "
            "WHERE contype = 'c' AND conrelid::regclass::text = ANY (%s)",
            [list(tables)],
        )
        return dict(cursor.fetchall())


def test_what_can_be_broken_is_checked() -> None:
    """Numbers that are only counted up have no check: each is read anew with every statement."""
    assert set(checks("cases_case", "cases_workitem", "cases_rungfired")) == {
        AGREE,
        "case_main_is_a_firms_own",
        "cases_case_late_days_check",
        "cases_workitem_budget_check",
    }


def test_the_short_text_says_what_the_model_says() -> None:
    stages: list[str] = [*TERMINAL, "survey", ""]
    states = sorted({str(value) for kind in (PROCESS, STATUS) for value, _word in kind.choices})
    [said] = [one for one in Case._meta.constraints if one.name == AGREE]
    with connection.schema_editor(collect_sql=True) as editor:
        long: Any = said._get_check_sql(Case, editor)
    short = checks("cases_case")[AGREE]
    rows = list(product(stages, states, (None, "2022-03-01")))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ({short}) AS short, ({long}) AS long FROM unnest("
            "%s::varchar[], %s::varchar[], %s::date[]) AS one (stage, status, finished)",
            [list(column) for column in zip(*rows, strict=True)],
        )
        found = cursor.fetchall()
    assert len(found) == len(rows)
    assert set(found) == {(True, True), (False, False)}
    assert found.count((True, True)) == 2 + 2 * len(TERMINAL)
