"""``manage.py lists show|save|rename|delete|default|columns --by ACCOUNT``: a person's lists."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from cases.actions import lists
from cases.columns_chosen import columns_of
from cases.models import SavedList
from cases.views.saved_lists import default_of
from config.commanding import Door
from organisations import clock
from organisations.scope import Actor


class Command(Door):
    help = "Filters of the ledger that a person keeps under names, and the columns of his ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        parts.add_parser("show", help="the filters in sight, the columns, what opens first")
        save = parts.add_parser("save", help="keep a filter under a name")
        save.add_argument("name")
        save.add_argument("query", help="as the address has it, such as chip=overdue&idle=15")
        save.add_argument("--for", dest="audience", default="own", choices=["own", "unit", "city"])
        rename = parts.add_parser("rename", help="another name")
        rename.add_argument("name")
        rename.add_argument("new")
        delete = parts.add_parser("delete", help="for everybody with whom it was shared")
        delete.add_argument("name")
        default = parts.add_parser("default", help="what the ledger opens with")
        default.add_argument("name", nargs="?", default="", help="none: the whole ledger")
        columns = parts.add_parser("columns", help="which columns, in this order")
        columns.add_argument("keys", nargs="*", metavar="KEY", help="none: as they were made")
        for part in parts.choices.values():
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        by, at = self.person(options), clock.now()
        match options["part"]:
            case "save":
                lists.save_list(
                    by=by,
                    at=at,
                    name=options["name"],
                    query=options["query"],
                    audience=options["audience"],
                )
            case "rename":
                lists.rename_list(_named(options["name"], by), by=by, at=at, name=options["new"])
            case "delete":
                lists.delete_list(_named(options["name"], by), by=by, at=at)
            case "default":
                pk = _named(options["name"], by) if options["name"] else None
                lists.choose_default(pk, by=by)
            case "columns":
                lists.choose_columns(options["keys"], by=by)
        self._say(by, options)

    def _say(self, by: Actor, options: dict[str, Any]) -> None:
        first = default_of(by)
        found: dict[str, list[Any]] = {
            "lists": [
                {
                    "name": one.name,
                    "query": one.query,
                    "for": one.audience,
                    "opens_first": one.pk == first,
                }
                for one in SavedList.objects.visible_to(by)
            ],
            "columns": [column.key for column in columns_of(by)],
        }
        if options["json"]:
            self.say_json(found)
            return
        for one in found["lists"]:
            mark = "*" if one["opens_first"] else ""
            self.stdout.write("\t".join([one["name"], one["query"], one["for"], mark]))
        self.stdout.write(" ".join(found["columns"]))


def _named(name: str, by: Actor) -> int:
    """One's own of this name first, then one that is shared."""
    rows = SavedList.objects.visible_to(by).filter(name=name)
    own = rows.filter(owner=by.user).first() or rows.first()
    if own is None:
        raise CommandError(_("There is no filter “%(name)s”.") % {"name": name})
    return own.pk
