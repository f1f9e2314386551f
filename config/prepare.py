"""What must be true before the first page: catalogues compiled, tables migrated, files collected.

Each step looks first and does nothing when nothing changed, so that a warm start stays short.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polib
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation.reloader import translation_file_changed

from enterprises import paired
from organisations import place_marks, trail

LOCK = 735_512_004  # any number that nobody else of this database uses


def prepare() -> None:
    """Repeatable; whoever starts beside it on this machine waits and finds it done."""
    with (Path(settings.VAR_DIR) / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel opens it when we end, however we end
        compile_catalogues(settings.BASE_DIR)
        migrate()
        collect_static()


def catalogues(root: Path) -> Iterator[Path]:
    """Every .po of ours: one for each app, one for what all share."""
    return root.glob("*/locale/*/LC_MESSAGES/django.po")


def compile_catalogues(root: Path) -> int:
    """Write .mo beside each newer .po; pure Python, so no gettext is needed to run."""
    stale = [po for po in catalogues(root) if _is_newer(po, po.with_suffix(".mo"))]
    for po in stale:
        # written aside: a process that starts meanwhile reads the old one, or this, never half
        aside = po.with_suffix(f".mo.{os.getpid()}")
        polib.pofile(str(po)).save_as_mofile(str(aside))
        aside.replace(po.with_suffix(".mo"))
    # what was said so far may have been read while another process still wrote them
    translation_file_changed(sender=None, file_path=Path("django.mo"))
    return len(stale)


def _is_newer(source: Path, made: Path) -> bool:
    return not made.exists() or source.stat().st_mtime > made.stat().st_mtime


def migrate() -> None:
    with _one_at_a_time():
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        # a table that was remade has lost its triggers
        trail.guard(connection)
        place_marks.watch(connection)
        paired.keep(connection)
    connection.close()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Several machines that start together: one migrates, the others wait and find it done."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def collect_static() -> None:
    """Collect, hash and compress, if any file changed since."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    wanted = _static_fingerprint()
    if settings.DEBUG or (stamp.exists() and stamp.read_text() == wanted):
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(wanted)


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            digest.update(f"{path} {storage.size(path)}".encode())
            digest.update(storage.get_modified_time(path).isoformat().encode())
    return digest.hexdigest()
