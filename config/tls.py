"""The web server's own certificate, for an office without a reverse proxy (docs/phone.md)."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def certificate(path: str, key: str) -> tuple[str, str] | None:
    """(certificate, key): both files or neither; half of it is said at the start."""
    if not path and not key:
        return None
    if not path or not key:
        missing = "XIAOHAO_KEY" if path else "XIAOHAO_CERTIFICATE"
        raise ImproperlyConfigured(f"TLS needs both files: {missing} is missing")
    for name in (path, key):
        if not Path(name).is_file():
            raise ImproperlyConfigured(f"TLS: there is no file {name}")
    return path, key
