"""A PostgreSQL that keeps what it has committed, to be stopped and started at will."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests import servers


class Cluster:
    """``fsync`` is off: the machine stays on, only the server's processes end."""

    def __init__(self, folder: Path) -> None:
        programs = servers.postgres_folder()
        if programs is None:
            raise FileNotFoundError(servers.MISSING)
        self.programs, self.folder, self.port = programs, folder, servers.free_port()
        self.account = "postgres" if os.geteuid() == 0 else None
        if self.account:
            os.chown(folder, pwd.getpwnam(self.account).pw_uid, -1)
        self.data = folder / "data"
        self._run([programs / "initdb", "-D", self.data, *servers._INITDB])
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> float:
        """Seconds until it answers."""
        begun = time.monotonic()
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        command += ["-k", str(self.folder), "-h", "127.0.0.1", "-c", "fsync=off"]
        self.process = subprocess.Popen(
            command, user=self.account, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while time.monotonic() - begun < 60:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url, connect_timeout=2).close()
                return time.monotonic() - begun
            time.sleep(0.05)
        raise TimeoutError("PostgreSQL does not come back")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT is ``immediate``: nothing is finished, nobody is asked."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(timeout=60)

    def _run(self, command: list[object]) -> None:
        subprocess.run(
            [str(part) for part in command], user=self.account, check=True, cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip


@contextmanager
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="xiaohao-pg-stopped-"))
    try:
        made = Cluster(folder)
        made.start()
        try:
            yield made
        finally:
            made.stop(signal.SIGINT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
