"""推演结果 as a workbook: the sentences, the assumptions, and the tables of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _

from cases.dates import long_day_words
from cases.sheet_rows import safe
from config.simulation.assumptions import NUMBERS, kinds
from config.simulation.findings import findings, month_words
from config.simulation.outcome import Outcome, Range
from config.simulation.pages import WAVE_WORDS, spread
from workflows.text import localised

Cell = str | int | float | Decimal
Rows = list[Sequence[Cell]]
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_outcome(target: BinaryIO, outcome: Outcome) -> None:
    """One sheet for the words, one for each table."""
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef0f3"})
        cell = book.add_format({"valign": "top", "text_wrap": True})
        for title, heads, rows in _sheets(outcome):
            sheet = book.add_worksheet(title[:31])
            sheet.freeze_panes(1, 1)
            widths = [90 if len(heads) == 1 else 28, *[9] * (len(heads) - 1)]
            for place, words in enumerate(heads):
                sheet.set_column(place, place, widths[place])
                sheet.write_string(0, place, words, head)
            for at, row in enumerate(rows, start=1):
                for place, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(at, place, safe(value), cell)
                    else:
                        sheet.write_number(at, place, float(value), cell)


def _sheets(outcome: Outcome) -> Iterable[tuple[str, list[str], Rows]]:
    months = [month_words(month) for month in outcome.months]
    most = _("At the most (8 runs of 10)")
    yield _("Findings"), [_("Dry run of %(plan)s") % {"plan": _plan(outcome)}], _words(outcome)
    yield (
        _("Load"),
        [_("Unit"), *months, most],
        [[line.unit, *_by_month(line.open)] for line in outcome.units],
    )
    yield (
        _("Measures, reports, issues")[:31],
        [_("Unit"), *months, most],
        [[line.unit, *_by_month(line.matters)] for line in outcome.units],
    )
    yield (
        _("Overdue"),
        [_("Unit"), *months, most],
        [[line.unit, *_by_month(line.late)] for line in outcome.units],
    )
    yield (
        _("Coverage"),
        [_("County"), _("On the register"), *months, _("Planned line")],
        [
            [
                line.name,
                line.listed,
                *(line.rate(found.middle) for found in line.covered),
                line.planned[-1] if line.planned[-1] is not None else "",
            ]
            for line in (outcome.city, *outcome.counties)
        ],
    )
    yield (
        _("Reminders and drafts"),
        [_("Step of the ladder"), *months, most],
        [[line.title, *_by_month(line.months)] for line in outcome.rungs],
    )
    yield _("Steps"), _step_heads(), _steps(outcome)
    yield _("Assumptions"), _assumed_heads(), _assumed(outcome)


def _plan(outcome: Outcome) -> str:
    return localised(outcome.pack.title)


def _words(outcome: Outcome) -> Rows:
    plan = outcome.plan
    names = {
        "start": long_day_words(plan.start),
        "until": long_day_words(plan.until),
        "wave": WAVE_WORDS[plan.wave],
        "firms": outcome.firms,
        "opened": outcome.opened,
        "seed": plan.seed,
        "runs": plan.runs,
    }
    words = _(
        "%(start)s – %(until)s, cases opened: %(wave)s; %(firms)d firms, %(opened)d cases, seed "
        "%(seed)d, %(runs)d runs."
    )
    return [[words % names], *([finding.words] for finding in findings(outcome))]


def _by_month(found: Sequence[Range]) -> list[Cell]:
    worst = max(found, key=lambda one: one.middle, default=Range(0, 0, 0))
    return [*(one.middle for one in found), spread(worst)]


def _step_heads() -> list[str]:
    return [
        _("Step"),
        _("Limit"),
        _("Begun"),
        _("Late, per cent"),
        _("Usual working days"),
        _("Nine of ten within"),
    ]


def _steps(outcome: Outcome) -> Rows:
    return [
        [s.title, s.limit, s.begun.middle, s.late.middle, s.usual, s.most] for s in outcome.steps
    ]


def _assumed_heads() -> list[str]:
    return [
        _("Assumption"),
        _("from"),
        _("until"),
        _("forgotten, per cent"),
        _("comes back, per cent"),
    ]


def _assumed(outcome: Outcome) -> Rows:
    numbers: Rows = [
        [str(label), getattr(outcome.assumed.numbers, name)] for name, label, _most in NUMBERS
    ]
    for kind in kinds(outcome.pack):
        if kind.work != "turn":
            pace = outcome.assumed.paces[kind.key]
            numbers.append([kind.title, pace.low, pace.high, pace.forgotten, pace.returned])
    return numbers
