"""``manage.py policies P [--firm F]``: whom each policy fits, who was told; what fits a firm."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from cases.offers import Offers, fitting_one, offers
from config.commanding import Door
from config.management import arguments
from config.management.firm_file import firm_in
from workflows.policies import Policy
from workflows.text import localised


class Command(Door):
    help = "Prints the plan's policies: whom they fit, who was told, who applied; or for one firm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", help="the key of a programme, such as sanmenxia-2022")
        parser.add_argument("--firm", default="", help="credit code or name: what fits this firm")
        parser.add_argument("--as-of", metavar="DAY", help="default: today")
        super().add_arguments(parser)

    def work(self, options: dict[str, Any]) -> None:
        programme = arguments.programme(options["programme"])
        on = arguments.day(options["as_of"])
        if options["firm"]:
            firm = firm_in(programme.city, options["firm"])
            self._of_firm(fitting_one(programme, firm, on), options)
            return
        found = offers(programme, on)
        if options["json"]:
            self.say_json([{**_described(one.policy), **_figures(one)} for one in found])
            return
        for one in found:
            counts = (one.fits, one.offered, one.told, one.closed)
            words = [localised(one.policy.title), *(str(count) for count in counts)]
            self.stdout.write("\t".join(words))

    def _of_firm(self, found: list[Policy], options: dict[str, Any]) -> None:
        if options["json"]:
            self.say_json([_described(policy) for policy in found])
            return
        if not found:
            self.stdout.write(_("No policy of the plan fits this firm."))
        for policy in found:
            gives = [f"{localised(one.label)} {one.value}" for one in policy.gives]
            self.stdout.write("\t".join([localised(policy.title), *gives]))


def _described(policy: Policy) -> dict[str, Any]:
    return {
        "key": policy.key,
        "title": localised(policy.title),
        "unit": policy.leads[0],
        "paper": policy.paper,
        "gives": [
            {
                "label": localised(one.label),
                "value": one.value,
                "was": one.was,
                "since": one.since,
                "when": localised(one.when),
            }
            for one in policy.gives
        ],
        "needs": [localised(one) for one in policy.needs],
        "steps": [localised(one) for one in policy.steps],
    }


def _figures(one: Offers) -> dict[str, Any]:
    return {
        "fits": one.fits,
        "offered": one.offered,
        "told": one.told,
        "classes": one.by_class,
        "closed": one.closed,
    }
