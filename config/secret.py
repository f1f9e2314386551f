"""The secret keys of an installation: the first line signs, the others are still accepted.

Without one in the environment it is random, made once and kept with the data. A new key is put
before the old ones, so that sessions, invitations and remembered phones go on.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

NAME = "secret_key"


def kept_keys(folder: Path) -> list[str]:
    """The keys in ``folder/secret_key``, newest first; the first process makes it, others read."""
    path = folder / NAME
    if not path.exists():
        _make(path)
    return [line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]


def rotate(folder: Path) -> int:
    """A new key before those that are there; how many there are now. In force after a restart."""
    return _put(folder / NAME, [secrets.token_urlsafe(64), *kept_keys(folder)])


def forget(folder: Path) -> int:
    """Only the newest stays: what an older one signed is worth nothing after a restart."""
    return _put(folder / NAME, kept_keys(folder)[:1])


def _put(path: Path, keys: list[str]) -> int:
    """Written aside and renamed: nobody reads half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret_key")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)
    return len(keys)


def _make(path: Path) -> None:
    # written aside and linked into place: nobody reads half a key, the first of two makers wins
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret_key")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)
