"""``manage.py spot_checks draw|redraw|list|pass|fail|explain|let_stand|strike``: 材料复核."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import spot_checks
from cases.actions import spot_checks as deeds
from cases.models import Case, SpotCheck, SpotDraw
from config.commanding import Door
from config.management import arguments
from organisations.scope import Actor

VERBS = {
    "pass": (deeds.pass_check, "the closing holds"),
    "fail": (deeds.fail_check, "the closing does not hold; needs a reason"),
    "explain": (deeds.explain_check, "the county explains a failed recheck"),
    "let_stand": (deeds.accept_explanation, "the explanation holds, the closing stands"),
    "strike": (deeds.strike, "the closing is taken back, the case goes on"),
}


class Command(Door):
    help = "Draws closings at random to be looked at again, and records what came out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = "draw|redraw|list|" + "|".join(VERBS)
        parts = parser.add_subparsers(dest="part", required=True, metavar=words)
        draw = parts.add_parser("draw", help="draw a share of each county's closings")
        draw.add_argument("programme", help="the key of a programme")
        draw.add_argument("--from", dest="closed_from", metavar="DAY", required=True)
        draw.add_argument("--until", dest="closed_until", metavar="DAY", required=True)
        draw.add_argument("--percent", type=arguments.at_least_one, default=5)
        draw.add_argument("--at-least", type=arguments.count, default=1, help="of each county")
        draw.add_argument("--seed", default="", help="a word; the machine adds its part")
        draw.add_argument("--dry-run", action="store_true", help="only say who would be drawn")
        redraw = parts.add_parser("redraw", help="draw again from the seed and list that were kept")
        redraw.add_argument("draw", type=arguments.number, help="the number of the draw")
        listed = parts.add_parser("list", help="the rechecks that the actor may see")
        listed.add_argument("--draw", type=arguments.count, help="of one draw")
        for name, (_verb, help_) in VERBS.items():
            part = parts.add_parser(name, help=help_)
            part.add_argument("check", type=arguments.number, help="the number of the recheck")
            part.add_argument("--reason", default="")
        parts.choices["fail"].add_argument("--criteria", default="", metavar="A,B")
        for part in parts.choices.values():
            part.add_argument("--at", metavar="MOMENT", help="default: now")
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        at, part = arguments.moment(options["at"]), options["part"]
        who = self.actor if part in ("redraw", "list") else self.person
        by = who(options, timezone.localdate(at))
        if part == "draw":
            self._draw(by, at, options)
        elif part == "redraw":
            self._redraw(by, options)
        elif part == "list":
            self._list(by, options)
        else:
            told: dict[str, Any] = {"by": by, "at": at, "reason": options["reason"]}
            if part == "fail":
                told["criteria"] = [key for key in options["criteria"].split(",") if key]
            verb: Any = VERBS[part][0]
            self._say([verb(options["check"], **told)], options)

    def _draw(self, by: Actor, at: Any, options: dict[str, Any]) -> None:
        programme = arguments.programme(options["programme"])
        wish = {
            "closed_from": arguments.day(options["closed_from"]),
            "closed_until": arguments.day(options["closed_until"]),
            "percent": options["percent"],
            "at_least": options["at_least"],
            "seed": options["seed"],
        }
        if options["dry_run"]:
            deeds.check_may_draw(programme, by)
            plan = deeds.plan(programme, **wish)
            sizes = {county: len(numbers) for county, numbers in plan.drawn.items()}
            lines = [f"{county}\t{size}" for county, size in sizes.items()]
            self._print({"of": plan.of, "drawn": sizes}, lines, options)
            return
        row = deeds.draw(programme, by=by, at=at, **wish)
        figures = {"id": row.pk, "seed": row.seed, "drawn": row.drawn}
        self._print(figures, [f"{row.pk}\t{row.seed}", *row.drawn], options)

    def _redraw(self, by: Actor, options: dict[str, Any]) -> None:
        row = SpotDraw.objects.filter(pk=options["draw"]).select_related("programme__city").first()
        if row is None:
            raise CommandError(_("There is no draw of this number."))
        deeds.check_may_draw(row.programme, by)
        again = deeds.redrawn(row)
        figures = {"id": row.pk, "seed": row.seed, "drawn": again, "same": again == row.drawn}
        self._print(figures, again, options)
        if again != row.drawn:
            raise CommandError(_("The seed draws others than those on record."))

    def _list(self, by: Actor, options: dict[str, Any]) -> None:
        rows = SpotCheck.objects.filter(case__in=Case.objects.visible_to(by))
        if options["draw"] is not None:
            rows = rows.filter(draw=options["draw"])
        self._say(list(rows.select_related(*spot_checks.WITH)), options)

    def _say(self, checks: list[SpotCheck], options: dict[str, Any]) -> None:
        found = [
            {
                "id": one.pk,
                "draw": one.draw_id,
                "number": one.case.number,
                "county": one.case.county.name,
                "firm": one.case.subject,
                "state": one.state,
                "reason": one.reason,
                "criteria": one.criteria,
                "explain_by": one.explain_by,
                "explanation": one.explanation,
                "decision": one.decision,
            }
            for one in checks
        ]
        words = "%(id)s\t%(number)s\t%(county)s\t%(firm)s\t%(state)s\t%(reason)s"
        self._print(found, [words % row for row in found], options)

    def _print(self, found: Any, lines: list[str], options: dict[str, Any]) -> None:
        if options["json"]:
            self.say_json(found)
            return
        for line in lines:
            self.stdout.write(line)
