"""What a command says when it cannot go on: argparse, the database and the disk in our words."""

from __future__ import annotations

import re
from argparse import Namespace

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, DataError, IntegrityError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import errors

# what argparse says (CPython 3.11) → our words; the groups are the parts
PARSING: tuple[tuple[re.Pattern[str], Promise], ...] = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (
            r"argument (?P<name>.+?): invalid choice: (?P<given>.*?) \(choose from (?P<known>.*)\)",
            gettext_lazy("%(name)s: “%(given)s” is not possible. Choose from: %(known)s."),
        ),
        (
            r"argument (?P<name>.+?): invalid (?:int|float|_?\w+) value: '(?P<given>.*)'",
            gettext_lazy("%(name)s: “%(given)s” is no number."),
        ),
        (
            r"argument (?P<name>.+?): expected .*",
            gettext_lazy("%(name)s needs a value behind it."),
        ),
        (
            r"argument (?P<name>.+?): ignored explicit argument '(?P<given>.*)'",
            gettext_lazy("%(name)s takes no value; “%(given)s” is too much."),
        ),
        (
            r"the following arguments are required: (?P<name>.*)",
            gettext_lazy("This is missing: %(name)s. --help shows how to write it."),
        ),
        (
            r"unrecognized arguments: (?P<name>.*)",
            gettext_lazy("Not understood: %(name)s. --help shows what is possible."),
        ),
        (
            r"ambiguous option: (?P<name>\S+) could match (?P<known>.*)",
            gettext_lazy("%(name)s could mean several: %(known)s. Write it out."),
        ),
        # what our own types say, already in our words
        (r"argument (?P<name>.+?): (?P<given>.*)", gettext_lazy("%(name)s: %(given)s")),
    )
)
PLACES = ("VERB", "WHAT", "PART")
UNMIGRATED = re.compile(r"no such (table|column)|(relation|column) .* does not exist", re.DOTALL)
LOCKED = re.compile(r"database (table )?is locked|could not obtain lock|lock timeout|deadlock")


def parsing_words(message: str) -> str:
    """argparse's message about a command line, in our words."""
    message = message.removeprefix("Error: ").strip()
    for pattern, words in PARSING:
        match = pattern.fullmatch(message)
        if match:
            parts = {key: value.replace("'", "") for key, value in match.groupdict().items()}
            return str(words) % {**parts, "name": _named(parts["name"])}
    return message


def _named(name: str) -> str:
    """Options and arguments as they are typed; the place of a part has no name to be typed."""
    return _("The action") if name in PLACES else name


def parse(parser: CommandParser, arguments: list[str]) -> Namespace:
    """The options, or a ``CommandError`` in our words; ``--help`` ends the process as ever."""
    try:
        return parser.parse_args(arguments)
    except CommandError as wrong:
        raise CommandError(parsing_words(str(wrong))) from wrong


def database_words(error: DatabaseError) -> tuple[str, str]:
    """A code for programs and what to do, for a database that does not serve or refuses."""
    said = " ".join(str(error).split())
    if UNMIGRATED.search(said):
        return "not_prepared", _(
            "The database has no tables for this yet. Run “manage.py prepare” first."
        )
    if LOCKED.search(said):
        return "busy", _("The database is busy with other work. Nothing was changed; try again.")
    if errors.reason_of(error) == "gone":
        return "gone", _(
            "Somebody took back what this is about at the same moment. This step was not written; "
            "look at what is there now."
        )
    if isinstance(error, IntegrityError | DataError):
        words = _(
            "The database refused an entry, and this step was not written. It is a fault of the "
            "program; please report it: %(detail)s"
        )
        return "fault", words % {"detail": said}
    return "no_database", _("The database does not answer: %(detail)s") % {"detail": said}


def disk_words(error: OSError) -> str:
    """A file that cannot be read or written."""
    if error.filename is None:
        return _("A file or connection failed: %(detail)s") % {"detail": error.strerror or error}
    words = _("“%(name)s” cannot be read or written: %(detail)s.")
    return words % {"name": error.filename, "detail": _disk_reason(error)}


def _disk_reason(error: OSError) -> str:
    reasons: dict[type[OSError], str] = {
        FileNotFoundError: _("it does not exist"),
        PermissionError: _("this account may not"),
        IsADirectoryError: _("it is a folder"),
        NotADirectoryError: _("a folder on the way is a file"),
        FileExistsError: _("it exists already"),
    }
    return reasons.get(type(error)) or error.strerror or type(error).__name__
