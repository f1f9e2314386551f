"""``manage.py audit verify|seal|anchor``: is the trail as it was written?"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import sealing
from cases.sealing import Anchor
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
    gettext_noop("the chain is not the one that was written down"),
)

# moment, chain, place, digest
CELLS = 4


class Command(Door):
    help = "Recomputes the chain of the trail, names the first break; seals; writes the heads down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="verify|seal|anchor")
        verify = parts.add_parser("verify", help="look at everything")
        verify.add_argument("--against", metavar="FILE", help="heads that anchor wrote down")
        seal = parts.add_parser("seal", help="seal what is new")
        anchor = parts.add_parser("anchor", help="write the heads down, outside of this machine")
        anchor.add_argument("--to", metavar="FILE", help="add them to this file")
        for part in (verify, seal, anchor):
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        by = self.actor(options)
        if not (by.is_system or by.may(Act.READ_AUDIT)):
            raise Refused("not_auditor", _("The trail is for the audit administrator."))
        {"seal": self._seal, "verify": self._verify, "anchor": self._anchor}[options["part"]](
            options
        )

    def _anchor(self, options: dict[str, Any]) -> None:
        """Sealed first, so that the heads stand for everything until now."""
        sealing.seal(every=True)
        heads = sealing.anchored()
        now = timezone.localtime(clock.now()).isoformat(timespec="seconds")
        lines = [f"{now}\t{one.chain}\t{one.position}\t{one.digest}" for one in heads]
        if options["to"]:
            _add_lines(Path(options["to"]), lines)
        pulse.beat("anchor", clock.now(), chains=len(heads))
        if options["json"]:
            self.say_json([asdict(one) for one in heads])
        else:
            self.stdout.write("\n".join(lines))

    def _seal(self, options: dict[str, Any]) -> None:
        sealed = sealing.seal(every=True)
        pulse.beat("seal", clock.now(), sealed=sealed)
        if options["json"]:
            self.say_json({"sealed": sealed})
        else:
            self.stdout.write(_("%(n)s events sealed.") % {"n": sealed})

    def _verify(self, options: dict[str, Any]) -> None:
        found = sealing.verify()
        if options["against"]:
            found.breaks.extend(sealing.compare(_kept_in(Path(options["against"]))))
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


def _add_lines(path: Path, lines: list[str]) -> None:
    """Whole and on the disk before it is said to be."""
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def _kept_in(path: Path) -> list[Anchor]:
    """Lines as ``anchor`` writes them: moment, chain, place, digest."""
    kept = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        cells = line.split("\t")
        if len(cells) != CELLS or not (cells[1].isdecimal() and cells[2].isdecimal()):
            words = _("Line %(n)s of “%(name)s” is no head of a chain.")
            raise Refused("no_heads", words % {"n": number, "name": path.name})
        kept.append(Anchor(int(cells[1]), int(cells[2]), cells[3]))
    return kept
