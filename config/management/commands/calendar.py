"""``manage.py calendar list|import``: which days are worked (调休); open dates follow."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import recalendar
from cases.actions.recalendar import Redating
from cases.dates import holiday_words, weekday_words
from config.commanding import Door
from config.management import arguments
from workflows.announcements import AnnouncementError, read_days
from workflows.issuing import check_may_set
from workflows.models import CalendarDay, load_calendar


class Command(Door):
    help = "Lists working days, or takes announced days from a table or the notice itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="list|import")
        listed = parts.add_parser("list", help="the days of a year that differ from Monday-Friday")
        listed.add_argument("--year", type=arguments.count, help="default: this year")
        taken = parts.add_parser("import", help="enter announced days")
        taken.add_argument("file", help="lines such as 2027-02-06,off,name, or the notice itself")
        taken.add_argument(
            "--whole-year",
            action="store_true",
            help="every other day of the years named is an ordinary one: they are known then",
        )
        taken.add_argument("--dry-run", action="store_true", help="say which dates would move")
        for part in (listed, taken):
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        if options["part"] == "list":
            self._list(options)
        else:
            self._import(options)

    def _list(self, options: dict[str, Any]) -> None:
        year = arguments.day(options["at"]).year if options["year"] is None else options["year"]
        arguments.check_year(year, str(year))
        worked = load_calendar()
        names = dict(CalendarDay.objects.filter(day__year=year).values_list("day", "name"))
        days: list[dict[str, Any]] = [
            {"day": day, "worked": worked.is_working(day), "name": names.get(day, "")}
            for day in _days_of(year)
            if worked.is_working(day) != (day.weekday() < 5)
        ]
        known = worked.is_known(date(year, 12, 31))
        if options["json"]:
            self.say_json({"year": year, "announced": known, "days": days})
            return
        if not known:
            self.stdout.write(_("%(year)s has not been announced in full yet.") % {"year": year})
        for row in days:
            state = _("worked") if row["worked"] else _("off")
            words = [str(row["day"]), weekday_words(row["day"]), state, holiday_words(row["name"])]
            self.stdout.write("\t".join(words))

    def _import(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        text = arguments.text_of(options["file"])
        try:
            days = read_days(text, whole_from=date.min if options["whole_year"] else None)
        except AnnouncementError as wrong:
            raise CommandError(str(wrong)) from wrong
        by = self.actor(options, timezone.localdate(at))
        if options["dry_run"]:
            check_may_set(by)
            found = recalendar.preview(days)
        else:
            found = recalendar.enter_days(days, by=by, at=at)
        if options["json"]:
            self.say_json({"days": len(days), "changed": found.days, **_figures(found)})
        else:
            self._say(len(days), found, options["dry_run"])

    def _say(self, days: int, found: Redating, dry_run: bool) -> None:
        words = (
            _("%(days)s days, %(changed)s of them would change.")
            if dry_run
            else _("%(days)s days entered, %(changed)s of them changed.")
        )
        self.stdout.write(words % {"days": days, "changed": len(found.days)})
        for county, moved, firm in found.by_county():
            words = _("%(county)s: %(moved)d open dates move, %(firm)d become firm or provisional")
            self.stdout.write(words % {"county": county, "moved": moved, "firm": firm})
        for one in found.moved:
            self.stdout.write(f"{one.case.number}\t{one.before}\t→\t{one.after}")


def _figures(found: Redating) -> dict[str, Any]:
    return {
        "moved": [
            {"case": one.case.number, "before": one.before, "after": one.after}
            for one in found.moved
        ],
        "firm": len(found.firm),
        "counties": [
            {"county": county, "moved": moved, "firm": firm}
            for county, moved, firm in found.by_county()
        ],
    }


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    count = (date(year + 1, 1, 1) - first).days
    return [first + timedelta(days=n) for n in range(count)]
