"""What large uploads take of memory and of the processor: each judged in a process of its own.

``main`` prints a line of JSON for each file; ``told`` runs it once, in a fresh process.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.core.files.base import ContentFile
from PIL import Image

from cases import uploads
from cases.errors import Refused
from tests import bad_files

MOST = 300  # MB, of the process that asks and of its children each
HERE = Path(__file__).parents[1]


class Told(NamedTuple):
    name: str
    said: str
    megabytes: float
    seconds: float


def flat(kind: str, mode: str, size: tuple[int, int], **more: Any) -> Callable[[], bytes]:
    """A picture of one colour: few bytes, many points."""

    def make() -> bytes:
        out = io.BytesIO()
        Image.new(mode, size).save(out, kind, **more)
        return out.getvalue()

    return make


FILES: dict[str, Callable[[], bytes]] = {
    "窄.jpg": flat("JPEG", "RGB", (65_000, 1690), quality=30),
    "方.jpg": flat("JPEG", "RGB", (10_400, 10_400), quality=30),
    "透明.png": flat("PNG", "RGBA", (6300, 6300), compress_level=1),
    "宽.png": flat("PNG", "RGB", (800_000, 50), compress_level=1),
    "逐行.jpg": flat("JPEG", "RGB", (6400, 6400), quality=30, progressive=True, subsampling=0),
    "代码.pdf": lambda: bad_files.pdf().replace(
        b"1.4\n", b"1.4\n%" + b"#41" * 6_300_000 + b"\n", 1
    ),
    "目录.docx": lambda: bad_files.package() + b"PK\x01\x02" * 400_000,
}
SAID = dict.fromkeys(FILES, "taken") | {
    "逐行.jpg": "upload_pixels",
    "代码.pdf": "upload_bomb",
    "目录.docx": "upload_bomb",
}


@cache
def told() -> list[Told]:
    """Each file judged by the uploads, in a fork of one fresh process."""
    work = "import django; django.setup(); from tests import measured; measured.main()"
    done = subprocess.run(
        [sys.executable, "-c", work], stdout=subprocess.PIPE, text=True, check=True, cwd=HERE,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )  # fmt: skip
    return [Told(*json.loads(line)) for line in done.stdout.splitlines()]


def _judged(name: str, data: bytes) -> Told:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, _said(name, data).encode())
        os._exit(0)
    os.close(writing)
    # with the children that looked into it
    _pid, _status, used = os.wait4(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    return Told(name, said, used.ru_maxrss / 1000, used.ru_utime + used.ru_stime)


def _said(name: str, data: bytes) -> str:
    try:
        uploads.check(ContentFile(data), name)
    except Refused as refusal:
        return refusal.code
    return "taken"


def main() -> None:
    for label, make in FILES.items():
        print(json.dumps(_judged(label, make())), flush=True)
