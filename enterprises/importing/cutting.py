"""A long sheet's XML cut between its rows, into small workbooks that calamine reads one by one.

calamine lays a sheet out as a whole: half a gigabyte for half a million rows. What is cut here is
read by calamine all the same, cell by cell; whatever is written in another way than programs write
it is not cut (``Uncut``). Loaded by ``child`` alone, without the project (docs/adr/0043).
"""

import io
import operator
import re
import zipfile
from collections.abc import Iterator
from typing import IO

CHUNK = 1 << 20
ROW = re.compile(rb'<row [^>]*?\br="([0-9]{1,7})"')
SHARED = re.compile(rb'<c ([^>]*?)t="s"([^>]*)><v>([0-9]{1,9})</v></c>')
TEXTS = re.compile(rb"<si>(.*?)</si>|<si/>", re.DOTALL)
HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?><worksheet '
    b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
TAIL = b"</sheetData></worksheet>"


class Uncut(Exception):
    """The workbook is written in a way that is read as a whole."""


def workbook_of(parts: dict[str, bytes]) -> IO[bytes]:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    held.seek(0)
    return held


def shared_texts(archive: zipfile.ZipFile) -> list[bytes]:
    """The insides of what cells share by number, as they are written."""
    found: list[bytes] = []
    if "xl/sharedStrings.xml" not in archive.namelist():
        return found
    with archive.open("xl/sharedStrings.xml") as stream:
        head = stream.read(CHUNK)
        check_cuttable(head, b"<sst")
        rest, count = b"", 0
        text = head
        while text:
            text = rest + text
            check_plain(text)
            end = text.rfind(b"</si>")
            cut = end + 5 if end >= 0 else 0
            found += TEXTS.findall(text[:cut])
            count += text[:cut].count(b"<si")
            rest = text[cut:]
            text = stream.read(CHUNK)
    if count + rest.count(b"<si") != len(found):
        raise Uncut
    return found


def sheets_in(stream: IO[bytes], size: int, texts: list[bytes]) -> Iterator[bytes]:
    """Sheets of some of the rows, each by itself as good as the whole."""
    last = 0
    for rows in cut_between_rows(stream, size):
        last = check_in_order(rows, last)
        yield HEAD + with_texts(rows, texts) + TAIL


def cut_between_rows(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """The rows of a sheet's XML, some megabytes at a time."""
    rest = stream.read(size)
    check_cuttable(rest, b"<worksheet")
    if b"<sheetData/>" in rest:
        return
    begin = rest.find(b"<sheetData>")
    if begin < 0:
        raise Uncut
    rest = rest[begin + 11 :]
    while b"</sheetData>" not in rest:
        check_plain(rest)
        cut = rest.rfind(b"</row>") + 6
        if cut < 6:
            raise Uncut
        yield rest[:cut]
        more = stream.read(size)
        if not more:
            raise Uncut
        rest = rest[cut:] + more
    rest = rest[: rest.index(b"</sheetData>")]
    check_plain(rest)
    yield rest


def check_cuttable(head: bytes, root: bytes) -> None:
    """UTF-8 without prefixes, as every program writes it that we know of."""
    declared = re.search(rb"encoding=[\"']([^\"']*)[\"']", head[:200])
    if root not in head[:2000] or (declared and declared[1].upper() != b"UTF-8"):
        raise Uncut


def check_plain(text: bytes) -> None:
    """Neither a comment nor a piece that is not read as XML."""
    if b"<!" in text:
        raise Uncut


def check_in_order(rows: bytes, last: int) -> int:
    """Each row must say its number, a greater one than the row before it; answers the last."""
    numbers = list(map(int, ROW.findall(rows)))
    if rows.count(b"<row") != len(numbers):
        raise Uncut
    if not all(map(operator.lt, [last, *numbers], numbers)):
        raise Uncut
    return numbers[-1] if numbers else last


def with_texts(rows: bytes, texts: list[bytes]) -> bytes:
    """The rows with every shared text where it is used."""
    if not texts:
        return rows

    def inline(found: re.Match[bytes]) -> bytes:
        before, behind, number = found.groups()
        return b'<c %bt="inlineStr"%b><is>%b</is></c>' % (before, behind, texts[int(number)])

    try:
        rows, _count = SHARED.subn(inline, rows)
    except IndexError as error:
        raise Uncut from error
    if b't="s"' in rows or b"t='s'" in rows:
        raise Uncut
    return rows
