"""What a person signs or decides is not done without a name; what a clock may do is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from config.management.case_verbs import VERBS
from tests.config.test_dry_runs import options_of, parts_of

# commands, or parts of one, that sign, decide or say something in a person's name
PERSONAL = {
    *(f"case {verb}" for verb in VERBS),
    *(f"bulk {act}" for act in ("urge", "reassign", "extend", "supervise", "undo")),
    "carry_over",
    "clerks invite",
    "clerks remove",
    "clerks revoke",
    "delegate add",
    "delegate revoke",
    "delivery confirm",
    "delivery resend",
    "document draft",
    "document register",
    "document sheet",
    "document step",
    "document style",
    "document urge",
    "drafts drop",
    "drafts release",
    "extensions grant",
    "extensions refuse",
    "field call",
    "field plan",
    "field route",
    "field visit",
    "firm reuse",
    "firm take_back",
    "firm visit",
    "hand_over",
    "lists columns",
    "lists default",
    "lists delete",
    "lists rename",
    "lists save",
    "lists show",
    "matter open",
    "note_sheet take",
    "note_sheet undo",
    "questions answer",
    "questions ask",
    "questions rate",
    "spot_checks draw",
    "spot_checks explain",
    "spot_checks fail",
    "spot_checks let_stand",
    "spot_checks pass",
    "spot_checks strike",
}
# to look, to check and to write a file nobody need be named
LOOKING = """
    assessment, audit export, audit list, calendar list, case form, case list, case show, changes,
    clerks list, delegate list,
    delivery list, document docx, document list, document merge, document pdf, document show,
    document xlsx, drafts list, extensions list, field visits, firm show, gaps, goals, groups,
    indicators, load, matter kinds, matter list, meeting, note_sheet write, pairings list,
    papers seen, policies, preferences, progress,
    programme check, programme diff, programme draw, programme schema, programme versions,
    questions list, rank, resources export, resources list, resources matched, resources suggest,
    resources template, spot_checks list, spot_checks redraw, status, suspensions
"""
# what the machine's keeper sets up and reads in, and what a clock, the plan or the register asks
# for: nobody's opinion is in it
KEEPING = """
    audit anchor, audit seal, audit verify, backup, calendar import, delivery send, demo, filing,
    firm number, firm numbers, first_user, freeze, ledger, matter listed, matter measures,
    open_cases, pairings import, pairings set, papers scan, papers sweep, papers work, people,
    province, programme issue, programme migrate, register,
    resources account, resources follow, resources import, restore, retention run, retention set,
    retention show, secret_key forget, secret_key rotate, secret_key show, set_up_city, simulate,
    tick, undo_import
"""
Parts = dict[str, argparse.ArgumentParser]


def parts() -> Parts:
    """Every command, or part of one, that takes ``--by``."""
    found: Parts = {}
    for name, app in get_commands().items():
        if app == "config":
            parser = load_command_class(app, name).create_parser("manage.py", name)
            found |= {key: one for key, one in parts_of(name, parser) if "--by" in options_of(one)}
    return found


def least(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The least that a command or a part of it takes."""
    for action in parser._actions:
        if action.required:
            value = next(iter(action.choices)) if action.choices else "1"
            yield from (*action.option_strings[-1:], str(value))


def words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",")}


def test_of_every_command_it_is_said_whether_a_person_must_be_named() -> None:
    unnamed = words(LOOKING) | words(KEEPING)
    assert set(parts()) == PERSONAL | unnamed
    assert not PERSONAL & unnamed


@pytest.mark.django_db
def test_a_persons_act_names_the_person() -> None:
    found = parts()
    unnamed = []
    for part in sorted(PERSONAL):
        try:
            call_command(*part.split(), *least(found[part]))
        except CommandError as refusal:
            if "请用--by ACCOUNT写明办理人" in str(refusal):
                continue
        unnamed.append(part)
    assert unnamed == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["case", "extensions", "drafts", "delegate"])
def test_to_look_nobody_need_be_named(name: str) -> None:
    call_command(name, "list")
