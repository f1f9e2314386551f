"""``manage.py up``: everything that an installation needs, as children of one process."""

from __future__ import annotations

import json
import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.db import OperationalError
from django.utils.translation import gettext as _

from config.commanding import Spoken
from config.demo import people
from config.management import arguments
from config.prepare import prepare
from config.supervise import Child, Supervisor, beat, builder, web, worker


class Command(Spoken):
    help = "Prepares the installation, then runs web server, worker and beat until told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=arguments.count, default=_number("PORT", 8000))
        parser.add_argument("--bind", default=os.environ.get("XIAOHAO_BIND", "127.0.0.1"))
        parser.add_argument(
            "--workers", type=arguments.at_least_one, default=_number("XIAOHAO_WORKERS", 2)
        )
        parser.add_argument(
            "--threads", type=arguments.at_least_one, default=_number("XIAOHAO_THREADS", 4)
        )
        parser.add_argument(
            "--json", action="store_true", help="say the address as one line of JSON when ready"
        )
        parser.add_argument("--travel", help="demo only: start this much later, such as 7d")

    def handle(self, *args: Any, **options: Any) -> None:
        bind, port = options["bind"], options["port"]
        if options["travel"] and not settings.DEMO:
            raise CommandError(_("--travel moves the demo's clock; a real city keeps real time."))
        _refuse_taken_port(bind, port)
        _prepare()
        _refuse_taken_port(bind, port)  # by another start, which was preparing too
        children = [
            web(bind, port, options["workers"], options["threads"], settings.CERTIFICATE),
            worker(1, settings.LOG_LEVEL),
            beat(settings.LOG_LEVEL),
        ]
        children += self._demo(options["travel"])
        Supervisor(children, on_look=_Greeting(self, bind, port, options["json"]).look).run()

    def _demo(self, travel: str | None) -> list[Child]:
        """The quick part now, so that the sign-in page has people to offer; the rest behind it."""
        if not settings.DEMO or "demo" not in get_commands():
            return []
        call_command("demo", prepare=True)
        return [builder([f"--travel={travel}"] if travel else [])]


class _Greeting:
    """Says once where to look, when there is something to see."""

    def __init__(self, command: Spoken, bind: str, port: int, as_json: bool = False) -> None:
        self.command, self.port, self.as_json = command, port, as_json
        self.host = "127.0.0.1" if bind in {"0.0.0.0", "::"} else bind
        self.said = False

    def look(self) -> None:
        if self.said:
            return
        try:
            socket.create_connection((self.host, self.port), timeout=0.2).close()
        except OSError:
            return
        self.said = True
        scheme = "https" if settings.CERTIFICATE else "http"
        address = f"{scheme}://{self.host}:{self.port}/"
        # one line, so that whoever started it can read on
        ready = json.dumps({"address": address}) if self.as_json else f"{address} (Ctrl-C ends it)"
        self.command.stdout.write(ready)
        self.command.stdout.flush()


def _prepare() -> None:
    try:
        prepare()
    except OperationalError as error:
        words = _("The database does not answer: %(detail)s")
        raise CommandError(words % {"detail": error}) from error
    if not settings.DEMO and people.is_prepared():
        raise CommandError(
            _("This database holds the demo. A real city needs one of its own (operations.md).")
        )


def _number(name: str, default: int) -> int:
    said = os.environ.get(name, "") or str(default)
    if not said.isdecimal():
        words = _("%(name)s in the environment must be a number, not “%(given)s”.")
        raise CommandError(words % {"name": name, "given": said})
    return int(said)


def _refuse_taken_port(bind: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            words = _("Port %(port)s is taken (%(detail)s). Try PORT=8001 bin/run.")
            raise CommandError(words % {"port": port, "detail": error.strerror}) from error
        except OverflowError as error:
            words = _("There is no port %(port)s: at most 65535.")
            raise CommandError(words % {"port": port}) from error
