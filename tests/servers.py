"""Real servers for the tests, from the system's packages, on free ports, gone afterwards.

``python -m tests.servers COMMAND …`` runs a command with DATABASE_URL and REDIS_URL of a fresh
PostgreSQL and Redis.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

# the packages that hold what is started here; bin/test installs them
MISSING = "not installed: apt-get install -y postgresql redis-server"

_INITDB = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_folder() -> Path | None:
    """Where initdb and postgres are, newest version first."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def chromium_program() -> str | None:
    """Without windows, bars and menus of its own it shows the same pages in a third of the time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, names)), None)


def redis_program() -> str | None:
    return shutil.which("redis-server")


@contextmanager
def postgres(
    port: int | None = None, *, is_durable: bool = False, memory: str = "", settings: str = ""
) -> Iterator[str]:
    """A PostgreSQL in a folder of its own; yields its DATABASE_URL.

    ``is_durable``: as a city would run it, with what is committed on the disk (benchmarks).
    ``memory``: its shared_buffers ("2GB"), if it is to have more than a city's; ``settings``: more
    of them, a space between two."""
    programs = postgres_folder()
    if programs is None:
        raise FileNotFoundError(MISSING)
    # initdb refuses root
    account = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="xiaohao-pg-"))
    if account:
        os.chown(folder, pwd.getpwnam(account).pw_uid, -1)
    data, port = folder / "data", port or free_port()
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, *_INITDB],
            user=account,
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        # what is lost with the machine is lost here anyway: no fsync. Tests never commit, so a
        # vacuum finds empty tables and says so to the planner, which then scans them all the time
        switches = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off")
        options = [
            part
            for one in (*(() if is_durable else switches), "max_connections=200")
            for part in ("-c", one)
        ]
        options += ["-c", f"shared_buffers={memory}"] if memory else []
        options += [part for one in settings.split() for part in ("-c", one)]
        command: list[str | Path] = [
            programs / "postgres",
            "-D",
            data,
            "-p",
            str(port),
            "-k",
            folder,
        ]
        command += ["-h", "127.0.0.1", *options]
        # the port opens before the server takes anybody in
        ready: list[str | Path] = [
            programs / "pg_isready",
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
        ]
        with _running(command, ready, account=account, folder=folder):
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis(port: int | None = None) -> Iterator[str]:
    """A Redis that keeps nothing; yields its REDIS_URL."""
    program = redis_program()
    if program is None:
        raise FileNotFoundError(MISSING)
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="xiaohao-redis-") as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", folder]
        ready = [program.replace("redis-server", "redis-cli"), "-p", str(port), "ping"]
        with _running(command, ready, folder=Path(folder)):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _running(
    command: Sequence[str | Path],
    ready: Sequence[str | Path],
    *,
    folder: Path,
    account: str | None = None,
) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        user=account,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(ready, process)
        yield
    finally:
        # SIGINT is PostgreSQL's "fast": it does not wait for clients to leave
        process.send_signal(2)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(
    ready: Sequence[str | Path], process: subprocess.Popen[bytes], seconds: float = 60
) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        asked = subprocess.run(ready, capture_output=True, check=False)
        if asked.returncode == 0:
            return
        time.sleep(0.05)
    raise TimeoutError(f"{process.args!r} is not ready")


def main(command: list[str]) -> int:
    # whoever is asked to go takes his servers with him
    signal.signal(signal.SIGTERM, lambda *_asked: sys.exit(143))
    with ExitStack() as stack:
        environment = {
            **os.environ,
            "DATABASE_URL": stack.enter_context(postgres()),
            "REDIS_URL": stack.enter_context(redis()),
        }
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
