"""The installation as it is run (``manage.py up``) on a Redis whose process is stopped (SIGSTOP).

The system goes on to accept connections for it, and nobody ever answers: the worst that a broker
can do. A person signs in, reads, signs for a case and hands in a paper meanwhile.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import redis
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.urls import reverse

from cases.models import Case, CaseEvent, Evidence
from notifications.models import Pulse
from organisations.models import User
from tests import bad_files, servers
from tests.architecture import ROOT
from tests.prove import elsewhere
from tests.prove.bed import bed
from tests.world import World, build

LONGEST, CAUGHT_UP, WARM = 3.0, 60.0, 4
WORKER, PASSWORD = "涧西区/county_worker", "correct horse battery"
READ = ("workbench", "ledger", "notices", "healthz", "readyz")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def run(redis_url: str) -> dict[str, Any]:
    with bed():
        world, cases = _city()
        with _up(redis_url) as address:
            with closing(redis.Redis.from_url(redis_url)) as broker:
                pid = int(broker.info("server")["process_id"])
            _wait_for(lambda: Pulse.objects.filter(name="tick").exists())
            # a process that has just begun reads its plan and its templates first
            for _again in range(WARM):
                before_it = _signs_in_and_reads(Person(address), world).took
            os.kill(pid, signal.SIGSTOP)
            try:
                took, wrong = _a_persons_day(address, world, cases)
            finally:
                os.kill(pid, signal.SIGCONT)
            before = Pulse.objects.get(name="tick").at
            waited = _wait_for(lambda: Pulse.objects.get(name="tick").at > before)
            if waited > CAUGHT_UP + 10:  # the beat's own minute
                wrong.append(f"the next tick came after {waited:.0f} s")
        slowest = max(took.values())
        return {
            "holds": not wrong and slowest < LONGEST, "slowest": round(slowest, 2),
            "seconds_by_page": {name: round(seconds, 2) for name, seconds in took.items()},
            "slowest_before": round(max(before_it.values()), 2),
            "ticks_again_after": round(waited, 1), "wrong": wrong,
        }  # fmt: skip


def _city() -> tuple[World, tuple[Case, Case]]:
    """One case to be signed for, one that waits for papers; opened these days."""
    world = build(counties=("涧西区",))
    firms = [world.firm(f"洛阳示例{n}有限公司") for n in range(2)]
    world.open()
    secret = PBKDF2PasswordHasher().encode(PASSWORD, "salt")
    User.objects.filter(pk=world.people[WORKER].pk).update(password=secret)
    world.survey(world.case(firms[1]))
    return world, (world.case(firms[0]), world.case(firms[1]))


@contextmanager
def _up(redis_url: str) -> Iterator[str]:
    """Web server, worker and beat; the address when the sign-in page answers."""
    here, port = elsewhere.at_work(), servers.free_port()
    environment = {**here.environment, "REDIS_URL": redis_url, "PORT": str(port)}
    connection.close()
    with (Path(settings.VAR_DIR) / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(lambda: process.poll() is None and _answers(f"{address}/sign-in/"))
            yield address
        finally:
            process.terminate()
            process.wait(60)


def _answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def _wait_for(what: Callable[[], bool], seconds: float = 150) -> float:
    begun = time.monotonic()
    while not what():
        if time.monotonic() - begun > seconds:
            raise TimeoutError(f"waited {seconds} s in vain")
        time.sleep(0.1)
    return time.monotonic() - begun


# --- a person ------------------------------------------------------------------------------------
class Person:
    """A browser: cookies, and how long each answer took (``took``)."""

    def __init__(self, address: str) -> None:
        self.address, self.took = address, dict[str, float]()
        self.jar = CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.token = ""

    def asks(self, name: str, path: str, body: bytes | None = None, kind: str = "") -> str:
        """The page behind all redirections."""
        request = urllib.request.Request(self.address + path, body)
        request.add_header("Referer", self.address + path)
        if kind:
            request.add_header("Content-Type", kind)
        begun = time.monotonic()
        with self.browser.open(request, timeout=30) as answer:
            html = str(answer.read().decode())
        self.took[name] = time.monotonic() - begun
        found = TOKEN.search(html)
        self.token = found[1] if found else self.token
        return html

    def posts(self, name: str, path: str, **values: object) -> str:
        given = {"csrfmiddlewaretoken": self.token, **values}
        return self.asks(name, path, urlencode(given).encode())

    def hands_in(self, path: str, content: bytes, **values: str) -> str:
        mark = uuid4().hex
        fields = {"csrfmiddlewaretoken": self.token, **values}
        body = b"".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
            for k, v in fields.items()
        )
        head = 'Content-Disposition: form-data; name="files"; filename="1.pdf"'
        body += f"--{mark}\r\n{head}\r\nContent-Type: application/pdf\r\n\r\n".encode()
        body += content + f"\r\n--{mark}--\r\n".encode()
        return self.asks("upload", path, body, f"multipart/form-data; boundary={mark}")


def _signs_in_and_reads(person: Person, world: World) -> Person:
    person.asks("sign-in page", reverse("login"))
    username = world.people[WORKER].username
    person.posts("sign in", reverse("login"), username=username, password=PASSWORD)
    for name in READ:
        person.asks(name, reverse(name))
    return person


def _a_persons_day(
    address: str, world: World, cases: tuple[Case, Case]
) -> tuple[dict[str, float], list[str]]:
    new, open_ = cases
    person = _signs_in_and_reads(Person(address), world)
    page = reverse("case", args=[new.pk])
    person.asks("case", page)
    move = reverse("case_act", args=[new.pk, "acknowledge"])
    person.posts("sign for", move, version=Case.objects.get(pk=new.pk).version)
    person.asks("papers", reverse("case", args=[open_.pk]))
    there = reverse("evidence_add", args=[open_.pk])
    version = str(Case.objects.get(pk=open_.pk).version)
    person.hands_in(there, bad_files.pdf(""), criterion="institution", version=version)
    wrong = []
    signed = CaseEvent.objects.filter(case=new, verb="acknowledge", by=world.people[WORKER])
    if not signed.exists():
        wrong.append("the case was not signed for")
    if not Evidence.objects.filter(case=open_).exists():
        wrong.append("the paper was not taken")
    return person.took, wrong
