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


# --- what a text or a table fetches or starts by itself ------------------------------------------
# only where one of these words stands is a part read to its end; they cannot be spelled otherwise
# than in another encoding, which shows by its noughts
ACTING = re.compile(rb"instrtext|fldsimple|ddelink|olelink|webpr|refreshonload", re.IGNORECASE)
LONGEST_WORD = 16
FETCHES = frozenset({"includepicture", "includetext", "include", "import", "rd", "link"})
STARTS = frozenset({"dde", "ddeauto", "database"})
# of a field code: an address, at the beginning of one of its words
ADDRESS = re.compile(r"""(?:^|[\s"“”])""" + OUTSIDE.pattern[3:], re.IGNORECASE)


def may_act(chunk: bytes) -> bool:
    """Whether a piece of a part calls for ``Acts`` to read the whole of it."""
    return ACTING.search(chunk) is not None or b"\0" in chunk[:200]


def is_xml(head: bytes) -> bool:
    """Whether a part is XML, whatever its name says: the types decide what Word reads."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff", b"\0<"))


class Acts:
    """Reads a part piece by piece: Word's field codes, however they are cut into runs, and what an
    Excel file is connected with. ``feed`` raises ``Forbidden`` (fetches from outside), ``Macros``
    (starts a program) or ``ValueError`` (cannot be read)."""

    def __init__(self, first: bytes) -> None:
        chinese = CHINESE.match(first)
        self._parser = expat.ParserCreate("utf-8" if chinese else None)
        self._chinese = (
            codecs.getincrementaldecoder(chinese[1].decode("ascii"))() if chinese else None
        )
        # of each field that is open, outer ones first: the pieces of its code so far
        self._codes: list[list[str]] = []
        self._in_code = False
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._said
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        if self._chinese is not None:
            chunk = self._chinese.decode(chunk, is_last).encode()
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as fault:
            raise ValueError(str(fault)) from None
        for code in self._codes if is_last else ():
            _judge("".join(code))

    def _begin(self, name: str, given: dict[str, str]) -> None:
        name, given = _local(name), {_local(key): value for key, value in given.items()}
        if name == "fldchar":
            self._field(given.get("fldchartype", "").lower())
        elif name == "instrtext":
            self._in_code = True
        elif name == "fldsimple":
            _judge(given.get("instr", ""))
        elif name in ("ddelink", "olelink"):
            raise Macros
        elif name == "webpr" or given.get("refreshonload", "") in ("1", "true"):
            raise Forbidden

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self._codes.append([])
        elif self._codes:
            said = "".join(self._codes[-1])
            _judge(said)
            self._codes[-1] = [said]
            if kind == "end":
                del self._codes[-1]
                # a code inside a code is a part of what the outer one says
                if self._codes:
                    self._codes[-1].append(said)

    def _end(self, name: str) -> None:
        if _local(name) == "instrtext":
            self._in_code = False

    def _said(self, text: str) -> None:
        if self._in_code:
            if not self._codes:
                self._codes.append([])
            self._codes[-1].append(text)

    @staticmethod
    def _doctype(*_told: object) -> None:
        raise Forbidden


def _judge(code: str) -> None:
    words = code.strip().casefold().split(maxsplit=1)
    if not words:
        return
    if words[0] in STARTS:
        raise Macros
    if words[0] in FETCHES and len(words) > 1 and ADDRESS.search(words[1]):
        raise Forbidden


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
