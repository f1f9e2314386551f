"""A city of a former release, with open cases and queued letters, migrates and goes on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from tests import servers
from tests.architecture import ROOT
from tests.prove import lanes

OF_SQLITE, OF_POSTGRES = "release-*.sql.gz", "release-*.pgdump.gz"


def main(arguments: list[str]) -> dict[str, Any]:
    """Figures by database, of each release; ``rows``: of all of them."""
    parser = ArgumentParser(prog="bin/prove upgrade")
    parser.add_argument("--quick", action="store_true", help="the last release, on SQLite only")
    known = parser.parse_args(arguments)
    files = _releases(OF_SQLITE)
    found = {"sqlite": [_go_on(name) for name in (files[-1:] if known.quick else files)]}
    if not known.quick:
        found["postgresql"] = [_on_a_server(name) for name in _releases(OF_POSTGRES)]
    every = [one for released in found.values() for one in released]
    rows = sum(one.get("rows", 0) for one in every)
    return {"holds": all(one["holds"] for one in every), "rows": rows, **found}


def _releases(kind: str) -> list[str]:
    """The oldest first."""
    return sorted(path.name for path in (ROOT / "tests/data").glob(kind))


def _on_a_server(release: str) -> dict[str, Any]:
    with servers.postgres() as url:
        return _go_on(release, url)


def _go_on(release: str, url: str = "") -> dict[str, Any]:
    return lanes.answer(lanes.start("upgrading.run", url, release=release))
