"""Reads one .xlsx in a process of its own and prints its cells as lines of JSON.

Run as a script with ``-I`` (no project code, no settings): ``child.py PATH LIMITS``. Whatever a
hostile file does to this process, the parent only sees an exit code. The cells are counted in
the raw XML before calamine lays them out, because one cell at XFD1048576 would make it allocate
the whole rectangle.

Prints ``{"sheet": name, "unread": ["H5"…]}`` before each sheet, ``[cell…]`` for each row from the
first on, and ``{"end": true}``; or ``{"refused": code, "detail": text}``, whatever stands before
it. A cell is a string, a number, true/false,
``{"day": "2022-01-31"}`` or null; ``unread`` are formulas whose value the file does not hold, which
look like empty cells.

Of a long workbook rows come many at a time, ``{"first": number of the first row, "columns":
[[cell…]…]}``: the sheet's XML is cut between rows and calamine reads one small workbook after the
other, so that memory stays flat (docs/adr/0043). ``{"again": true}``: what was said so far is
void, as the sheet is written in a way that cannot be cut; it follows from its beginning.
"""

import datetime
import json
import os
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Container, Iterator
from importlib import import_module
from typing import IO, Any
from xml.etree import ElementTree

CELL = re.compile(rb"<(?:\w+:)?c(?:\s[^>]*)?>")
PLACE = re.compile(rb'\sr="([A-Za-z]{1,3})([0-9]{1,7})"')
FILLED = re.compile(rb"<(?:\w+:)?c(\s[^>]*)?(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
VALUE = re.compile(rb"<(?:\w+:)?(?:v(?:\s[^>]*)?>[^<]|is[\s>])")
# a formula whose result is the empty text does hold its value
TEXT = re.compile(rb"""\st=["']str["']""")
SHELL = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")
STYLES, TEXTS = "xl/styles.xml", "xl/sharedStrings.xml"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CHUNK = 1 << 20


class Refused(Exception):
    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def main(path: str, limits: dict[str, int]) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        with_formulas = check_archive(path, limits)
        print_sheets(path, limits, with_formulas)
        return {"end": True}
    except Refused as refusal:
        return {"refused": refusal.code, "detail": refusal.detail}


def check_archive(path: str, limits: dict[str, int]) -> set[str]:
    """Sizes, ratio, parts and the number of cells, without laying anything out; the parts in which
    something calculates."""
    with_formulas, far = set[str](), beyond(limits)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            check_sizes(parts, limits)
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
                raise Refused("not_xlsx")
            if any(name.endswith("vbaProject.bin") for name in names):
                raise Refused("macros")
            for part in parts:
                if part.flag_bits & 0x1:
                    raise Refused("encrypted")
                with archive.open(part) as stream:
                    is_small, calculates = skim(stream, limits["cells"], far)
                if calculates:
                    with_formulas.add(part.filename)
                if not is_small and part.filename.startswith("xl/worksheets/"):
                    with archive.open(part) as stream:
                        count_cells(stream, limits)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError) as error:
        # it begins like a workbook (the parent has looked): cut off on its way, or damaged
        raise Refused("damaged", type(error).__name__) from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Refused("damaged", "zlib") from error
        raise
    return with_formulas


def check_sizes(parts: list[zipfile.ZipInfo], limits: dict[str, int]) -> None:
    if len(parts) > limits["parts"]:
        raise Refused("over_limits", "parts")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    if unpacked > limits["unpacked"]:
        raise Refused("bomb", f"{unpacked // (1 << 20)} MB")
    if unpacked > limits["ratio_from"] and unpacked / packed > limits["ratio"]:
        raise Refused("bomb", f"{unpacked // packed}:1")


def skim(stream: IO[bytes], most: int, far: re.Pattern[bytes]) -> tuple[bool, bool]:
    """Reads the part to its end (a lying size shows as a wrong checksum): whether it can hold no
    more cells than it may, none of them far away; and whether anything in it calculates.

    In doubt it is counted cell by cell, which takes ten times as long.
    """
    is_small, calculates, tags = True, False, 0
    for text in overlapping(stream):
        # of every tag that begins with a c, with a prefix or without
        tags += text.count(b"<c") + text.count(b":c")
        is_small = is_small and tags <= most and far.search(text) is None
        if not calculates and (b"<f" in text or b":f" in text):
            calculates = FORMULA.search(text) is not None
    return is_small, calculates


