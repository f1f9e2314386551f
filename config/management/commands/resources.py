"""``manage.py resources import|export|template|list|suggest|matched|account``: the directory."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from cases.actions.matching import follow_all
from cases.matched import matched
from cases.models import Case, MatchRecord
from cases.needs import needs_of, question
from config.commanding import Door
from config.management import arguments
from organisations import clock
from organisations.actions import users
from organisations.importing import Report
from organisations.models import Region
from organisations.people_template import template_of
from organisations.regions import find_region
from organisations.scope import Actor
from resources.actions.directory import link_account
from resources.importing.apply import import_directory
from resources.importing.export import directory_workbook, head_of
from resources.importing.sheets import SHEETS
from resources.index import suggest
from resources.models import Expert, FieldWord, Member, Resource
from resources.permissions import check_read, sees_phones
from resources.suggesting import Need
from resources.wording import why_words


class Command(Door):
    help = "Reads, writes and asks the directory of resources and experts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        taken = self._part(parts, "import", "take a workbook")
        taken.add_argument("file", help="the filled-in workbook (.xlsx)")
        taken.add_argument("--dry-run", action="store_true", help="say what would be done")
        given = self._part(parts, "export", "write the whole directory")
        given.add_argument("out", help="the workbook to write")
        self._part(parts, "template", "write an empty workbook").add_argument("out")
        listed = self._part(parts, "list", "resources and experts that are valid today")
        listed.add_argument("--of", choices=["resources", "experts"], default="resources")
        listed.add_argument("--kind", default="", help="such as institute, alliance, envoy")
        listed.add_argument(
            "--search", type=arguments.search, default="", help="name, field, offer"
        )
        asked = self._part(parts, "suggest", "who could help with a need, and why")
        asked.add_argument("words", nargs="?", default="", help="the need in the firm's words")
        asked.add_argument("--industry", default="", help="code of the firm's industry")
        asked.add_argument("--county", default="", help="the firm's county")
        asked.add_argument("--case", default="", metavar="NUMBER", help="the needs of a case")
        asked.add_argument("--limit", type=int, default=8)
        counted = self._part(parts, "matched", "firms, institutes and projects that cooperate")
        counted.add_argument("--county", default="", help="one county only")
        counted.add_argument("--from", dest="first", default="", metavar="DAY")
        counted.add_argument("--until", dest="last", default="", metavar="DAY")
        self._part(parts, "follow", "contact records of forms filled in by an older version")
        opened = self._part(parts, "account", "an account for an outside expert")
        opened.add_argument(
            "expert", type=arguments.number, help="id of the expert (list --of experts)"
        )
        opened.add_argument("--username", required=True)

    def _part(self, parts: Any, name: str, words: str) -> ArgumentParser:
        part: ArgumentParser = parts.add_parser(name, help=words)
        part.add_argument("--city", default="", help="where there are several")
        super().add_arguments(part)
        return part

    def work(self, options: dict[str, Any]) -> None:
        runs: dict[str, Callable[[dict[str, Any], Actor], None]] = {
            "import": self._import,
            "export": self._export,
            "template": self._template,
            "list": self._list,
            "suggest": self._suggest,
            "matched": self._matched,
            "follow": self._follow,
            "account": self._account,
        }
        runs[options["part"]](options, self.actor(options))

    def _city(self, options: dict[str, Any]) -> Region:
        """The city named, or the only one that there is."""
        if options["city"]:
            return self.city(options["city"])
        cities = list(Region.objects.cities()[:2])
        if len(cities) != 1:
            raise CommandError(_("Say which city: --city NAME."))
        return cities[0]

    def _import(self, options: dict[str, Any], by: Actor) -> None:
        try:
            content = Path(options["file"]).read_bytes()
        except OSError as wrong:
            words = _("There is no file “%(name)s”.")
            raise CommandError(words % {"name": options["file"]}) from wrong
        report = import_directory(
            content,
            city=self._city(options),
            by=by,
            at=clock.now(),
            dry_run=options["dry_run"],
        )
        if options["json"]:
            self.say_json({**asdict(report), "dry_run": options["dry_run"]})
        else:
            self._say(report, dry=options["dry_run"])

    def _say(self, report: Report, *, dry: bool) -> None:
        words = _("New %(new)s, changed %(changed)s, unchanged %(unchanged)s, refused %(refused)s")
        counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
        self.stdout.write(words % {**counts, "refused": len(report.refused)})
        place = _("%(sheet)s row %(row)s, %(column)s: %(reason)s")
        for finding in report.refused:
            self.stdout.write(place % asdict(finding))
        if dry:
            self.stdout.write(_("Dry run: nothing was written."))

    def _export(self, options: dict[str, Any], by: Actor) -> None:
        city = self._city(options)
        resources = Resource.objects.visible_to(by).filter(city=city)
        experts = Expert.objects.visible_to(by).filter(city=city)
        content = directory_workbook(
            resources=resources.select_related("region", "owner_unit"),
            experts=experts.select_related("region", "owner_unit"),
            members=Member.objects.filter(alliance__in=resources).select_related("alliance"),
            words=FieldWord.objects.filter(city=city) if resources.exists() else [],
            head=head_of(city, clock.today()),
            with_phones=sees_phones(by),
        )
        Path(options["out"]).write_bytes(content)
        self.took("resources", options["out"], by=by)

    def _template(self, options: dict[str, Any], by: Actor) -> None:
        Path(options["out"]).write_bytes(template_of(SHEETS))

    def _list(self, options: dict[str, Any], by: Actor) -> None:
        model: Any = Expert if options["of"] == "experts" else Resource
        rows = model.objects.visible_to(by).filter(city=self._city(options)).on(clock.today())
        rows = rows.found_by(options["search"])
        if options["kind"]:
            _check_kind(options["kind"], model)
            rows = rows.filter(kind=options["kind"])
        found = [_figures(row) for row in rows.select_related("region")]
        if options["json"]:
            self.say_json(found)
            return
        for row in found:
            words = [str(row["id"]), row["name"], row["kind_label"], row["where"] or "—"]
            self.stdout.write("\t".join([*words, "、".join(row["fields"])]))

    def _suggest(self, options: dict[str, Any], by: Actor) -> None:
        city, on = self._city(options), clock.today()
        check_read(by, city)
        if options["case"]:
            case = _case(options["case"], city, by)
            need = question(case, needs_of(case))
        else:
            need = Need(options["words"], options["industry"], county=_county(city, options))
        found = suggest(city, need, on=on, limit=options["limit"])
        if options["json"]:
            reasons = [
                {"why": why_words(one.reasons), "score": one.score, **_figures(one.row)}
                for one in found
            ]
            self.say_json({"need": asdict(need), "suggestions": reasons})
            return
        for one in found:
            self.stdout.write(f"{one.score}\t{one.row}\t{why_words(one.reasons)}")

    def _matched(self, options: dict[str, Any], by: Actor) -> None:
        records = MatchRecord.objects.visible_to(by)
        city = self._city(options)
        records = records.filter(case__programme__city=city)
        county = _county(city, options)
        if county is not None:
            records = records.filter(case__county=county)
        first = arguments.day(options["first"]) if options["first"] else None
        last = arguments.day(options["last"]) if options["last"] else None
        found = matched(records, first=first, last=last)
        if options["json"]:
            self.say_json(found)
            return
        words = _(
            "%(firms)s firms cooperate with %(institutes)s universities and institutes, "
            "%(projects)s projects; %(intentions)s more intentions."
        )
        self.stdout.write(words % found.total)
        for row in found.counties:
            cells = [row["county"], row["firms"], row["institutes"], row["projects"]]
            self.stdout.write("\t".join(map(str, cells)))

    def _follow(self, options: dict[str, Any], by: Actor) -> None:
        followed = {"forms": follow_all(), "records": MatchRecord.objects.count()}
        if options["json"]:
            self.say_json(followed)
        else:
            words = _("%(forms)s forms hold %(records)s contact records.")
            self.stdout.write(words % followed)

    def _account(self, options: dict[str, Any], by: Actor) -> None:
        expert = Expert.objects.visible_to(by).filter(pk=options["expert"]).first()
        if expert is None:
            raise CommandError(_("There is no expert %(pk)s.") % {"pk": options["expert"]})
        at = clock.now()
        user, password = users.create_user(
            username=options["username"], name=expert.name, phone=expert.phone, by=by, at=at
        )
        link_account(expert, user, by=by, at=at)
        if options["json"]:
            self.say_json({"username": user.username, "password": password})
        else:
            self.stdout.write(f"{user.username}\t{user.name}\t{password}")


def _check_kind(kind: str, model: type[Resource] | type[Expert]) -> None:
    if kind not in model.Kind.values:
        words = _("--%(name)s: “%(given)s” is not possible. Choose from: %(known)s.")
        parts = {"name": "kind", "given": kind, "known": ", ".join(model.Kind.values)}
        raise CommandError(words % parts)


def _figures(row: Resource | Expert) -> dict[str, Any]:
    found: dict[str, Any] = {
        "table": row._meta.model_name,
        "id": row.pk,
        "name": row.name,
        "kind": row.kind,
        "kind_label": str(row.get_kind_display()),
        "level": row.level,
        "where": row.where,
        "fields": row.fields,
        "industries": row.industries,
        "offers": row.offers,
    }
    if isinstance(row, Expert):
        found |= {"institute": row.institute_name, "title": row.title, "team": row.team}
    return found


def _county(city: Region, options: dict[str, Any]) -> int | None:
    if not options["county"]:
        return None
    county = find_region(city, options["county"])
    if county is None:
        words = _("There is no county “%(name)s”.")
        raise CommandError(words % {"name": options["county"]})
    return county.pk


def _case(number: str, city: Region, by: Actor) -> Case:
    year, _sign, serial = number.partition("-")
    cases = Case.objects.visible_to(by).filter(programme__city=city)
    if year.isdecimal() and serial.isdecimal():
        cases = cases.filter(programme__statistical_year=int(year), serial=int(serial))
        found: Case | None = cases.select_related("programme__city").first()
        if found is not None:
            return found
    raise CommandError(_("There is no case %(number)s.") % {"number": number})
