"""``manage.py hand_over``: posts go to a successor from a day on; ``--list`` shows what went."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import handing
from cases.actions.handing_over import hand_over
from cases.actions.rehearsal import rehearse
from cases.models import HandOver
from config.commanding import Door
from config.management import arguments
from config.management.people_arguments import account_of, post_of
from organisations.models import Post, Tenure


class Command(Door):
    help = "Hands over posts; the successor sees everything from that day on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--post", action="append", default=[], metavar="UNIT/POST")
        parser.add_argument("--person", metavar="ACCOUNT", help="all posts of this person")
        parser.add_argument("--to", metavar="ACCOUNT", help="the successor")
        parser.add_argument("--vacant", action="store_true", help="nobody yet")
        parser.add_argument("--from", dest="from_on", metavar="DAY", help="default: today")
        parser.add_argument("--note", default="", help="words for the successor")
        parser.add_argument("--city", default="", help="where unit names exist twice")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        parser.add_argument("--list", action="store_true", help="hand-overs so far")
        parser.add_argument("--at", metavar="MOMENT", help="default: now")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        at = arguments.moment(options["at"])
        looks = options["list"] or options["dry_run"]
        by = (self.actor if looks else self.person)(options, timezone.localdate(at))
        if options["list"]:
            self._say(list(HandOver.objects.visible_to(by).select_related(*handing.WITH)), options)
            return
        if bool(options["to"]) == options["vacant"]:
            raise CommandError(_("Say who takes over: --to ACCOUNT, or --vacant."))
        posts = self._posts(options)

        def run() -> list[HandOver]:
            return hand_over(
                posts,
                to=account_of(options["to"]) if options["to"] else None,
                from_on=arguments.day(options["from_on"]) if options["from_on"] else
                timezone.localdate(at),
                note=options["note"],
                by=by,
                at=at,
            )  # fmt: skip

        if not options["dry_run"]:
            self._say(run(), options)
            return
        on = timezone.localdate(at)
        made = rehearse(run)
        self._say(made, options, {row.post_id: len(handing.note_lines(row, on)) for row in made})

    def _posts(self, options: dict[str, Any]) -> list[Post]:
        city = self.city(options["city"]) if options["city"] else None
        posts = [post_of(text, city) for text in options["post"]]
        if options["person"]:
            day = arguments.day(options["from_on"])
            held = Tenure.objects.on(day).filter(user=account_of(options["person"]))
            posts += [t.post for t in held.select_related("post__unit__region")]
        return posts

    def _say(
        self, rows: list[HandOver], options: dict[str, Any], open_: dict[int, int] | None = None
    ) -> None:
        found = [_figures(row, (open_ or {}).get(row.post_id)) for row in rows]
        if options["json"]:
            self.say_json(found)
            return
        for one in found:
            words = [one["post"], "、".join(one["from"]) or "—", "→", one["to"] or "—"]
            self.stdout.write("\t".join([*words, str(one["from_on"]), str(one["open"])]))


def _figures(row: HandOver, open_: int | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "post": str(row.post),
        "from": row.from_whom,
        "to": str(row.successor) if row.successor else None,
        "from_on": row.from_on,
        "has_taken_effect": not row.is_ahead,
        "open": open_ if open_ is not None else len(row.lines or []),
        "note": row.note,
    }
