"""``manage.py load``: open items, due this week and overdue, by unit and post."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from cases.loads import as_json, loads
from config.commanding import Door
from config.management import arguments
from organisations.models import Unit


class Command(Door):
    help = "Says who has how much: by unit and post, vacant posts among them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--unit", default="", help="only units with this in their name")
        parser.add_argument(
            "--kind", choices=Unit.Kind.values, help="such as task_force or department"
        )
        parser.add_argument("--as-of", metavar="DAY", help="default: today")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        on = arguments.day(options["as_of"])
        found = [
            one
            for one in loads(self.actor(options, on), on)
            if options["unit"] in one.unit.name + one.unit.short_name
            and options["kind"] in (None, one.unit.kind)
        ]
        if options["json"]:
            self.say_json(as_json(found, on))
            return
        for unit in found:
            count = unit.count
            self.stdout.write(f"{unit.unit}\t{count.open}\t{count.week}\t{count.overdue}")
            for post in unit.posts:
                who = "、".join(str(t.user) for t in post.holders) or "—"
                figures = f"{post.count.open}\t{post.count.week}\t{post.count.overdue}"
                self.stdout.write(f"  {post.post.name} {who}\t{figures}")
