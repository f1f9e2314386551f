"""The test bed: a database in memory-backed files, closed sockets, real servers on demand."""

from __future__ import annotations

import gc
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from _pytest import runner
from django.conf import settings
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils import translation
from pytest_django.plugin import blocking_manager_key

from cases import paper_reading
from config.frames import roomy
from config.prepare import compile_catalogues
from enterprises.importing import workbook
from organisations import trail
from reports.documents import render
from tests import huge, prepared, second, servers
from tests.counts import COUNTED
from tests.ground import Ground, _below, _django_db_helper, _ground, city_maker, shared_city
from tests.kept import keep_what_migrations_left, recall_the_calendar
from tests.quick import use_short_ways
from tests.told import remember_children
from tests.warm import Children
from tests.workers import Workers

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["_below", "_django_db_helper", "_ground", "city_maker", "shared_city"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("xiaohao")
    group.addoption("--second-pass", action="store_true", help="only what PostgreSQL adds")
    group.addoption("--workers", type=int, default=0, help="forks that share the tests")
    group.addoption(
        "--counts-to", metavar="FILE", help="one of two passes, whose counts are kept in FILE"
    )


def pytest_configure(config: pytest.Config) -> None:
    _use_a_folder_of_our_own(config)
    config.stash[HUGE] = huge.are_asked_for()
    huge.keep_from_children()
    _use_quick_settings()
    compile_catalogues(settings.BASE_DIR)
    use_short_ways()
    _give_examples_time()
    keep_what_migrations_left()
    recall_the_calendar()
    remember_children()
    _empty_the_trail_too()
    _close_sockets()
    CHILDREN.serve(paper_reading, render, workbook)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """The second pass lays its ground first: meanwhile the other one reads all files of tests, and
    leaves them compiled."""
    if session.config.getoption("--second-pass") and on_postgres():
        with session.config.stash[blocking_manager_key].unblock():
            prepared.make_template()


def pytest_unconfigure(config: pytest.Config) -> None:
    CHILDREN.leave()
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    # most of what a request leaves is gone without it
    gc.set_threshold(1_000_000, 10, 20)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On SQLite leave out what needs PostgreSQL; in the second pass keep what it is for."""
    again, fits = config.getoption("--second-pass"), on_postgres()
    keep: list[pytest.Item] = []
    drop: list[pytest.Item] = []
    rows: set[str] = set()
    for item in items:
        wanted = second.wants(item, rows) if again else fits or not second.needs_postgres(item)
        (keep if wanted else drop).append(item)
    if drop:
        config.hook.pytest_deselected(items=drop)
    items[:] = keep


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """With ``--workers`` by forks; pytest's own loop otherwise, and where collecting failed."""
    config = session.config
    count = min(config.getoption("--workers"), len(session.items))
    if not count or session.testsfailed or config.option.collectonly:
        return None

    def ready() -> None:
        if config.stash[HUGE]:
            huge.collapse()
        _use_a_folder_of_our_own(config)
        _use_keys_of_our_own()

    Workers(session, ready, partial(pytest_unconfigure, config)).run(count)
    return True


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The second pass does not read files that hold nothing for it."""
    if not config.getoption("--second-pass") or collection_path.suffix != ".py":
        return None
    return None if second.reads(collection_path) else True


def on_postgres() -> bool:
    return "postgresql" in settings.DATABASES["default"]["ENGINE"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """As pytest does it, in one piece of memory."""
    roomy(runner.pytest_runtest_protocol, item, nextitem)
    return True


CHILDREN = Children()


# --- settings of the test bed --------------------------------------------------------------------
FOLDER = pytest.StashKey[str]()
HUGE = pytest.StashKey[bool]()


def _use_a_folder_of_our_own(config: pytest.Config) -> None:
    """No test touches ``var/``; memory-backed where the system has it, as fsync costs most."""
    memory = Path("/dev/shm")
    parent = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="xiaohao-test-", dir=parent))
    config.stash[FOLDER] = str(folder)
    settings.VAR_DIR = folder
    settings.MEDIA_ROOT = str(folder / "media")
    settings.STATIC_ROOT = str(folder / "static")
    Path(settings.STATIC_ROOT).mkdir()
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # a file, not ":memory:": the live server's threads need connections of their own
        database.setdefault("TEST", {})["NAME"] = str(folder / "test.sqlite3")
        database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"


def _use_quick_settings() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_BROKER_URL = "memory://"
    settings.CELERY_BROKER_TRANSPORT = None
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    _use_keys_of_our_own()


def _use_keys_of_our_own() -> None:
    """Parallel workers share one Redis."""
    settings.CACHES["default"]["KEY_PREFIX"] = f"test-{_worker()}"


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def _give_examples_time() -> None:
    """An example that takes long on a loaded machine is no fault."""
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("loaded", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("loaded")


def _empty_the_trail_too() -> None:
    """The flush behind a test that commits is the one that may: the triggers come back after it."""
    original = BaseDatabaseOperations.execute_sql_flush

    def flush(self: Any, sql_list: Any) -> None:
        trail.lift(self.connection)
        original(self, sql_list)
        trail.guard(self.connection)

    BaseDatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign]


# --- nothing leaves this machine -----------------------------------------------------------------
_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # unix socket
    return str(address[0]) in {"127.0.0.1", "::1", "localhost"}


def _close_sockets() -> None:
    def connect(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise AssertionError(f"a test must not reach the network: {address}")
        _connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_local(address):
            raise AssertionError(f"a test must not reach the network: {address}")
        return _connect_ex(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign, assignment]


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
) -> None:
    """In place of pytest-django's, which migrates for each worker."""
    with django_db_blocker.unblock():
        prepared.prepare(_worker(), anew=request.config.getoption("--create-db"))


@pytest.fixture(autouse=True)
def _chinese_again() -> Iterator[None]:
    """A request in English leaves its language in the thread; the next test starts afresh."""
    yield
    translation.activate(settings.LANGUAGE_CODE)


# --- real servers --------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis: the one of the second pass, or one started for this session."""
    if settings.REDIS_URL:
        yield settings.REDIS_URL
        return
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url(django_db_setup: None, django_db_blocker: Any) -> str:
    """A migrated database beside the test's own, for tests that start processes of their own."""
    with django_db_blocker.unblock():
        return prepared.copy_beside("beside")


@pytest.fixture(scope="session")
def chromium(_ground: Ground, django_db_blocker: Any) -> Iterator[Browser]:
    """Debian's Chromium, headless, without a word to anybody outside."""
    from playwright.sync_api import sync_playwright

    program = servers.chromium_program()
    if program is None:
        pytest.fail("not installed: apt-get install -y chromium fonts-noto-cjk")
    # Playwright's loop runs in this thread, where Django then takes every query for an async one
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # … and has another connection for it: what stands on the one must not be left on the other
    with django_db_blocker.unblock():
        _ground.leave()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--disable-quic",
                # whoever asks another host is not answered, and heard of (tests.browser.windows)
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
                # no page lives long enough for what an optimised script would save
                "--js-flags=--no-opt,--no-maglev",
                # a page's frame serves the next one too; the rest is what Playwright switches off,
                # whose list this one takes the place of
                "--disable-features=RenderDocument,AvoidUnnecessaryBeforeUnloadCheckSync,"
                "DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
                "MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,OptimizationHints,"
                "NetworkTimeServiceQuerying",
            ],
        )
        yield browser
        with django_db_blocker.unblock():
            _ground.leave()
        browser.close()


# --- one summary for two passes ------------------------------------------------------------------
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What tests.counts adds up: whoever reads its one line reads all."""
    target = config.getoption("--counts-to")
    if target:
        counted = {kind: len(terminalreporter.stats.get(kind, ())) for kind in COUNTED}
        Path(target).write_text(json.dumps(counted))
