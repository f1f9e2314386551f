"""``programme versions|diff|migrate``: the life of a pack after it is issued."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import migrating
from cases.actions.migrating import Migration
from cases.labels import stage_title
from cases.versions import open_by_version, touched_by
from config.commanding import Door
from config.management import arguments
from organisations.scope import Actor
from workflows.models import ProgrammeVersion
from workflows.pack_diff import PARTS, compare
from workflows.packs import Pack, parse_pack

KEEP, RECOMPUTE = "keep", "recompute"


def add_migrate(part: ArgumentParser) -> None:
    part.add_argument("key", help="the programme")
    part.add_argument("--from", dest="from_number", type=int, required=True, metavar="N")
    part.add_argument("--to", dest="to_number", type=int, required=True, metavar="N")
    part.add_argument(
        "--map",
        nargs="+",
        action="extend",
        default=[],
        metavar="OLD=NEW",
        help="where a stage goes on; procedure.stage=NEW for one procedure only",
    )
    part.add_argument(
        "--deadlines",
        choices=[KEEP, RECOMPUTE],
        default=KEEP,
        help="keep the dates (default), or compute them by the new limits",
    )
    part.add_argument(
        "--leave", action="store_true", help="move what can move; the rest keeps its version"
    )
    part.add_argument("--dry-run", action="store_true", help="say what would happen")


# --- list and compare ----------------------------------------------------------------------------
def tell_versions(door: Door, options: dict[str, Any]) -> None:
    programme = arguments.programme(options["key"])
    running = open_by_version(programme.pk)
    rows: list[dict[str, Any]] = [
        {
            "version": version.number,
            "issued_at": version.issued_at,
            "issued_by": str(version.issued_by or ""),
            "sha256": version.sha256,
            "open_cases": running.get(version.pk, 0),
        }
        for version in programme.versions.select_related("issued_by").defer("source")
    ]
    if options["json"]:
        door.say_json({"key": programme.key, "versions": rows})
        return
    for row in rows:
        moment = timezone.localtime(row["issued_at"]).strftime("%Y-%m-%d %H:%M")
        words = _(
            "Version %(version)d, issued %(moment)s by %(by)s, open cases (child cases too):"
            " %(n)d, %(hash)s"
        )
        names = {"moment": moment, "by": row["issued_by"] or "—", "hash": row["sha256"][:12]}
        door.stdout.write(words % {**row, **names, "n": row["open_cases"]})


def tell_difference(door: Door, options: dict[str, Any]) -> None:
    """Two versions (``luoyang-2022@1``; without a number the newest) or files."""
    on = timezone.localdate(arguments.moment(options["at"]))
    (old, version), (new, _other) = (_side(options[name], on) for name in ("old", "new"))
    diff = compare(old, new)
    touched = touched_by(diff, version) if version else None
    if options["json"]:
        cases = {"open": touched.open, "touched": touched.touched} if touched else None
        door.say_json({"changes": [c._asdict() for c in diff.changes], "cases": cases})
        return
    for part, changes in diff.parts().items():
        door.stdout.write(str(PARTS[part]))
        for change in changes:
            door.stdout.write("  " + "\t".join(filter(None, (change.where, change.words))))
    if not diff.changes:
        door.stdout.write(_("Nothing that decides anything has changed."))
    if touched:
        words = _(
            "Open cases under version %(n)d, child cases too: %(open)d, of which %(touched)d are"
            " concerned."
        )
        names = {"n": version.number if version else 0, "open": touched.open}
        door.stdout.write(words % {**names, "touched": touched.touched})


def _side(name: str, on: date) -> tuple[Pack, ProgrammeVersion | None]:
    key, _at, number = name.partition("@")
    if Path(name).is_file():
        return parse_pack(arguments.text_of(name), Path(name).name, issued_on=on), None
    if "/" in name or name.endswith((".yaml", ".yml")):
        arguments.text_of(name)  # refuses with the reason
    programme = arguments.programme(key)
    if not number:
        return programme.current.pack, programme.current
    found = programme.versions.filter(number=int(number) if number.isdecimal() else 0).first()
    if found is None:
        known = "、".join(f"{key}@{n}" for n in programme.versions.values_list("number", flat=True))
        words = _("There is no “%(name)s”. There is: %(known)s.")
        raise CommandError(words % {"name": name, "known": known})
    return found.pack, found


# --- migrate -------------------------------------------------------------------------------------
def move_cases(door: Door, options: dict[str, Any]) -> None:
    at = arguments.moment(options["at"])
    programme = arguments.programme(options["key"])
    by: Actor = door.actor(options, timezone.localdate(at))
    found = migrating.migrate(
        programme,
        from_number=options["from_number"],
        to_number=options["to_number"],
        stages=_stage_map(options["map"]),
        recompute=options["deadlines"] == RECOMPUTE,
        leave=options["leave"],
        dry_run=options["dry_run"],
        by=by,
        at=at,
    )
    pack = programme.versions.get(number=options["to_number"]).pack
    if options["json"]:
        door.say_json(_as_json(found))
    else:
        _say(door, found, pack)
    if found.kept and not (options["leave"] or options["dry_run"]):
        words = _("Nothing was moved. With --leave the cases named keep their version.")
        raise arguments.Told(words)


def _stage_map(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not (old and equals and new):
            raise CommandError(_("A map is written old=new, such as matching=talks."))
        found[old.strip()] = new.strip()
    return found


def _as_json(found: Migration) -> dict[str, Any]:
    return {
        "done": found.is_done,
        "moved": found.moved,
        "children": found.children,
        "redated": found.redated,
        "stages": [
            {"procedure": procedure, "from": old, "to": new, "cases": n}
            for (procedure, old, new), n in sorted(found.stages.items())
        ],
        "kept": [
            {"case": kept.case.number, "code": kept.code, "words": kept.words}
            for kept in found.kept
        ],
    }


def _say(door: Door, found: Migration, pack: Pack) -> None:
    for (procedure, old, new), n in sorted(found.stages.items()):
        names = [stage_title(pack, procedure, key) for key in (old, new)]
        door.stdout.write(f"{names[0]} → {names[1]}\t{n}")
    for kept in found.kept:
        door.stdout.write(f"{kept.case.number}\t{kept.words}")
    words = (
        _("Moved: %(moved)d cases with %(children)d child cases, %(redated)d dates changed.")
        if found.is_done
        else _("Would move: %(moved)d cases with %(children)d child cases, %(redated)d dates.")
    )
    figures = {"moved": found.moved, "children": found.children, "redated": found.redated}
    door.stdout.write(words % figures)
