"""``manage.py audit verify|seal|anchor|list|export``: is the trail as it was written, and what
does it say?"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cases import sealing
from cases.sealing import Anchor
from config.commanding import Door
from config.management import arguments
from config.trail import rows as trail
from config.trail import verdict
from config.trail.lookers import look_together
from config.trail.rows import Asked
from config.trail.workbook import check_size, write_trail
from notifications import pulse
from organisations import clock
from organisations.errors import Refused
from organisations.roles import Act
from organisations.scope import Actor

# moment, chain, place, digest
CELLS = 4


class Command(Door):
    help = "Recomputes the chain of the trail, names the first break; seals; writes the heads down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(
            dest="part", required=True, metavar="verify|seal|anchor|list|export"
        )
        verify = parts.add_parser("verify", help="look at everything")
        verify.add_argument("--against", metavar="FILE", help="heads that anchor wrote down")
        seal = parts.add_parser("seal", help="seal what is new")
        anchor = parts.add_parser("anchor", help="write the heads down, outside of this machine")
        anchor.add_argument("--to", metavar="FILE", help="add them to this file")
        listed = parts.add_parser("list", help="who did what, when; newest first")
        listed.add_argument("--limit", type=arguments.at_least_one, default=50)
        export = parts.add_parser("export", help="the same as a workbook")
        export.add_argument("file", metavar="FILE")
        for part in (listed, export):
            part.add_argument("--kind", default="", help="such as sign_in, export, setting, cases")
            part.add_argument("--who", default="", metavar="NAME", help="a name or an account")
            part.add_argument("--since", metavar="DAY")
            part.add_argument("--until", metavar="DAY")
        for part in (verify, seal, anchor, listed, export):
            super().add_arguments(part)

    def work(self, options: dict[str, Any]) -> None:
        by = self.actor(options)
        if options["part"] in ("list", "export"):
            self._tell(options, by)
            return
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
        pulse.beat("anchor", clock.of_the_machine(), chains=len(heads))
        if options["json"]:
            self.say_json([asdict(one) for one in heads])
        else:
            self.stdout.write("\n".join(lines))

    def _seal(self, options: dict[str, Any]) -> None:
        sealed = sealing.seal(every=True)
        pulse.beat("seal", clock.of_the_machine(), sealed=sealed)
        if options["json"]:
            self.say_json({"sealed": sealed})
        else:
            self.stdout.write(_("%(n)s events sealed.") % {"n": sealed})

    def _verify(self, options: dict[str, Any]) -> None:
        kept = _kept_in(Path(options["against"])) if options["against"] else []
        found = verdict.look(clock.of_the_machine(), kept, look_together)
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
            lines = [verdict.place(asdict(one)) for one in found.breaks]
            raise Refused("broken_trail", "\n".join(lines))

    def _tell(self, options: dict[str, Any], by: Actor) -> None:
        if not (by.is_system or any(by.may(act) for act in trail.READERS)):
            raise Refused("not_auditor", _("The trail is for the audit administrator."))
        asked = _asked(options, [kind for kind, _label in trail.kinds_for(by)])
        rows = trail.entries(by, asked)
        if options["part"] == "export":
            check_size(rows)
            path = Path(options["file"])
            with path.open("wb") as file:
                count = write_trail(file, rows, asked, clock.now())
            self.took("trail", path.name, by=by, rows=count)
            said = {"file": str(path), "rows": count}
            if options["json"]:
                self.say_json(said)
            else:
                self.stdout.write(_("%(file)s: %(rows)s lines.") % said)
            return
        found = list(trail.lines(rows[: options["limit"]], clock.today()))
        if options["json"]:
            self.say_json([asdict(one) for one in found])
            return
        for one in found:
            at = timezone.localtime(one.at).strftime("%Y-%m-%d %H:%M:%S")
            cells = (at, one.who, one.deed, one.subject, _(", ").join(one.details), one.address)
            self.stdout.write("\t".join(cells))


def _asked(options: dict[str, Any], kinds: list[str]) -> Asked:
    if options["kind"] and options["kind"] not in kinds:
        words = _("There is no kind “%(kind)s” for you. There is: %(known)s.")
        raise Refused("no_kind", words % {"kind": options["kind"], "known": " ".join(kinds)})
    days = {
        name: arguments.day(options[name]) if options[name] else None for name in ("since", "until")
    }
    return Asked(options["kind"], options["who"], days["since"], days["until"])


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
