"""What every command of ours does alike: ``--by``, ``--json``, refusals in words."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser, SystemCheckError, handle_default_options
from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from config.acting import actor_for
from config.management import helping, talking
from config.management.arguments import Told, plain
from organisations import clock
from organisations.downloads import note_taken
from organisations.errors import Refused
from organisations.models import Region, User
from organisations.regions import find_city
from organisations.scope import Actor

WRONG = "wrong_input"  # what was typed names nothing, or cannot be read
STOPPED = 130  # what a shell expects of a program that was interrupted


class Spoken(BaseCommand):
    """A command whose failures are words on standard error, never a traceback or an English prefix.

    ``--traceback`` shows what happened inside, for whoever repairs it.
    """

    # Django's look at the code (`manage.py check`) loads every page: half of what a command takes
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return helping.speak(super().create_parser(prog_name, subcommand, **kwargs))

    def run_from_argv(self, argv: list[str]) -> None:
        as_json = "--json" in argv
        try:
            _check_readable(argv)
            parsed = talking.parse(self.create_parser(argv[0], argv[1]), argv[2:])
        except CommandError as wrong:
            if as_json:
                self.say_error(WRONG, str(wrong))
            self._end(str(wrong), 2)
        handle_default_options(parsed)
        options = vars(parsed)
        arguments = options.pop("args", ())
        try:
            self._carry_out(arguments, options)
        finally:
            with contextlib.suppress(ImproperlyConfigured):
                connections.close_all()

    def _carry_out(self, arguments: Sequence[Any], options: dict[str, Any]) -> None:
        try:
            self.execute(*arguments, **options)
            self.stdout.flush()
        except BrokenPipeError:
            # whoever reads us (head, less) has seen enough; nothing is left to be said there
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except SystemCheckError as wrong:
            self.stderr.write(str(wrong), lambda text: text)
            sys.exit(wrong.returncode)
        except CommandError as wrong:
            if options["traceback"]:
                raise
            self._end(str(wrong), wrong.returncode)
        except KeyboardInterrupt:
            self._end(_("Stopped. What was not finished has not been written."), STOPPED)
        except Exception as error:
            if options["traceback"]:
                raise
            words = _("This should not happen (%(what)s). Please pass on what --traceback shows.")
            what = f"{type(error).__name__}: {error}"
            if options.get("json"):
                self.say_error("internal", words % {"what": what})
            self._end(words % {"what": what}, 1)

    def say_error(self, code: str, words: str, fields: Sequence[Mapping[str, str]] = ()) -> None:
        """A refusal for programs; ``fields``: which answers of a form are wrong, and how."""
        error: dict[str, Any] = {"code": code, "words": words}
        if fields:
            error["fields"] = [dict(field) for field in fields]
        self.say_json({"error": error})

    def say_json(self, result: Any) -> None:
        if is_dataclass(result) and not isinstance(result, type):
            result = asdict(result)
        self.stdout.write(json.dumps(plain(result), ensure_ascii=False, indent=1, default=str))

    def _end(self, words: str, code: int) -> NoReturn:
        self.stderr.write(words)
        sys.exit(code)


def _check_readable(argv: Sequence[str]) -> None:
    """What is not UTF-8 cannot be looked up, nor printed again."""
    for text in argv:
        try:
            text.encode()
        except UnicodeEncodeError as wrong:
            raise CommandError(_("The command line is not written in UTF-8.")) from wrong


class Door(Spoken):
    """A command that parses, calls one verb and prints; ``work`` does it."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", metavar="ACCOUNT", help="who acts (default: the system)")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.work(options)
        except Refused as refusal:
            fields = getattr(refusal, "fields", ())
            # a page marks them in their places, a terminal lists them
            words = _("%(n)d answers need another look, one by one:") % {"n": len(fields)}
            self._refuse(options, refusal.code, words if fields else refusal.words, fields)
        except Told:
            raise
        except CommandError as wrong:
            self._refuse(options, WRONG, str(wrong))
        except DatabaseError as error:
            if options.get("traceback"):
                raise
            self._refuse(options, *talking.database_words(error))
        except BrokenPipeError:
            raise
        except OSError as error:
            if options.get("traceback"):
                raise
            self._refuse(options, "file", talking.disk_words(error))

    def _refuse(
        self,
        options: dict[str, Any],
        code: str,
        words: str,
        fields: Sequence[Mapping[str, str]] = (),
    ) -> NoReturn:
        """The words on standard error; with ``--json`` the code for programs too. Exit 2 where the
        command line is at fault, whoever finds it out, and 1 where the work is refused."""
        if options["json"]:
            self.say_error(code, words, fields)
        lines = [f"  {one['place']} ({one['field']}): {one['words']}" for one in fields]
        raise CommandError("\n".join([words, *lines]), returncode=2 if code == WRONG else 1)

    def work(self, options: dict[str, Any]) -> None:
        raise NotImplementedError

    def actor(self, options: dict[str, Any], on: date | None = None) -> Actor:
        """Whoever ``--by`` names, with the posts of ``on`` (default: today); else the system."""
        if options["by"] is None:
            return Actor.system()
        user = User.objects.filter(username=options["by"], is_active=True).first()
        if user is None:
            raise CommandError(_("There is no account “%(name)s”.") % {"name": options["by"]})
        return actor_for(user, on or clock.today())

    def person(self, options: dict[str, Any], on: date | None = None) -> Actor:
        """Whoever ``--by`` names, and nobody else: what is signed or decided is a person's to do.

        Done by the system, the trail would name nobody and four eyes could not be asked for.
        """
        if options["by"] is None:
            words = _("Say who acts, with --by ACCOUNT: this is a person's to do.")
            raise Refused("needs_person", words)
        return self.actor(options, on)

    def took(self, what: str, file: str, *, by: Actor, **data: Any) -> None:
        """A list that leaves by the command line is in the trail as one from a page is."""
        note_taken(what, Path(file).name, by=by, at=clock.now(), **data)

    def city(self, text: str) -> Region:
        city = find_city(text)
        if city is None:
            known = "、".join(Region.objects.cities().values_list("name", flat=True)) or "—"
            words = _("There is no city “%(name)s”. There is: %(known)s.")
            raise CommandError(words % {"name": text, "known": known})
        return city