def beyond(limits: dict[str, int]) -> re.Pattern[bytes]:
    """The address of a cell below the last row or right of the last column that may be; letters in
    both cases, as a pattern that folds them is searched for three times as long."""
    rows = larger(str(limits["rows"]), "0123456789")
    columns = larger(letters(limits["columns"]), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    pattern = f'r="(?:[A-Za-z]{{1,3}}(?:{rows})"|(?:{columns})[0-9])'
    return re.compile(pattern.encode())


def larger(last: str, signs: str) -> str:
    """A pattern of all words of these signs behind ``last``: the longer ones, and among those of
    its length whatever has a later sign somewhere behind an equal beginning."""
    any_of_them = f"[{signs}{signs.lower()}]"
    ways = [f"{any_of_them}{{{len(last) + 1},}}"]
    for place, sign in enumerate(last):
        if later := signs[signs.index(sign) + 1 :]:
            same = "".join(f"[{one}{one.lower()}]" for one in last[:place])
            rest = len(last) - place - 1
            ways.append(f"{same}[{later}{later.lower()}]{any_of_them}{{{rest}}}")
    return "|".join(ways)


def letters(number: int) -> str:
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def count_cells(stream: IO[bytes], limits: dict[str, int]) -> None:
    """Counts the cells of a sheet, and looks where each of them stands."""
    cells = 0
    for text in overlapping(stream):
        for tag in CELL.findall(text):
            if tag.endswith(b"/>"):
                continue
            cells += 1
            place = PLACE.search(tag)
            if place and int(place[2]) > limits["rows"]:
                raise Refused("over_limits", "rows")
            if place and column_number(place[1]) > limits["columns"]:
                raise Refused("over_limits", "columns")
        if cells > limits["cells"]:
            raise Refused("over_limits", "cells")


def overlapping(stream: IO[bytes]) -> Iterator[bytes]:
    """Chunks cut before a tag that is still open, so that no tag is seen in halves."""
    rest = b""
    while chunk := stream.read(CHUNK):
        text = rest + chunk
        cut = text.rfind(b"<")
        if cut < 0 or len(text) - cut > CHUNK:
            cut = len(text)
        yield text[:cut]
        rest = text[cut:]
    yield rest


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def print_sheets(path: str, limits: dict[str, int], with_formulas: set[str]) -> None:
    import python_calamine

    try:
        # by its content: from a path calamine believes the name, and book.xls may hold an .xlsx
        with open(path, "rb") as content:
            if is_long(path, limits):
                if print_in_parts(path, limits, with_formulas):
                    return
                say({"again": True})
            book = python_calamine.CalamineWorkbook.from_filelike(content)
        unread: dict[str, list[str]] = {name: [] for name in visible_in(book)}
        if with_formulas:
            add_unread(path, unread, with_formulas)
        for name, places in unread.items():
            print_sheet(book, name, limits, places)
    except python_calamine.PasswordError as error:
        raise Refused("encrypted") from error
    except (python_calamine.CalamineError, OSError) as error:
        raise Refused("damaged", str(error)[:200]) from error


def visible_in(book: Any) -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        meta.name
        for meta in book.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible
    ]


def is_long(path: str, limits: dict[str, int]) -> bool:
    with zipfile.ZipFile(path) as archive:
        sheets = [p for p in archive.infolist() if p.filename.startswith("xl/worksheets/")]
        return max((part.file_size for part in sheets), default=0) > limits["long"]


