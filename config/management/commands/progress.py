"""``manage.py progress P --as-of D``: the progress page as text, with the forecast; or on paper."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import loads, oversight, work_counts
from cases.columns import Reader
from config.commanding import Door
from config.management import arguments
from organisations import clock
from organisations.errors import Refused
from organisations.models import Region, Unit
from organisations.scope import Actor
from reports.documents.render import NoPdf
from reports.figures import counted
from reports.figures.breakdown import stage_lines
from reports.figures.months import State, state_on
from reports.figures.standing import LIGHTS, standing
from reports.outlook.glance import Glance, Line, glance_then
from reports.outlook.outlooks import Outlooks, outlooks
from reports.outlook.plain import expected_json, trend_json
from reports.views.leader import leader_paper, state_words
from reports.views.outlook_words import headline, how
from workflows.models import Programme

TOP = 20


class Command(Door):
    help = "Prints how far a programme is and will be; with -o the page of A4 as PDF."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--as-of", metavar="DAY", help="default: today")
        parser.add_argument("-o", "--output", metavar="FILE", help="the one page of paper, a PDF")
        parser.add_argument(
            "--check", action="store_true", help="whether counts kept ahead are what the cases say"
        )
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        programme, today = arguments.programme(options["programme"]), clock.today()
        as_of = arguments.day(options["as_of"])
        if as_of > today:
            words = _("%(day)s has not come yet. Ask for today or an earlier day.")
            raise Refused("day_in_future", words % {"day": as_of})
        if options["check"]:
            self._check(programme, today, as_json=options["json"])
            return
        if options["output"]:
            self._print(programme, as_of, today, Path(options["output"]))
            self.took("leader", options["output"], by=self.actor(options), subject=programme)
            return
        pack = programme.current.pack
        state = state_on(programme, as_of, today=today, pack=pack)
        found = glance_then(programme, pack, state, Actor.system())
        ahead = outlooks(programme, pack, as_of)
        if options["json"]:
            more = _work(as_of) if as_of == today else _work_then(state)
            more = {"stages": stage_lines(state)} | more
            self.say_json(_json(found, ahead) | more)
            return
        self._say(found, ahead)

    def _check(self, programme: Programme, today: date, *, as_json: bool) -> None:
        """Counts all cases of the programme once more; ends with 1 where counts differ."""
        keys = {*counted.differing(programme, today), *work_counts.wrong(programme, today)}
        wrong = Region.objects.filter(pk__in=keys)
        names = list(wrong.order_by("position", "pk").values_list("name", flat=True))
        if as_json:
            self.say_json({"programme": programme.key, "as_of": today, "differing": names})
        elif names:
            words = _("Counts differ from the cases: %(names)s. The tick counts them anew.")
            self.stdout.write(words % {"names": pgettext("list of names", ", ").join(names)})
        else:
            self.stdout.write(_("Every county's counts are what its cases say."))
        if names:
            sys.exit(1)

    def _print(self, programme: Programme, as_of: date, today: date, file: Path) -> None:
        try:
            data = leader_paper(programme, as_of, Actor.system(), today=today)
        except NoPdf as refusal:
            raise Refused(refusal.code, refusal.words) from refusal
        file.write_bytes(data)
        self.stdout.write(_("Written: %(file)s") % {"file": file})

    def _say(self, found: Glance, ahead: Outlooks) -> None:
        self.stdout.write(f"{found.programme} {found.as_of}")
        for words in (state_words(found), *headline(ahead)):
            self.stdout.write(words)
        heads = _("County"), _("Coverage rate"), _("Gap to the line"), _("Closed"), _("Overdue")
        self.stdout.write("\t".join(heads))
        for line in found.lines:
            cells = line.row.coverage_rate, line.place.gap, line.cases["closed"]
            told = ["—" if cell is None else str(cell) for cell in cells]
            self.stdout.write("\t".join([line.row.name, *told, str(line.cases["overdue"])]))
        for words in how(ahead):
            self.stdout.write(words)


def _json(found: Glance, ahead: Outlooks) -> dict[str, Any]:
    return {
        "programme": found.programme.key,
        "as_of": found.as_of,
        "frozen": found.placed.freeze is not None,
        "city": {**_rates(found.city), "change": found.change, **found.cases},
        "counties": [_county(line) for line in found.lines],
        "trend": trend_json(ahead),
        "forecast": {**expected_json(ahead), "words": headline(ahead), "how": how(ahead)},
    }


def _rates(row: Any) -> dict[str, Any]:
    names = ("name", "listed", "with_rd", "coverage_rate", "target", "planned", "planned_gap")
    return {name: getattr(row, name) for name in names}


def _county(line: Line) -> dict[str, Any]:
    place = line.place
    return {
        **_rates(line.row),
        "zone": place.zone,
        "rank": place.rank,
        "change": place.change,
        "moved": place.moved,
        "lags": line.lags,
        **line.cases,
    }


def _work(on: date) -> dict[str, Any]:
    """The longest overdue and the load of the units, as they are today."""
    actor = Actor.system()
    rows = Reader(actor, on).rows(oversight.latest(actor, on, TOP))
    return {
        "longest_overdue": [
            {"case": row.number, "firm": row.firm, "county": row.county, "stage": row.stage,
             "due_on": row.due_on, "missing": row.lack}
            for row in rows
        ],
        "units": [
            {"unit": one.unit.name, "per_person": round(one.per_person, 1), **asdict(one.count)}
            for one in loads.loads(actor, on)
            if one.count.open
        ],
    }  # fmt: skip


def _work_then(state: State) -> dict[str, Any]:
    """Of a past day: the lights of the firms' own cases, the longest overdue, the load of units."""
    found, names = standing(state), state.names
    late = sorted((row for row in state.rows if row.late), key=lambda row: (-row.late, row.firm))
    return {
        "lights": {light: found.count(light) for light in LIGHTS},
        "longest_overdue": [
            {"firm": row.name, "county": names.counties.get(row.works_in, ""), "stage": row.stage,
             "due_on": row.due, "working_days": row.late}
            for row in late[:TOP]
        ],
        "units": [
            {"unit": name, "open": found.units[pk][0], "overdue": found.units[pk][1]}
            for pk, name in Unit.objects.filter(pk__in=found.units).values_list("pk", "name")
        ],
    }  # fmt: skip
