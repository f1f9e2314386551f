"""A fork's memory in huge pages of its own.

``bin/huge-pages`` gives them to what is asked for; what a fork has from its parent comes in small
ones, a page for each reference that it counts.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from pathlib import Path

SIZE = 2 << 20
MADV_COLLAPSE = 25  # since Linux 6.1
# private, to be written to, of no file
REGION = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 +(?:\[heap\])?$", re.MULTILINE)


def are_asked_for() -> bool:
    return "thp:always" in os.environ.get("MALLOC_CONF", "")


def keep_from_children() -> None:
    """What lives for a second only loses by them, and a browser has its own way."""
    for name in ("LD_PRELOAD", "PYTHONMALLOC", "MALLOC_CONF"):
        os.environ.pop(name, None)


def collapse() -> int:
    """Put what is there together; how many bytes that were, none on an older kernel."""
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return sum(SIZE for at in _places() if advise(at, SIZE, MADV_COLLAPSE) == 0)


def _places() -> Iterator[int]:
    maps = Path("/proc/self/maps")
    for first, last in REGION.findall(maps.read_text() if maps.exists() else ""):
        yield from range(-(-int(first, 16) // SIZE) * SIZE, int(last, 16) - SIZE + 1, SIZE)
