"""A city of the last release, with open cases and queued letters, migrates and goes on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from tests.prove import lanes


def main(arguments: list[str]) -> dict[str, Any]:
    parser = ArgumentParser(prog="bin/prove upgrade")
    parser.add_argument("--quick", action="store_true", help="the same")
    parser.parse_args(arguments)
    return lanes.answer(lanes.start("upgrading.run"))
