"""What the settings promise: addresses, idle sessions, lockout, keys, languages, files."""

from __future__ import annotations

import os
import runpy
import secrets
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils import timezone

from config.addresses import client_address
from config.prepare import compile_catalogues
from config.secret import kept_keys
from organisations.models import User
from tests.architecture import ROOT

pytestmark = pytest.mark.urls("tests.house.urls")

SIGN_IN = "/sign-in/"


# --- addresses -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "expected"),
    [
        ("10.1.2.3", "", 0, "10.1.2.3"),
        # without a proxy of ours the header is the client's own invention
        ("10.1.2.3", "1.2.3.4", 0, "10.1.2.3"),
        ("127.0.0.1", "1.2.3.4", 1, "1.2.3.4"),
        # what stands further left than our proxies wrote is invention too
        ("127.0.0.1", "6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("127.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.9", 2, "1.2.3.4"),
        # fewer entries than proxies: whoever is connected
        ("127.0.0.1", "1.2.3.4", 2, "127.0.0.1"),
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "", 0, "2001:db8:1:2::"),
        ("2001:db8:1:2::7", "", 0, "2001:db8:1:2::"),
        ("::ffff:10.1.2.3", "", 0, "10.1.2.3"),
        ("", "", 0, "0.0.0.0"),
        ("127.0.0.1", "nonsense", 1, "0.0.0.0"),
    ],
)
def test_client_address(
    remote: str, forwarded: str, proxies: int, expected: str, settings: Any
) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


# --- sign-in -------------------------------------------------------------------------------------
@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("13800000001", password="a-long-password-7", name="P")


def _try(client: Client, username: str, password: str, address: str = "10.0.0.1") -> int:
    data = {"username": username, "password": password, "next": "/probe/"}
    return client.post(SIGN_IN, data, REMOTE_ADDR=address).status_code


def test_five_wrong_passwords_close_the_account_from_everywhere(person: User) -> None:
    client = Client()
    for number in range(5):
        _try(client, person.username, "wrong", f"10.0.0.{number}")
    assert _try(client, person.username, "a-long-password-7", "10.9.9.9") == 429


def test_five_wrong_passwords_close_the_address_for_everybody(person: User) -> None:
    client = Client()
    for number in range(5):
        _try(client, f"nobody-{number}", "wrong")
    assert _try(client, person.username, "a-long-password-7") == 429
    assert _try(client, person.username, "a-long-password-7", "10.9.9.9") == 302


def test_a_household_of_ipv6_addresses_counts_as_one(person: User) -> None:
    client = Client()
    for number in range(5):
        _try(client, f"nobody-{number}", "wrong", f"2001:db8::{number}")
    assert _try(client, person.username, "a-long-password-7", "2001:db8::ffff") == 429


def test_four_wrong_passwords_do_not(person: User) -> None:
    client = Client()
    for _number in range(4):
        assert _try(client, person.username, "wrong") == 200
    assert _try(client, person.username, "a-long-password-7") == 302


def test_the_lock_opens_after_fifteen_minutes(person: User) -> None:
    client = Client()
    now = timezone.now()
    with time_machine.travel(now):
        for _number in range(5):
            _try(client, person.username, "wrong")
    with time_machine.travel(now + timedelta(minutes=14)):
        assert _try(client, person.username, "a-long-password-7") == 429
    # asking in between has begun the quarter of an hour anew
    with time_machine.travel(now + timedelta(minutes=30)):
        assert _try(client, person.username, "a-long-password-7") == 302


@pytest.mark.parametrize("password", ["short-7", "1234567890123", "password123", "p13800000001"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(username="13800000001", name="P"))


# --- idle ----------------------------------------------------------------------------------------
def _is_signed_in(client: Client) -> bool:
    return client.get("/probe/").content == b"in"


def test_thirty_idle_minutes_sign_out(person: User) -> None:
    start = timezone.now()
    client = Client()
    with time_machine.travel(start):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        assert _is_signed_in(client)
    with time_machine.travel(start + timedelta(minutes=31)):
        assert not _is_signed_in(client)


def test_who_works_stays_signed_in(person: User) -> None:
    start = timezone.now()
    client = Client()
    with time_machine.travel(start):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    for minutes in range(0, 100, 25):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert _is_signed_in(client), f"after {minutes} minutes"


def test_renewing_costs_one_statement_a_minute(
    person: User, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    now = timezone.now()
    with time_machine.travel(now):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    writes = []
    for seconds in (5, 90, 100):
        moment = time_machine.travel(now + timedelta(seconds=seconds))
        with moment, django_assert_max_num_queries(20) as seen:
            assert _is_signed_in(client)
        statements = [query["sql"] for query in seen.captured_queries]
        writes.append(len([sql for sql in statements if not sql.startswith("SELECT")]))
    # only the one after more than a minute, and that one only moves the end
    assert writes == [0, 1, 0]


# --- language ------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_chinese_whatever_the_browser_says() -> None:
    page = Client().get(SIGN_IN, HTTP_ACCEPT_LANGUAGE="en-US,en").content.decode()
    assert 'lang="zh-hans"' in page


@pytest.mark.django_db
def test_english_for_whoever_chose_it() -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    assert 'lang="en"' in client.get(SIGN_IN).content.decode()


# --- files ---------------------------------------------------------------------------------------
def test_secret_key_is_made_once_even_by_many_at_once(tmp_path: Path) -> None:
    keys: list[str] = []
    makers = [threading.Thread(target=lambda: keys.extend(kept_keys(tmp_path))) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 64
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_static_files_are_ours_and_few() -> None:
    files = [path for finder in get_finders() for path, _storage in finder.list([])]
    assert any(path.startswith("css/") for path in files)
    others = [path for path in files if not path.startswith(("css/", "js/", "seal"))]
    assert others == ["django_htmx/htmx-2.min.js"]


def test_catalogues_are_compiled_when_they_changed(tmp_path: Path) -> None:
    folder = tmp_path / "app/locale/zh_Hans/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "a"\nmsgstr "甲"\n'
    )
    assert compile_catalogues(tmp_path) == 1
    assert compile_catalogues(tmp_path) == 0
    os.utime(folder / "django.po", (time.time() + 9, time.time() + 9))
    assert compile_catalogues(tmp_path) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]


# --- deployment ----------------------------------------------------------------------------------
def test_deployment_check_is_clean() -> None:
    environment = {**os.environ, "XIAOHAO_HTTPS": "1", "XIAOHAO_SECRET_KEY": secrets.token_hex(40)}
    # set by the browser tests of the same process
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_commit_of_sqlite_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests themselves do without; so the settings are read as an installation has them."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("XIAOHAO_VAR", str(tmp_path))
    given = runpy.run_path(str(ROOT / "config/settings.py"))["DATABASES"]["default"]
    with closing(sqlite3.connect(given["NAME"])) as database:
        database.executescript(given["OPTIONS"]["init_command"])
        asked = ("PRAGMA journal_mode", "PRAGMA synchronous")
        told = [database.execute(one).fetchone()[0] for one in asked]
    assert told == ["wal", 2]  # 2: FULL
