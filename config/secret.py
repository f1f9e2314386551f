"""The secret key of an installation that was given none: random, made once, kept with the data."""

import os
import secrets
import tempfile
from pathlib import Path


def kept_secret_key(folder: Path) -> str:
    """The key in ``folder/secret_key``; the first process makes it, all the others read it."""
    path = folder / "secret_key"
    if not path.exists():
        _make(path)
    return path.read_text(encoding="ascii").strip()


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
