"""A PDF or a picture on stdin → its first pages as JPEG on stdout, each behind its length.

Run as a script with ``-I`` and the number of pages; bounded in memory, time and files.
"""

import io
import resource
import struct
import sys
from collections.abc import Iterator

import pypdfium2
from PIL import Image

MEMORY, SECONDS = 1 << 30, 30
SIDE = 1500  # points of the longer side
QUALITY = 70


def main(most: int) -> None:
    data = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    pages = (
        _of_pdf(data, most) if data.startswith(b"%PDF") else iter([Image.open(io.BytesIO(data))])
    )
    for page in pages:
        page.thumbnail((SIDE, SIDE))
        target = io.BytesIO()
        page.convert("RGB").save(target, "JPEG", quality=QUALITY)
        sys.stdout.buffer.write(struct.pack(">Q", target.tell()) + target.getvalue())


def _of_pdf(data: bytes, most: int) -> Iterator[Image.Image]:
    book = pypdfium2.PdfDocument(data)
    for place in range(min(len(book), most)):
        page = book[place]
        scale = SIDE / max(page.get_width(), page.get_height(), 1)
        yield page.render(scale=scale).to_pil()


if __name__ == "__main__":
    main(int(sys.argv[1]))
