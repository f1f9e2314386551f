"""What the XML inside Word, Excel and OFD files leads to, read as XML and not as text.

However it is spelled (UTF-16, character references, prefixes), the reader sees what Word would
see. No entity is ever read: a part with a DOCTYPE is refused before it says anything.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from xml.parsers import expat

# what is fetched from another machine as soon as the file is opened: not a link that one clicks,
# nor the office's own template or workbook on a disk
OUTSIDE = re.compile(
    r"\s*(?:https?:|ftps?:|mhtml:|\\\\|//|file:/*\\|file:/{2}[^/]|file:/{4})", re.IGNORECASE
)
MACROS = ("macroenabled", "vbaproject", "ms-office.activex")
# expat knows Unicode and Latin; whoever writes OFD may say GB 18030 or an older name of it
CHINESE = re.compile(rb"""^<\?xml[^>]{0,80}encoding\s*=\s*["'](gb18030|gbk|gb2312)["']""", re.I)

Element = Callable[[str, dict[str, str]], None]


class Forbidden(Exception):
    """A DOCTYPE (and with it entities), or a part that is fetched from outside."""


class Macros(Exception):
    """A part that is a program."""


class _Begun(Exception):
    """The first element stands: no DOCTYPE can follow."""


def check_head(head: bytes) -> None:
    """The beginning of an XML part: no DOCTYPE before its first element.

    Raises ``Forbidden``, or ``ValueError`` where no element begins in it."""

    def begun(_name: str, _given: dict[str, str]) -> None:
        raise _Begun

    try:
        _read(head, begun, is_whole=False)
    except _Begun:
        return
    raise ValueError("no element")


def check_relations(part: bytes) -> None:
    """A .rels part; raises ``Forbidden``, ``Macros``, or ``ValueError`` where it cannot be read."""

    def element(name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "").strip().rpartition("/")[2].lower()
        if name == "relationship" and kind == "vbaproject":
            raise Macros
        if (
            name == "relationship"
            and kind != "hyperlink"
            and OUTSIDE.match(given.get("target", ""))
        ):
            raise Forbidden

    _read(part, element, is_whole=True)


def check_types(part: bytes) -> None:
    """[Content_Types].xml; raises ``Macros``, ``Forbidden`` or ``ValueError``."""

    def element(_name: str, given: dict[str, str]) -> None:
        kind = given.get("contenttype", "").lower()
        if any(one in kind for one in MACROS):
            raise Macros

    _read(part, element, is_whole=True)


def _read(part: bytes, element: Element, *, is_whole: bool) -> None:
    chinese = CHINESE.match(part)
    if chinese:
        decoder = codecs.getincrementaldecoder(chinese[1].decode("ascii"))()
        part = decoder.decode(part, is_whole).encode()
    parser = expat.ParserCreate("utf-8" if chinese else None)

    def begin(name: str, given: dict[str, str]) -> None:
        element(_local(name), {_local(key): value for key, value in given.items()})

    def doctype(*_told: object) -> None:
        raise Forbidden

    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(part, is_whole)
    except expat.ExpatError as fault:
        raise ValueError(str(fault)) from None


def _local(name: str) -> str:
    """Without its prefix; readers are lenient with capitals."""
    return name.rpartition(":")[2].lower()
