"""``--help`` in the language of the installation; Chinese lines are measured as they are seen.

Texts stand in the commands as English words; the catalogue of ``config`` has their Chinese under
the context ``command``, so that "why" on the command line and "why" on a button never meet.
"""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import CommandParser, DjangoHelpFormatter
from django.utils.translation import pgettext

CONTEXT = "command"
# what must not begin a line
CLOSING = "，。；：、！？）》」』”’"


def words(text: str) -> str:
    """A text of a command in the language of the installation."""
    return pgettext(CONTEXT, text) if text else ""


class Help(DjangoHelpFormatter):
    """Headings, descriptions and helps by the catalogue; no line wider than the terminal."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, words("usage: ") if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(words(heading) if heading else heading)

    def add_text(self, text: str | None) -> None:
        super().add_text(words(text) if text and text != argparse.SUPPRESS else text)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return words(action.help) if action.help else action.help

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(lines(" ".join(text.split()), width))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        found = lines(" ".join(text.split()), width - len(indent))
        return "\n".join(indent + line for line in found)


def speak(parser: CommandParser) -> CommandParser:
    """Give a parser and all its parts our way of showing help."""
    parser.formatter_class = Help
    for part in parts_of(parser):
        speak(part)
    return parser


def parts_of(parser: argparse.ArgumentParser) -> Iterator[Any]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


def texts_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Everything that ``--help`` of a command and of its parts can say."""
    if parser.description:
        yield parser.description
    yield from (group.title for group in parser._action_groups if group.title)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from (choice.help for choice in action._choices_actions if choice.help)
        if action.help and action.help != argparse.SUPPRESS:
            yield action.help
    for part in parts_of(parser):
        yield from texts_of(part)


def lines(text: str, width: int) -> Iterator[str]:
    """Cut a text where a line is full: between Chinese characters, or at a blank."""
    line, used = "", 0
    for piece in _pieces(text):
        wide = shown_width(piece)
        if line and used + shown_width(piece.rstrip()) > width and piece[0] not in CLOSING:
            yield line.rstrip()
            line, used = "", 0
        line, used = line + piece, used + wide
    if line.strip():
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Words with the blank behind them, and Chinese characters one by one."""
    word = ""
    for sign in text:
        if _is_wide(sign):
            if word:
                yield word
            yield sign
            word = ""
        else:
            word += sign
            if sign == " ":
                yield word
                word = ""
    if word:
        yield word


def shown_width(text: str) -> int:
    """In columns of a terminal."""
    return sum(2 if _is_wide(sign) else 1 for sign in text)


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"
