"""``manage.py open_cases P --at D [--wave …]``: every listed firm not covered gets its case."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.actions import opening
from cases.actions.opening_plan import OpeningPlan, plan_opening
from cases.gaps import Vacancy, vacancies
from config.commanding import Door
from config.management import arguments


class Command(Door):
    help = "Opens cases for the firms on the register that are not covered; repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--at", metavar="MOMENT", help="a bare date means 09:00 of that day")
        parser.add_argument(
            "--wave", default="", help="county=A,B or number=200 or class=A; default: all"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be opened, and for whom"
        )
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        programme = arguments.programme(options["programme"])
        by, wave = self.actor(options, timezone.localdate(at)), options["wave"]
        if options["dry_run"]:
            plan = plan_opening(programme, by=by, at=at, wave=wave)
            if options["json"]:
                self.say_json({**_sums(plan.sums), "dry_run": True, **_figures(plan)})
            else:
                self._say_plan(plan, timezone.localdate(at))
            return
        done = opening.run(programme, by=by, at=at, wave=wave)
        if options["json"]:
            self.say_json(_sums(done.sums))
        else:
            words = _(
                "%(opened)s cases opened; of the others %(existing)s firms have their case "
                "already, %(covered)s are covered, %(without_unit)s have no unit."
            )
            self.stdout.write(words % asdict(done.sums))
            day = timezone.localdate(at)
            self._warn(vacancies(done.posts, day), day)

    def _warn(self, found: list[Vacancy], day: date) -> None:
        """Which cases nobody sees, and what to do about it."""
        if not found:
            return
        count = sum(one.count for one in found)
        words = ngettext(
            "%(n)d case goes to a post that nobody holds on %(day)s, where nobody sees it:",
            "%(n)d cases go to posts that nobody holds on %(day)s, where nobody sees them:",
            count,
        )
        self.stdout.write(words % {"n": count, "day": day.isoformat()})
        for one in found:
            line = ngettext(
                "  %(county)s, %(n)d case: %(post)s",
                "  %(county)s, %(n)d cases: %(post)s",
                one.count,
            )
            self.stdout.write(line % {"county": one.county, "n": one.count, "post": one.post})
        self.stdout.write(
            _(
                "Appoint somebody in the browser under “Units and posts”, or: "
                "manage.py hand_over --post UNIT/POST --to ACCOUNT --by ACCOUNT"
            )
        )

    def _say_plan(self, plan: OpeningPlan, day: date) -> None:
        words = _(
            "Would open %(opened)s cases; of the others %(existing)s firms have their case "
            "already, %(covered)s are covered, %(without_unit)s would have no unit."
        )
        self.stdout.write(words % asdict(plan.sums))
        line_words = _(
            "%(county)s\t%(unit)s / %(department)s\t%(opened)s cases, %(covered)s covered"
        )
        for line in plan.lines:
            self.stdout.write(line_words % asdict(line))
        homeless_words = _("%(county)s\t%(firm)s\tno unit with a post for it")
        for firm in plan.homeless:
            self.stdout.write(homeless_words % asdict(firm))
        self._warn(plan.vacancies, day)
        self.stdout.write(_("Dry run: nothing was written."))


def _sums(sums: Any) -> dict[str, int]:
    """The three figures that are promised to scripts; who has a case already is in none."""
    return {key: getattr(sums, key) for key in ("opened", "covered", "without_unit")}


def _figures(plan: OpeningPlan) -> dict[str, Any]:
    return {
        "lines": [asdict(line) for line in plan.lines],
        "firms_without_unit": [asdict(firm) for firm in plan.homeless],
    }
