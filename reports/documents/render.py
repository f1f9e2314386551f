"""``render_pdf``: the one way from HTML to PDF, bounded in time and memory, without a network.

PDF/A-2u, tagged; title and language are those of the HTML. Same HTML, same text, years later.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from reports.documents.fonts import Fonts, NoFonts, fonts_of, prepared

CHILD = Path(__file__).with_name("child.py")
CHILD_TOO_LARGE = 3
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"


class NoPdf(Exception):
    """No PDF came out: ``code`` for machines, ``words`` say what to do next."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


@dataclass(frozen=True)
class Limits:
    """Of one child: bytes of address space, seconds of CPU and of patience, bytes of HTML."""

    memory: int = 2 << 30
    seconds: int = 60
    patience: float = 90
    size: int = 30 << 20


def render_pdf(html: str, *, limits: Limits | None = None) -> bytes:
    """One document. Raises ``NoPdf``."""
    return render_many([html], limits=limits)[0]


def render_many(pages: Sequence[str], *, limits: Limits | None = None) -> list[bytes]:
    """Several documents in one child, which sets up its fonts once. Raises ``NoPdf``."""
    return _drawn([[page] for page in pages], "", limits or Limits())


def render_book(pages: Sequence[str], title: str, *, limits: Limits | None = None) -> bytes:
    """Several documents as one PDF, each on a right page of its own. Raises ``NoPdf``."""
    return _drawn([list(pages)], title, limits or Limits())[0]


def _drawn(books: Sequence[Sequence[str]], title: str, bounds: Limits) -> list[bytes]:
    if sum(len(page) for book in books for page in book) > bounds.size:
        raise _refusal("too_large")
    asked = json.dumps({"books": books, "title": title, "limits": asdict(bounds)})
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD)],
            input=asked.encode(),
            capture_output=True,
            timeout=bounds.patience,
            check=False,
            env=_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal("too_slow") from error
    if done.returncode == -signal.SIGXCPU:
        raise _refusal("too_slow")
    # C code that is refused memory ends by a signal
    if done.returncode == CHILD_TOO_LARGE or done.returncode < 0:
        raise _refusal("too_large")
    if done.returncode:
        is_missing = b"OSError: cannot load library" in done.stderr
        raise _refusal("no_pango" if is_missing else "broken")
    return _parts(done.stdout)


def our_fonts() -> Fonts:
    """The faces of this machine. Raises ``NoPdf``."""
    try:
        return fonts_of(_configuration(), _folder())
    except NoFonts as error:
        raise _refusal("no_fonts") from error


def _folder() -> Path | None:
    folder = Path(settings.FONTS_DIR)
    return folder if folder.is_dir() else None


def _configuration() -> Path:
    return prepared(_folder(), Path(settings.VAR_DIR))


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "FONTCONFIG_FILE": str(_configuration()), "HOME": "/nonexistent"}


def _parts(stream: bytes) -> list[bytes]:
    parts, place = [], 0
    while place < len(stream):
        (length,) = struct.unpack_from(">Q", stream, place)
        parts.append(stream[place + 8 : place + 8 + length])
        place += 8 + length
    return parts


def _refusal(code: str) -> NoPdf:
    words = {
        "too_large": _("The document is too large to print. Print the list as Excel instead."),
        "too_slow": _("Printing took too long. Try again, or shorten the annex."),
        "no_pango": _("This machine cannot print yet. As root: apt-get install %(packages)s"),
        "no_fonts": _("No Chinese font was found. As root: apt-get install %(packages)s"),
        "broken": _("The document could not be printed. Tell whoever runs the machine."),
    }
    return NoPdf(code, words[code] % {"packages": PACKAGES})
