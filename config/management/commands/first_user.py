"""``manage.py first_user``: the first person of a city, who appoints everybody else."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from config.commanding import Door
from config.management import arguments
from organisations import clock, setup
from organisations.models import Region
from organisations.roles import Role

ROLES = (Role.OFFICE, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


class Command(Door):
    help = "Creates the first account of the city's office and prints its one-time password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--username", required=True, help="phone number or work number")
        parser.add_argument(
            "--phone", default="", help="whom letters of the office name is called by it"
        )
        parser.add_argument("--role", default=Role.OFFICE.value, choices=[r.value for r in ROLES])
        parser.add_argument("--city", default="", help="needed where there are several cities")
        parser.add_argument(
            "--from", dest="from_on", metavar="DAY", help="holds the post since; default: today"
        )
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        user, post, password = setup.first_user(
            city=self.city(options["city"]) if options["city"] else _only_city(),
            username=options["username"],
            name=options["name"],
            role=options["role"],
            phone=options["phone"],
            from_on=arguments.day(options["from_on"]),
            at=clock.now(),
        )
        result = {"username": user.username, "post": str(post), "password": password}
        if options["json"]:
            self.say_json(result)
        else:
            words = _("%(username)s is %(post)s. One-time password: %(password)s")
            self.stdout.write(words % result)


def _only_city() -> Region:
    cities = list(Region.objects.cities()[:2])
    if len(cities) != 1:
        raise CommandError(_("Say which city: --city NAME (make one with set_up_city)."))
    return cities[0]
