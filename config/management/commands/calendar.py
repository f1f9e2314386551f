"""``manage.py calendar list|import``: which days are worked, with the moved days (调休)."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from datetime import date, timedelta
from io import StringIO
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config.commanding import Door
from config.management import arguments
from workflows.issuing import set_days
from workflows.models import CalendarDay, load_calendar

WORKED = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}


class Command(Door):
    help = "Lists working days, or takes announced days from a .csv of date, worked (1/0), name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="list|import")
        listed = parts.add_parser("list", help="the days of a year that differ from Monday-Friday")
        listed.add_argument("--year", type=arguments.count, help="default: this year")
        taken = parts.add_parser("import", help="enter announced days")
        taken.add_argument("file", help="lines such as 2027-02-06,0,name")
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
        days = [
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
            self.stdout.write(f"{row['day']}\t{state}\t{row['name']}")

    def _import(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        days = dict(_read(arguments.text_of(options["file"])))
        changed = set_days(days, by=self.actor(options), at=at)
        if options["json"]:
            self.say_json({"days": len(days), "changed": changed})
        else:
            words = _("%(days)s days entered, %(changed)s of them changed.")
            self.stdout.write(words % {"days": len(days), "changed": len(changed)})


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    count = (date(year + 1, 1, 1) - first).days
    return [first + timedelta(days=n) for n in range(count)]


def _read(text: str) -> list[tuple[date, tuple[bool, str]]]:
    found = []
    for number, row in enumerate(csv.reader(StringIO(text)), 1):
        if not row or row[0].startswith("#"):
            continue
        try:
            day, worked = date.fromisoformat(row[0].strip()), WORKED[row[1].strip().lower()]
        except (ValueError, IndexError, KeyError) as wrong:
            raise CommandError(
                _("Line %(n)d is not “date, 1 or 0, name”, such as 2027-02-06,0,name.")
                % {"n": number}
            ) from wrong
        found.append((day, (worked, row[2].strip() if len(row) > 2 else "")))
    return found
