"""``manage.py pairings list|set|import``: who serves and who leads which firms."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.pairing import pair
from cases.actions.rehearsal import rehearse
from cases.pairing_input import of_lines, of_workbook
from config.commanding import Door
from config.management import arguments
from enterprises.actions.pairing import Wish
from enterprises.models import Pairing


class Command(Door):
    help = "Lists and sets pairings: service officers, lead firms, serving counties."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="list|set|import")
        listed = parts.add_parser("list", help="pairings of a day")
        listed.add_argument("--kind", default="", choices=["", *Pairing.Kind.values])
        listed.add_argument("--firm", default="", help="a part of its name, or its code")
        listed.add_argument("--history", action="store_true", help="ended ones too")
        set_ = parts.add_parser("set", help="the same target for some firms")
        set_.add_argument("kind", choices=Pairing.Kind.values)
        set_.add_argument("target", help="person, UNIT/POST, firm or county; none: it ends")
        set_.add_argument("firms", nargs="+", help="names or credit codes")
        set_.add_argument("--from", dest="from_on", metavar="DAY", help="default: today")
        read = parts.add_parser("import", help="a workbook of pairings")
        read.add_argument("file", help="the workbook (.xlsx)")
        for part in (set_, read):
            part.add_argument("--city", required=True)
            part.add_argument("--dry-run", action="store_true", help="say what would be done")
        for part in (listed, set_, read):
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        if options["part"] == "list":
            self._list(options)
        elif options["part"] == "set":
            day = arguments.day(options["from_on"]) if options["from_on"] else None
            text = "\n".join(options["firms"])
            wishes = of_lines(text, kind=options["kind"], target=options["target"], from_on=day)
            self._pair(wishes, options)
        else:
            self._pair(of_workbook(_content(options["file"])), options)

    def _pair(self, wishes: list[Wish], options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        city, by = self.city(options["city"]), self.actor(options, timezone.localdate(at))

        def run() -> dict[str, Any]:
            done = pair(wishes, city=city, by=by, at=at)
            paired = done.paired
            return {
                "new": [_figures(row) for row in paired.new],
                "ended": len(paired.ended),
                "unchanged": paired.unchanged,
                "refused": [
                    {"row": n, "firm": firm, "reason": why} for n, firm, why in paired.refused
                ],
                "cases_moved": done.moved,
                "cases_stayed": done.stayed,
            }

        result = rehearse(run) if options["dry_run"] else run()
        if options["json"]:
            self.say_json(result)
            return
        words = _("New %(new)s, ended %(ended)s, unchanged %(same)s, refused %(refused)s")
        counts = {"new": len(result["new"]), "ended": result["ended"]}
        counts |= {"same": result["unchanged"], "refused": len(result["refused"])}
        self.stdout.write(words % counts)
        for row in result["refused"]:
            self.stdout.write(f"{row['row']}\t{row['firm']}\t{row['reason']}")

    def _list(self, options: dict[str, Any]) -> None:
        on = timezone.localdate(arguments.moment(options["at"]))
        rows = Pairing.objects.visible_to(self.actor(options, on))
        rows = rows if options["history"] else rows.on(on)
        if options["kind"]:
            rows = rows.filter(kind=options["kind"])
        if text := options["firm"]:
            rows = rows.filter(enterprise__name__contains=text) | rows.filter(
                enterprise__credit_code=text
            )
        related = ("enterprise", "post__unit", "user", "lead", "county")
        found = [_figures(row) for row in rows.select_related(*related)]
        if options["json"]:
            self.say_json(found)
            return
        for one in found:
            words = [one["firm"], one["kind"], one["target"], str(one["from_on"])]
            self.stdout.write("\t".join(words))


def _figures(row: Pairing) -> dict[str, Any]:
    return {
        "firm": row.enterprise.name,
        "credit_code": row.enterprise.credit_code,
        "kind": row.kind,
        "target": row.target,
        "from_on": row.from_on,
        "until_on": row.until_on,
    }


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as wrong:
        raise CommandError(_("There is no file “%(name)s”.") % {"name": name}) from wrong
