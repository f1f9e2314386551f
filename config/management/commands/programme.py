"""``manage.py programme check|issue|draw|versions|diff|migrate|schema``: a city's rules."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.commanding import Door
from config.management import arguments, programme_versions
from workflows.draw import draw
from workflows.issuing import issue_and_set_up, issue_pack
from workflows.models import ProgrammeVersion
from workflows.pack_schema import pack_schema
from workflows.packs import Pack, PackError, parse_pack

PARTS = "check|issue|draw|versions|diff|migrate|schema"


class Command(Door):
    help = "Checks, issues, draws and compares programme packs; moves cases to another version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar=PARTS)
        check = parts.add_parser("check", help="say what is wrong with the file, by line")
        issue = parts.add_parser("issue", help="store the file as the newest, immutable version")
        drawn = parts.add_parser("draw", help="the stage diagram as SVG")
        listed = parts.add_parser("versions", help="who issued what and when; running cases")
        listed.add_argument("key", help="the programme")
        differ = parts.add_parser("diff", help="what changed, in words; cases concerned")
        for name in ("old", "new"):
            differ.add_argument(name, help="a version (luoyang-2022@1) or a pack (.yaml)")
        move = parts.add_parser("migrate", help="move open cases to another version")
        programme_versions.add_migrate(move)
        schema = parts.add_parser("schema", help="the JSON schema that editors read")
        for part in (check, issue, drawn):
            part.add_argument("file", help="a pack (.yaml)")
        for part in (check, issue, drawn, listed, differ, move, schema):
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)
        issue.add_argument(
            "--no-units", action="store_true", help="leave units and posts to another set-up"
        )
        drawn.add_argument("-o", "--out", metavar="OUT.svg", help="default: standard output")
        drawn.add_argument("--procedure", help="default: the programme's main procedure")

    def work(self, options: dict[str, Any]) -> None:
        try:
            self._do(options["part"], options)
        except PackError as wrong:
            self._tell(wrong, options)

    def _do(self, part: str, options: dict[str, Any]) -> None:
        after = {
            "versions": programme_versions.tell_versions,
            "diff": programme_versions.tell_difference,
            "migrate": programme_versions.move_cases,
        }
        if part in after:
            after[part](self, options)
        elif part == "schema":
            self.say_json(pack_schema())
        else:
            text = arguments.text_of(options["file"])
            {"check": self._check, "issue": self._issue, "draw": self._draw}[part](text, options)

    def _tell(self, wrong: PackError, options: dict[str, Any]) -> None:
        if options["json"]:
            findings = [finding._asdict() for finding in wrong.findings]
            error = {"code": "pack", "words": str(wrong)}
            self.say_json({"error": error, "findings": findings})
        raise arguments.Told(str(wrong))

    def _pack(self, text: str, options: dict[str, Any]) -> Pack:
        on = timezone.localdate(arguments.moment(options["at"]))
        return parse_pack(text, Path(options["file"]).name, issued_on=on)

    def _check(self, text: str, options: dict[str, Any]) -> None:
        pack = self._pack(text, options)
        if options["json"]:
            self.say_json({"key": pack.key, "title": pack.title.zh, "findings": []})
        else:
            words = _("%(key)s: no faults, %(counties)s counties, %(procedures)s procedures.")
            figures = {"counties": len(pack.counties), "procedures": len(pack.procedures)}
            self.stdout.write(words % {"key": pack.key, **figures})

    def _issue(self, text: str, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        by = self.actor(options, timezone.localdate(at))
        verb = issue_pack if options["no_units"] else issue_and_set_up
        version = verb(text, by=by, at=at, source=Path(options["file"]).name)
        self._say_version(version, options)

    def _say_version(self, version: ProgrammeVersion, options: dict[str, Any]) -> None:
        result = {
            "key": version.programme.key,
            "version": version.number,
            "sha256": version.sha256,
        }
        if options["json"]:
            self.say_json(result)
        else:
            self.stdout.write(_("%(key)s issued as version %(version)s.") % result)

    def _draw(self, text: str, options: dict[str, Any]) -> None:
        pack, key = self._pack(text, options), options["procedure"]
        if key and key not in pack.procedures:
            known = {"known": "、".join(pack.procedures)}
            raise CommandError(_("This programme has the procedures %(known)s.") % known)
        drawing = draw(pack, key)
        if options["out"]:
            Path(options["out"]).write_text(drawing, encoding="utf-8")
            if options["json"]:
                self.say_json({"out": options["out"]})
        elif options["json"]:
            self.say_json({"svg": drawing})
        else:
            self.stdout.write(drawing)
