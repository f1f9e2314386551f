"""``manage.py province P --month M``: 省通报口径 of a month, kept and shown beside ours."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config import importing
from config.commanding import Door
from config.management import arguments
from organisations import clock
from organisations.days import day_of
from reports.figures.freezing import plain
from reports.figures.months import month_end, state_on
from reports.figures.nouns import RATES, PublishedRate
from reports.figures.publishing import publish
from reports.indicators import Row, indicators_of


class Command(Door):
    help = "Keeps a month's figures as the province published them; without a file it shows them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument(
            "--file",
            metavar="FILE",
            help="lines of text: name, base, filing rate, coverage rate, Four Haves rate; a dash "
            "for what was not published; “-” reads standard input",
        )
        parser.add_argument("--source", default="", help="where it was published")
        parser.add_argument("--cut-off", metavar="DAY", help="default: the month's last day")
        parser.add_argument("--at", metavar="MOMENT", help="default: now")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        programme = arguments.programme(options["programme"])
        month = importing.month_from(options["month"])
        kept = 0
        if options["file"]:
            at, cut_off = arguments.moment(options["at"]), options["cut_off"]
            kept = publish(
                programme,
                month,
                _lines(options["file"]),
                cut_off=arguments.day(cut_off) if cut_off else month_end(month),
                source=options["source"],
                by=self.actor(options, day_of(at)),
                at=at,
            )
        on = min(month_end(month), clock.today())
        found = indicators_of(state_on(programme, on, today=clock.today()))
        published = PublishedRate.objects.filter(programme=programme, month=month)
        rows = {row.county_id: row for row in published}
        lines = [_line(row, rows[row.county_id]) for row in (found.city, *found.counties)
                 if row.county_id in rows]  # fmt: skip
        if options["json"]:
            first = next(iter(rows.values()), None)
            self.say_json(
                {
                    "month": options["month"],
                    "kept": kept,
                    "cut_off": first.cut_off if first else None,
                    "source": first.source if first else "",
                    "lines": lines,
                }
            )
            return
        for line in lines:
            pairs = (f"{line['province'][n] or '—'} / {_text(line['ours'][n])}" for n in RATES)
            self.stdout.write("\t".join([line["name"], *pairs]))
        if not lines:
            self.stdout.write(_("Nothing is kept of this month."))


def _lines(name: str) -> str:
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        words = _("The file %(name)s cannot be read as text.")
        raise CommandError(words % {"name": name}) from wrong


def _line(ours: Row, row: PublishedRate) -> dict[str, Any]:
    return {
        "name": ours.name,
        "province": {"base": row.base, **{n: plain(getattr(row, n)) for n in RATES}},
        "ours": {"base": ours.listed, **{n: getattr(ours, n) for n in RATES}},
    }


def _text(value: object) -> str:
    return "—" if value is None else str(value)
