"""``--workers N``: the tests on N forks of the process that has collected them.

Loading Django and 300 files of tests takes five seconds of a core, which xdist spends again for
each worker. Here whoever is free takes the next part (tests.first): what is long first, so that
none is left alone with it at the end, and tests of one file together, as they share a city.
"""

from __future__ import annotations

import os
import traceback
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.first import parts

EACH = 3  # workers to one that begins with the browser: whoever needs one waits for its start


class Workers:
    """The parent: gives the parts, and tells pytest what the forks report.

    ``ready``: called in each fork before its first test; ``leave``: after its last.
    """

    def __init__(
        self, session: pytest.Session, ready: Callable[[], None], leave: Callable[[], None]
    ) -> None:
        self.session, self.ready, self.leave = session, ready, leave
        found = parts(session.items)
        self.pages = deque(part for part in found if part.is_browsers)
        self.others = deque(part for part in found if not part.is_browsers)
        self.forks: dict[Connection, _Fork] = {}
        self.begun = 0

    def run(self, count: int) -> None:
        factory: Any = self.session.config._tmp_path_factory  # type: ignore[attr-defined]
        base = factory.getbasetemp()
        try:
            for number in range(count):
                self._start(number, base / f"gw{number}")
            while self.forks:
                for link in wait(list(self.forks)):
                    assert isinstance(link, Connection)
                    self._hear(link)
        finally:
            # each ends as it finds nobody to talk to
            for link, fork in self.forks.items():
                link.close()
                os.waitpid(fork.pid, 0)
        if self.session.shouldfail:
            raise self.session.Failed(self.session.shouldfail)
        if self.session.shouldstop:
            raise self.session.Interrupted(self.session.shouldstop)
        if self.begun < len(self.session.items):
            raise self.session.Failed(f"{len(self.session.items) - self.begun} never begun")

    def _start(self, number: int, folder: Path) -> None:
        link, theirs = Pipe()
        pid = os.fork()
        if pid == 0:
            link.close()
            for other in self.forks:
                other.close()
            _work(self.session, theirs, f"gw{number}", folder, self.ready, self.leave)
        theirs.close()
        self.forks[link] = _Fork(pid, number % EACH == 0)

    def _hear(self, link: Connection) -> None:
        fork, config = self.forks[link], self.session.config
        try:
            kind, told = link.recv()
        except (EOFError, OSError):
            self._ended(link)
            return
        if kind == "at":
            fork.at = told
            self.begun += 1
        elif kind == "report":
            report = config.hook.pytest_report_from_serializable(config=config, data=told)
            config.hook.pytest_runtest_logreport(report=report)
        elif kind == "broken":
            fork.words = told
        else:
            fork.has_ended = kind == "end"
            if kind == "more":
                link.send(self._next(fork))

    def _next(self, fork: _Fork) -> tuple[int, ...]:
        if self.session.shouldfail or self.session.shouldstop:
            return ()
        order = (self.pages, self.others) if fork.is_browsers else (self.others, self.pages)
        for left in order:
            if left:
                return left.popleft().places
        return ()

    def _ended(self, link: Connection) -> None:
        fork = self.forks.pop(link)
        link.close()
        _pid, status = os.waitpid(fork.pid, 0)
        if fork.has_ended and not fork.words:
            return
        item = self.session.items[fork.at]
        words = fork.words or f"the worker came to its end ({status}) at {item.nodeid}"
        found = pytest.TestReport(item.nodeid, item.location, {}, "failed", words, "teardown")
        self.session.config.hook.pytest_runtest_logreport(report=found)


class _Fork:
    """A worker, as its parent knows it."""

    def __init__(self, pid: int, is_browsers: bool) -> None:
        self.pid, self.is_browsers = pid, is_browsers
        self.at = 0  # the test that it began last
        self.words = ""  # of what went wrong beside any test
        self.has_ended = False


# --- in the fork ---------------------------------------------------------------------------------
class _Reports:
    """What pytest would print goes to the parent."""

    def __init__(self, config: pytest.Config, link: Connection) -> None:
        self.config, self.link = config, link

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
        self.link.send(("report", told))


def _work(
    session: pytest.Session,
    link: Connection,
    name: str,
    folder: Path,
    ready: Callable[[], None],
    leave: Callable[[], None],
) -> NoReturn:
    try:
        _alone(session.config, name, folder)
        ready()
        session.config.pluginmanager.register(_Reports(session.config, link))
        _run(session, link)
        # what stands for all tests: servers, a browser
        session._setupstate.teardown_exact(None)
        link.send(("end", None))
    except (EOFError, BrokenPipeError):  # the parent is gone
        session._setupstate.teardown_exact(None)
    except BaseException:
        link.send(("broken", traceback.format_exc()))
    finally:
        try:
            leave()
        finally:
            os._exit(0)


def _alone(config: pytest.Config, name: str, folder: Path) -> None:
    """Nothing written here is another one's too."""
    os.environ["PYTEST_XDIST_WORKER"] = name  # the word that plugins know
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    config.pluginmanager.unregister(name="terminalreporter")
    folder.mkdir(mode=0o700)
    config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]


def _run(session: pytest.Session, link: Connection) -> None:
    while True:
        link.send(("more", None))
        places: tuple[int, ...] = link.recv()
        if not places:
            return
        for place, following in zip(places, (*places[1:], None), strict=True):
            if session.shouldfail or session.shouldstop:
                break
            item = session.items[place]
            # behind the last of a part only what the whole session shares is left standing
            then: Any = session if following is None else session.items[following]
            link.send(("at", place))
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=then)
