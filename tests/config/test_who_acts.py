"""What a person signs or decides is not done without a name; what a clock may do is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command, load_command_class

from config.management.case_verbs import VERBS

PERSONAL = {
    "case": tuple(VERBS),
    "extensions": ("grant", "refuse"),
    "drafts": ("release", "drop"),
}


def _needed(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The least that a part of a command takes."""
    for action in parser._actions:
        if action.required:
            yield from (*action.option_strings[-1:], "1")


@pytest.mark.django_db
@pytest.mark.parametrize("name", PERSONAL)
def test_a_persons_act_names_the_person(name: str) -> None:
    parser = load_command_class("config", name).create_parser("manage.py", name)
    [parts] = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for part in PERSONAL[name]:
        with pytest.raises(CommandError, match="请用--by ACCOUNT写明办理人"):
            call_command(name, part, *_needed(parts.choices[part]))
    # to look, nobody need be named
    looking = set(parts.choices) - set(PERSONAL[name])
    assert looking == ({"list", "show"} if name == "case" else {"list"})
    call_command(name, "list")
