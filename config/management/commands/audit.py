"""``manage.py audit verify|seal``: is the trail as it was written?"""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import sealing
from config.commanding import Door
from notifications import pulse
from organisations import clock
from organisations.errors import Refused
from organisations.roles import Act

WHAT = (
    gettext_noop("a seal is missing"),
    gettext_noop("the event is missing"),
    gettext_noop("the event was changed"),
    gettext_noop("the end of the chain is missing"),
)


class Command(Door):
    help = "Recomputes the chain of the trail and names the first break, or seals what is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="verify|seal")
        for name, words in (("verify", "look at everything"), ("seal", "seal what is new")):
            super().add_arguments(parts.add_parser(name, help=words))

    def work(self, options: dict[str, Any]) -> None:
        by = self.actor(options)
        if not (by.is_system or by.may(Act.READ_AUDIT)):
            raise Refused("not_auditor", _("The trail is for the audit administrator."))
        if options["part"] == "seal":
            self._seal(options)
        else:
            self._verify(options)

    def _seal(self, options: dict[str, Any]) -> None:
        sealed = sealing.seal(every=True)
        pulse.beat("seal", clock.now(), sealed=sealed)
        if options["json"]:
            self.say_json({"sealed": sealed})
        else:
            self.stdout.write(_("%(n)s events sealed.") % {"n": sealed})

    def _verify(self, options: dict[str, Any]) -> None:
        found = sealing.verify()
        pulse.beat("verify", clock.now(), sealed=found.sealed, breaks=len(found.breaks))
        if options["json"]:
            self.say_json(asdict(found))
            if found.breaks:
                raise SystemExit(1)
            return
        words = _("%(sealed)s events sealed, %(unsealed)s not yet.")
        self.stdout.write(words % {"sealed": found.sealed, "unsealed": found.unsealed})
        for chain, head in found.heads.items():
            self.stdout.write(f"{chain}\t{head}")
        if found.breaks:
            place = _("chain %(chain)s, place %(position)s, %(trail)s event %(event)s: %(what)s")
            lines = [place % {**asdict(one), "what": _(one.what)} for one in found.breaks]
            raise Refused("broken_trail", "\n".join(lines))
