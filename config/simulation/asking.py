"""What is simulated: a pack by key, file or version; a register; a plan with its days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from config.simulation.outcome import WAVES, Plan
from organisations import clock
from organisations.errors import Refused
from workflows.models import ProgrammeVersion
from workflows.packs import SHIPPED, Pack, parse_pack, shipped_text

LONGEST = 1100  # days of one run


def shipped() -> tuple[str, ...]:
    """Keys of the packs that ship with the product."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def pack_named(name: str) -> Pack:
    """A pack by file, by version (``luoyang-2022@1``), or by key: issued, else shipped.

    Raises ``PackError`` for a file with faults, ``OSError`` for one that cannot be read.
    """
    if Path(name).suffix in (".yaml", ".yml"):
        text = Path(name).read_text(encoding="utf-8")
        return parse_pack(text, Path(name).name, issued_on=clock.today())
    key, _at, number = name.partition("@")
    rows = ProgrammeVersion.objects.filter(programme__key=key).order_by("-number")
    found = rows.filter(number=int(number) if number.isdecimal() else 0) if number else rows
    version = found.first()
    if version is not None:
        return version.pack
    if number or key not in shipped():
        known = ", ".join(dict.fromkeys([*_issued(), *shipped()]))
        words = _("There is no pack “%(name)s”. There is: %(known)s; or name a file (.yaml).")
        raise Refused("no_pack", words % {"name": name, "known": known})
    return parse_pack(shipped_text(key), f"{key}.yaml", issued_on=clock.today())


def _issued() -> list[str]:
    rows = ProgrammeVersion.objects.order_by("programme__key", "number")
    return [f"{key}@{number}" for key, number in rows.values_list("programme__key", "number")]


def plan_of(
    pack: Pack,
    *,
    start: date | None,
    until: date | None,
    seed: int,
    runs: int,
    wave: str,
    every: int,
) -> Plan:
    """The plan with the pack's own days where none are given; refuses what makes no sense."""
    start, until = start or pack.work_from, until or pack.work_until
    if until <= start:
        words = _("The last day must come after the first: %(start)s – %(until)s.")
        raise Refused("days", words % {"start": start.isoformat(), "until": until.isoformat()})
    if (until - start).days > LONGEST:
        raise Refused("days", _("At most three years are played at once."))
    if wave not in WAVES:
        known = {"known": ", ".join(WAVES)}
        raise Refused("wave", _("Cases are opened in one of these ways: %(known)s.") % known)
    return Plan(start, until, seed, runs, wave, every)
