"""``manage.py undo_import ID``: an import is taken back exactly."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config.commanding import Door
from config.importing import take_back
from config.management import arguments
from enterprises.models import ImportBatch
from organisations import clock


class Command(Door):
    help = "Takes back an import of the last 24 hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=arguments.number, help="the import's number")
        parser.add_argument(
            "--knowing",
            action="store_true",
            help="I know how many cases rest on a filing list; without it they are told",
        )
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        batch = ImportBatch.objects.select_related("city").filter(pk=options["id"]).first()
        if batch is None:
            raise CommandError(_("There is no import no. %(id)s.") % {"id": options["id"]})
        by, knowing = self.actor(options), options["knowing"]
        take_back(batch, by=by, at=clock.now(), knowing=knowing)
        if options["json"]:
            self.say_json({"undone": batch.pk})
        else:
            self.stdout.write(_("Import no. %(id)s was taken back.") % {"id": batch.pk})
