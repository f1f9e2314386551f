"""No option of a command is without a test: each is written out where the command is called."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

TESTS = Path(__file__).resolve().parents[1]
# what every command has, from Django or from ours; --by and --json are tested with the doors
COMMON = frozenset({
    "--help", "-h", "--version", "-v", "--verbosity", "--settings", "--pythonpath", "--traceback",
    "--no-color", "--force-color", "--skip-checks", "--by", "--json",
})  # fmt: skip
Part = tuple[str, argparse.ArgumentParser]


def ours() -> list[str]:
    return sorted(name for name, app in get_commands().items() if app == "config")


def parsers(name: str) -> Iterator[Part]:
    """Each part of a command by its words: ``case advance``."""

    def walk(words: str, parser: argparse.ArgumentParser) -> Iterator[Part]:
        yield words, parser
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for key, part in action.choices.items():
                    yield from walk(f"{words} {key}", part)

    yield from walk(name, load_command_class("config", name).create_parser("manage.py", name))


@cache
def sources() -> dict[Path, str]:
    files = (path for path in TESTS.rglob("*.py") if path != Path(__file__))
    return {path: path.read_text(encoding="utf-8") for path in files}


def is_called(words: str, option: str) -> bool:
    """Whether a test file names the command's words and the option, or its keyword."""
    keyword = option.lstrip("-").replace("-", "_")
    wanted = [rf'"{re.escape(word)}"' for word in words.split()]
    return any(
        all(re.search(word, text) for word in wanted)
        and (not option or re.search(rf'"{option}["= ]|\b{keyword}=', text))
        for text in sources().values()
    )


def options_of(parser: argparse.ArgumentParser) -> set[tuple[str, ...]]:
    found = (tuple(action.option_strings) for action in parser._actions)
    return {names for names in found if names and not COMMON & set(names)}


def untested(name: str) -> set[str]:
    """Options that all parts of a command share need one test, the others one for their part."""
    parts = [(words, options_of(parser)) for words, parser in parsers(name)]
    inner = [options for words, options in parts if words != name]
    shared = set.intersection(*inner) if inner else set()
    asked = {(name, names) for names in shared}
    asked |= {(words, names) for words, options in parts for names in options - shared}
    return {
        f"{words} {names[-1]}"
        for words, names in asked
        if not any(is_called(words, option) for option in names)
    }


@pytest.mark.parametrize("name", ours())
def test_every_option_is_used_by_a_test(name: str) -> None:
    assert untested(name) == set()


@pytest.mark.parametrize("name", ours())
def test_every_part_is_called_by_a_test(name: str) -> None:
    assert {words for words, _parser in parsers(name) if not is_called(words, "")} == set()
