"""``manage.py assessment P --year Y``: the counties' score sheets; with -o as a workbook or PDF."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from config.commanding import Door
from config.management import arguments
from organisations import clock
from organisations.errors import Refused
from reports.assessing import Assessed, Named, Sheet, assess, edition_words, rule_words
from reports.assessment_files import assessment_paper, named_lines, write_assessment
from reports.documents.render import NoPdf
from workflows.models import Programme
from workflows.text import localised


class Command(Door):
    help = "Prints the yearly assessment of the counties; a person decides on its lists."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as luoyang-2022")
        parser.add_argument("--year", type=int, help="default: the programme's own year")
        parser.add_argument("-o", "--output", metavar="FILE", help="an .xlsx, or the annex as .pdf")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        programme = _of_year(arguments.programme(options["programme"]), options["year"])
        found = assess(programme, programme.current.pack, clock.today())
        if found.rules is None:
            words = _("The plan names no indicators for the yearly assessment")
            raise Refused("no_assessment", words)
        if options["output"]:
            self._write(found, Path(options["output"]))
            self.took("assessment", options["output"], by=self.actor(options))
        elif options["json"]:
            self.say_json(_json(found))
        else:
            self._say(found)

    def _write(self, found: Assessed, file: Path) -> None:
        try:
            if file.suffix == ".pdf":
                file.write_bytes(assessment_paper(found))
            else:
                with file.open("wb") as target:
                    write_assessment(target, found)
        except NoPdf as refusal:
            raise Refused(refusal.code, refusal.words) from refusal
        self.stdout.write(_("Written: %(file)s") % {"file": file})

    def _say(self, found: Assessed) -> None:
        self.stdout.write(f"{found.programme} {found.as_of} {edition_words(found)}")
        for sheet in found.sheets:
            parts = [f"{localised(one.scored.title)} {one.arithmetic}" for one in sheet.scores]
            told = [str(sheet.rank or "—"), sheet.name, *parts, str(sheet.total)]
            self.stdout.write("\t".join(told))
        for heading, named in (
            (_("Proposed for commendation"), found.commended),
            (_("Proposed for criticism"), found.criticised),
        ):
            self.stdout.write(heading)
            for words in named_lines(named):
                self.stdout.write(f"  {words}")
        for words in rule_words(found.rules) if found.rules else ():
            self.stdout.write(words)


def _of_year(programme: Programme, year: int | None) -> Programme:
    """The same city's programme of another year."""
    if year is None or year == programme.statistical_year:
        return programme
    rows = Programme.objects.filter(city=programme.city_id, statistical_year=year)
    found = rows.select_related("city").first()
    if found is None:
        words = _("The city has no programme of the year %(year)d.")
        raise Refused("no_such_year", words % {"year": year})
    return found


def _json(found: Assessed) -> dict[str, Any]:
    freeze = found.freeze
    return {
        "programme": found.programme.key,
        "year": found.programme.statistical_year,
        "as_of": found.as_of,
        "edition": freeze.edition if freeze else None,
        "version": freeze.number if freeze else None,
        "words": edition_words(found),
        "counties": [_sheet(sheet) for sheet in found.sheets],
        "commendation": [_named(one) for one in found.commended],
        "criticism": [_named(one) for one in found.criticised],
        "rules": rule_words(found.rules) if found.rules else [],
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "rank": sheet.rank,
        "total": sheet.total,
        "target_reached": sheet.reached,
        "scores": [
            {
                "key": one.scored.key,
                "of": one.scored.of,
                "weight": one.scored.weight,
                "value": one.value,
                "full": one.full,
                "points": one.points,
                "computed": one.arithmetic,
            }
            for one in sheet.scores
        ],
    }


def _named(one: Named) -> dict[str, Any]:
    return {"county": one.sheet.name, "reasons": list(one.reasons)}
