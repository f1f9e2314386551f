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
from django.db.backends.base.introspection import BaseDatabaseIntrospection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils import translation
from pytest_django.plugin import blocking_manager_key

from cases import paper_reading
from config.frames import roomy
from config.prepare import compile_catalogues
from enterprises.importing import workbook
from organisations import trail
from reports.documents import render
from tests import prepared, servers
from tests.counts import COUNTED
from tests.ground import Ground, _below, _django_db_helper, _ground, city_maker, shared_city
from tests.kept import SEEDED, recall_the_calendar
from tests.quick import use_short_ways
from tests.told import remember_children
from tests.warm import Children
from tests.workers import Workers

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["_below", "_django_db_helper", "_ground", "city_maker", "shared_city"]

# What runs a second time, on PostgreSQL and Redis, besides everything marked ``postgres``.
SECOND_PASS = (
    "tests/cases",
    "tests/config/test_backup",
    "tests/notifications",
    "tests/enterprises",
    "tests/organisations",
    "tests/plays/test_plans",
    "tests/resources",
    "tests/stories/test_nobody_acts",
    "tests/browser/test_story",
)
# … except what says the same on every database: who may do what, what a page looks like or says,
# how many statements that takes, which files are refused. Every page runs again, with
# test_list_statements, and so do lives at random, with the plays.
ONCE = (
    "tests/cases/views",
    "tests/cases/test_beside_matrix",
    "tests/cases/test_closing_doors",
    "tests/cases/test_closing_exchanged",
    "tests/cases/test_invariants",
    "tests/cases/test_matrix",
    "tests/cases/test_matter_matrix",
    "tests/cases/test_row_statements",
    "tests/cases/test_same_figures",
    "tests/cases/test_scope",
    "tests/cases/test_simulated",
    "tests/cases/test_statements",
    "tests/cases/test_supervision",
    "tests/cases/test_uploads",
    "tests/cases/test_workbench",
    "tests/enterprises/test_statements",
    "tests/notifications/test_screens",
    "tests/organisations/test_roles",
    "tests/organisations/test_screens",
    "tests/resources/test_pages",
    # … and rules whose statements others of this pass make as well (all were written down and
    # compared; left aside what only looks at the outcome): behind each, who makes most of them
    "tests/cases/test_carrying",  # test_carry_undo, notifications/test_whom, test_races_of_verbs
    "tests/cases/test_early",  # test_lasting
    "tests/cases/test_leaving",  # test_asking
    "tests/cases/test_matters",  # test_asking, test_carry_undo, test_matter_pages
    "tests/cases/test_opening_matrix",  # test_plans, test_families
    "tests/cases/test_paper_sweep",  # notifications/test_whom, test_races, test_lasting
    "tests/cases/test_papers.",  # test_detours, test_lasting
    "tests/cases/test_recalendar",  # test_migrating, test_extensions, test_carry_undo
    "tests/cases/test_running_ledger",  # test_ledger_undone
    "tests/enterprises/test_leaving",  # test_undo, test_filing
    "tests/enterprises/test_register",  # test_undo, test_filing
    "tests/enterprises/test_rules",  # test_undo, test_filing
    "tests/notifications/test_catching_up",  # test_whom, test_together
    "tests/notifications/test_delivery.",  # test_whom, cases/test_detours
    "tests/organisations/test_people_verbs",  # test_import, enterprises/test_clerks
    "tests/organisations/test_scope",  # test_import, cases/test_gaps
    # … likewise, by what the server wrote down (tables, functions and clauses of each statement)
    "tests/cases/test_department_review",  # test_detours, test_spot_checks
    "tests/cases/test_families_moved",  # test_families, test_following_the_register
    "tests/cases/test_field",  # test_route, test_visit_record
    "tests/cases/test_lateness",  # test_asking, test_walking
    "tests/cases/test_letters_climbing",  # test_letters, test_sweeps
    "tests/cases/test_letters_decided",  # test_letters, test_orders
    "tests/cases/test_listed",  # test_firm_file, test_pairing
    "tests/cases/test_returning",  # test_detours, test_lasting
    "tests/cases/test_two_persons",  # test_spot_checks, test_detours
    "tests/cases/test_way_back",  # test_following_the_register, test_detours
    "tests/cases/test_witnessing",  # test_spot_checks
    "tests/enterprises/test_clerks",  # test_invitations
    "tests/enterprises/test_cutting",  # test_long_lists
    "tests/notifications/test_channels",  # test_sending, test_others
    "tests/resources/test_following",  # test_matching
)

# … and of these one row of each function's table: the others differ in words, in what a file says
# or in who asks, and make the same statements
ONE_ROW = (
    "tests/cases/test_note_sheets",
    "tests/enterprises/test_filing",
    "tests/notifications/test_sending",
    "tests/organisations/test_import",
    "tests/organisations/test_regions",
    "tests/organisations/test_starting_a_city",
    "tests/resources/test_import",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("xiaohao")
    group.addoption("--second-pass", action="store_true", help="only what PostgreSQL adds")
    group.addoption("--workers", type=int, default=0, help="forks that share the tests")
    group.addoption(
        "--counts-to", metavar="FILE", help="one of two passes, whose counts are kept in FILE"
    )


def pytest_configure(config: pytest.Config) -> None:
    _use_a_folder_of_our_own(config)
    _use_quick_settings()
    compile_catalogues(settings.BASE_DIR)
    use_short_ways()
    _give_examples_time()
    _keep_seeded_days()
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
    second = config.getoption("--second-pass")
    keep: list[pytest.Item] = []
    drop: list[pytest.Item] = []
    rows: set[str] = set()
    for item in items:
        wanted = _wanted_in_second_pass(item, rows) if second else _fits_database(item)
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
        _use_a_folder_of_our_own(config)
        _use_keys_of_our_own()

    Workers(session, ready, partial(pytest_unconfigure, config)).run(count)
    return True


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The second pass does not read files that hold nothing for it."""
    if not config.getoption("--second-pass") or collection_path.suffix != ".py":
        return None
    wanted = _runs_again(collection_path) or "postgres" in collection_path.read_text("utf-8")
    return None if wanted else True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """As pytest does it, in one piece of memory."""
    roomy(runner.pytest_runtest_protocol, item, nextitem)
    return True


def _fits_database(item: pytest.Item) -> bool:
    return on_postgres() or item.get_closest_marker("postgres") is None


def _wanted_in_second_pass(item: pytest.Item, rows: set[str]) -> bool:
    """``rows``: functions of ``ONE_ROW`` that have one."""
    if item.get_closest_marker("postgres") is not None:
        return True
    name = item.nodeid.partition("[")[0]
    if not _runs_again(item.path) or name in rows:
        return False
    if name.startswith(ONE_ROW):
        rows.add(name)
    return True


def _runs_again(file: Path) -> bool:
    path = file.relative_to(settings.BASE_DIR).as_posix()
    return path.startswith(SECOND_PASS) and not path.startswith(ONCE)


def on_postgres() -> bool:
    return "postgresql" in settings.DATABASES["default"]["ENGINE"]


CHILDREN = Children()


# --- settings of the test bed --------------------------------------------------------------------
FOLDER = pytest.StashKey[str]()


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


def _keep_seeded_days() -> None:
    """A test that commits ends with a flush of every table; what migrations seeded stays."""
    original = BaseDatabaseIntrospection.django_table_names

    def names(self: Any, *args: Any, **options: Any) -> list[str]:
        return [name for name in original(self, *args, **options) if name not in SEEDED]

    BaseDatabaseIntrospection.django_table_names = names  # type: ignore[method-assign]


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
