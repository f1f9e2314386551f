"""``manage.py freeze P --month M``: freezes a month of a programme, or cuts a day."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from config import importing
from config.commanding import Door
from config.management import arguments
from organisations.days import day_of
from reports.figures.correcting import moved
from reports.figures.freezing import Preview, freeze, preview
from reports.figures.months import State, month_end, state_of
from reports.figures.nouns import Freeze
from reports.indicators import indicators_of
from reports.views.correction import figure_line, firm_lines

SHOWN = ("as_of", "edition", "version", "state")


class Command(Door):
    help = "Freezes the figures of a month with every firm and case; a correction needs a reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--month", metavar="YYYY-MM", help="the month that has ended")
        parser.add_argument("--day", metavar="DAY", help="in place of a month: a cut of a day")
        parser.add_argument(
            "--annual-report",
            action="store_true",
            help="the year's figures as the annual report has settled them",
        )
        parser.add_argument(
            "--known-until", metavar="DAY", help="facts known by then count; default: today"
        )
        parser.add_argument("--reason", default="", help="why it is corrected, or lacks its facts")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="only say what would be kept and, of a correction, what would change",
        )
        parser.add_argument("--list", action="store_true", help="what is proposed and frozen")
        parser.add_argument("--at", metavar="MOMENT", help="default: now")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        programme = arguments.programme(options["programme"])
        if options["list"]:
            self._say_rows(Freeze.objects.filter(programme=programme), options["json"])
            return
        at = arguments.moment(options["at"])
        edition = None
        if options["annual_report"]:
            edition = Freeze.Edition.ANNUAL_REPORT
            as_of = month_end(importing.month_from(f"{programme.statistical_year}-12"))
        elif options["day"]:
            edition, as_of = Freeze.Edition.CUT, arguments.day(options["day"])
        else:
            as_of = month_end(importing.month_from(options["month"] or ""))
        until = options["known_until"]
        asked: dict[str, Any] = {
            "by": self.actor(options, day_of(at)),
            "at": at,
            "edition": edition,
            "known_until": arguments.day(until) if until else None,
            "reason": options["reason"],
        }
        if options["dry_run"]:
            self._say_preview(preview(programme, as_of, **asked), options["json"])
            return
        row = freeze(programme, as_of, **asked)
        state = state_of(row)
        if options["json"]:
            self.say_json({**_row(row), **_figures(state)})
            return
        words = _("Frozen: %(what)s, version %(n)d, %(firms)d firms")
        self.stdout.write(words % {"what": row, "n": row.number, "firms": len(state.rows)})

    def _say_preview(self, found: Preview, as_json: bool) -> None:
        """Indicator by indicator and firm by firm, where there is a version to compare with."""
        before, after = found.before, found.after
        figures = moved(before, after) if before else []
        firms = firm_lines(before, after) if before else []
        if as_json:
            self.say_json(
                {
                    "dry_run": True,
                    "as_of": after.as_of,
                    "version": found.number,
                    "known_until": after.known_until,
                    **_figures(after),
                    "figures_changed": [
                        {
                            "name": one.part,
                            "indicator": one.indicator.key,
                            "before": one.before,
                            "after": one.after,
                        }
                        for one in figures
                    ],
                    "firms_changed": [
                        {
                            "name": one.name,
                            "credit_code": one.code,
                            "county": one.county,
                            "changes": [
                                {"column": column, "before": was, "after": now}
                                for column, was, now in one.cells
                            ],
                        }
                        for one in firms
                    ],
                }
            )
            return
        words = _("Not written. Would be frozen: %(day)s, version %(n)d, %(firms)d firms")
        values = {"day": after.as_of, "n": found.number, "firms": len(after.rows)}
        self.stdout.write(words % values)
        for line in map(figure_line, figures):
            told = f"{line['before']} → {line['after']}"
            self.stdout.write(f"{line['part']}\t{line['label']}\t{told}")
        for one in firms:
            cells = "; ".join(
                f"{column} {was or '—'} → {now or '—'}" for column, was, now in one.cells
            )
            self.stdout.write(f"{one.county}\t{one.name}\t{one.code}\t{cells}")

    def _say_rows(self, rows: Iterable[Freeze], as_json: bool) -> None:
        if as_json:
            self.say_json([_row(row) for row in rows])
            return
        for row in rows:
            shown = (row.as_of, row.get_edition_display(), row.number, row.get_state_display())
            self.stdout.write("\t".join(map(str, shown)))


def _row(row: Freeze) -> dict[str, Any]:
    return {
        "programme": row.programme.key,
        "edition": row.edition,
        "as_of": row.as_of,
        "version": row.number,
        "state": row.state,
        "known_until": row.known_until,
        "reason": row.reason,
        "frozen_at": row.at,
        "by": str(row.by or ""),
        "seal": row.seal,
    }


def _figures(state: State) -> dict[str, Any]:
    found = indicators_of(state)
    names = ("listed", "filed", "with_rd", "four_haves", "filing_rate", "coverage_rate")
    rows = [
        {"name": r.name, **{n: getattr(r, n) for n in names}} for r in (found.city, *found.counties)
    ]
    counts = state.total.counts
    more = ("assessed", "entered", "entered_covered", "opened", "running", "closed", "overdue")
    return {
        "firms": len(state.rows),
        "city": {**rows[0], **{name: counts[name] for name in more}},
        "counties": rows[1:],
    }