def print_in_parts(path: str, limits: dict[str, int], with_formulas: set[str]) -> bool:
    """False where the workbook cannot be cut."""
    from python_calamine import CalamineWorkbook

    # our neighbour in this folder, where an isolated interpreter does not look
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    cutting: Any = import_module("cutting")
    with zipfile.ZipFile(path) as archive:
        there = set(archive.namelist())
        # calamine finds these two whatever the case of their letters
        own = {name.lower(): name for name in (STYLES, TEXTS)}
        is_usual = all(own.get(name.lower(), name) == name for name in there)
        if not is_usual or not there.issuperset(SHELL):
            return False
        shell = {name: archive.read(name) for name in (*SHELL, *({STYLES} & there))}
        names = visible_in(CalamineWorkbook.from_filelike(cutting.workbook_of(shell)))
        unread: dict[str, list[str]] = {name: [] for name in names}
        if with_formulas:
            add_unread(path, unread, with_formulas)
        parts = parts_of(archive, unread)
        if len(parts) != len(names):
            return False
        try:
            texts = cutting.shared_texts(archive)
            for name in names:
                say({"sheet": name, "unread": unread[name]})
                with archive.open(parts[name]) as stream:
                    for sheet in cutting.sheets_in(stream, limits["part"], texts):
                        book = cutting.workbook_of({**shell, parts[name]: sheet})
                        print_part(CalamineWorkbook.from_filelike(book), name, limits)
        except cutting.Uncut:
            return False
    return True


def print_part(book: Any, name: str, limits: dict[str, int]) -> None:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > limits["rows"] or sheet.total_width > limits["columns"]:
        raise Refused("over_limits", "rows")
    if sheet.start is None:
        return
    row, column = sheet.start
    cells = zip(*sheet.to_python(skip_empty_area=True), strict=True)
    columns: list[list[Any]] = [[] for _ in range(column)]
    for one in cells:
        kinds = set(map(type, one))
        is_plain = kinds <= TEXT_OR_NUMBER and "" not in one
        columns.append(list(one) if is_plain else [plain(cell) for cell in one])
    say({"first": row + 1, "columns": columns})


def add_unread(path: str, sheets: dict[str, list[str]], with_formulas: set[str]) -> None:
    """The addresses of formulas without a value, by the names of the sheets."""
    with zipfile.ZipFile(path) as archive:
        for name, part in parts_of(archive, sheets).items():
            if part in with_formulas:
                sheets[name] += unread_in(archive.read(part))


def parts_of(archive: zipfile.ZipFile, sheets: Container[str]) -> dict[str, str]:
    """Where each of the sheets lies in the archive."""
    parts, found = set(archive.namelist()), dict[str, str]()
    if "xl/_rels/workbook.xml.rels" not in parts:
        return found
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in links}
    for one in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        name = one.get("name", "")
        if not one.tag.endswith("}sheet") or name not in sheets:
            continue
        target = targets.get(one.get(RELATION), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in parts:
            found[name] = part
    return found


def unread_in(content: bytes) -> list[str]:
    found = []
    for tag, inner in FILLED.findall(content):
        place = PLACE.search(tag)
        if place and FORMULA.search(inner) and not VALUE.search(inner) and not TEXT.search(tag):
            found.append((place[1] + place[2]).decode().upper())
    return found


def print_sheet(book: Any, name: str, limits: dict[str, int], unread: list[str]) -> None:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > limits["rows"] or sheet.total_width > limits["columns"]:
        raise Refused("over_limits", "rows")
    say({"sheet": name, "unread": unread})
    # calamine tells the empty rows above the first cell, but no empty columns left of it
    left = [None] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows() if sheet.total_height else ():
        say(left + [cell if type(cell) in PLAIN else plain(cell) for cell in row])


PLAIN = (int, float, bool)
TEXT_OR_NUMBER = {str, *PLAIN}
encode: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def say(what: Any) -> None:
    sys.stdout.buffer.write(encode(what).encode() + b"\n")


def plain(cell: Any) -> Any:
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime.datetime):
        return {"day": cell.date().isoformat()}
    if isinstance(cell, datetime.date):
        return {"day": cell.isoformat()}
    if isinstance(cell, bool | int | float | str):
        return cell
    return str(cell)


if __name__ == "__main__":
    try:
        answer = main(sys.argv[1], json.loads(sys.argv[2]))
    except MemoryError:
        answer = {"refused": "over_limits"}
    say(answer)
