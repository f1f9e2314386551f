"""A PDF or a picture on stdin, looked at or drawn in a process of its own.

Run as a script with ``-I`` (no project code, no settings), bounded in memory, time and files:

- ``look ACTS``: prints ``fine`` and the pages, ``locked``, ``active`` (scripts or files, by
  names that fit the pattern ACTS), ``heavy`` or ``broken``;
- ``draw SMALL SIDE MOST``: the number of pages (eight bytes), then the first page of SMALL points,
  then up to MOST pages of SIDE points, as JPEG, each behind its length.
"""

import io
import re
import resource
import struct
import sys
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

MEMORY = 300 << 20  # bytes of its own, what it loads as programs apart
SECONDS = {"look": 2, "draw": 10}  # of the processor
QUALITY = 72
# four times what chance puts into 20 MB of pictures
MOST_CODES = 300_000
NAME_CODE = re.compile(rb"#([0-9A-Fa-f]{2})")
PAPER_SIDES = 14_400  # points: 5 m, the largest page that a PDF may have


def bound(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def look(data: bytes, acts: str) -> str:
    if data.count(b"#") > MOST_CODES:
        return "heavy"
    if re.search(acts.encode(), plain(data)):
        return "active"
    try:
        book = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return "locked" if error.err_code == pdfium.FPDF_ERR_PASSWORD else "broken"
    if pdfium.FPDFDoc_GetJavaScriptActionCount(book) or pdfium.FPDFDoc_GetAttachmentCount(book):
        return "active"
    try:
        pages = len(book)
        if pages:
            book[0].get_size()
        if re.search(acts.encode(), unpacked(book)):
            return "active"
    except pypdfium2.PdfiumError:
        return "broken"
    return f"fine {pages}" if pages else "broken"


def plain(data: bytes) -> bytes:
    """As it came, also what nothing in it leads to: ``/J#61vaScript`` is a name like another."""
    return NAME_CODE.sub(lambda code: bytes([int(code[1], 16)]), data)


def unpacked(book: pypdfium2.PdfDocument) -> bytes:
    """Written anew: every object plain, those too that lay in compressed streams (PDF 1.5), and
    every name without codes."""
    target = io.BytesIO()
    book.save(target, flags=pdfium.FPDF_NO_INCREMENTAL)
    return target.getvalue()


def pages_of(data: bytes, side: int, most: int) -> tuple[int, Iterator[Image.Image]]:
    if not data.startswith(b"%PDF"):
        return 1, iter([Image.open(io.BytesIO(data), formats=["JPEG", "PNG"])])
    book = pypdfium2.PdfDocument(data)
    return len(book), (drawn(book[place], side) for place in range(min(len(book), most)))


def drawn(page: pypdfium2.PdfPage, side: int) -> Image.Image:
    longest = min(max(page.get_width(), page.get_height(), 1), PAPER_SIDES)
    picture: Image.Image = page.render(scale=side / longest).to_pil()
    return picture


def write(picture: Image.Image, side: int) -> None:
    picture.thumbnail((side, side))
    target = io.BytesIO()
    flat = Image.new("RGB", picture.size, "white")
    seen = picture.convert("RGBA")
    flat.paste(seen, mask=seen.getchannel("A"))
    flat.save(target, "JPEG", quality=QUALITY)
    sys.stdout.buffer.write(struct.pack(">Q", target.tell()) + target.getvalue())


def draw(data: bytes, small: int, side: int, most: int) -> None:
    total, pages = pages_of(data, side, most)
    sys.stdout.buffer.write(struct.pack(">Q", total))
    for number, page in enumerate(pages):
        if number == 0:
            write(page.copy(), small)
        write(page, side)


if __name__ == "__main__":
    wish, more = sys.argv[1], sys.argv[2:]
    given = sys.stdin.buffer.read()
    bound(SECONDS[wish])
    try:
        if wish == "look":
            print(look(given, *more))
        else:
            draw(given, *map(int, more))
    except MemoryError:
        sys.exit(3)
