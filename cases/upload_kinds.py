"""What a file of each kind may hold; whatever else it turns out to be is refused in words.

Refused: the old .doc and .xls (their macros cannot be told from text), macros, embedded programs,
entities and outside parts of XML, what is locked by a password, what is two formats at once, what
cannot be opened or unpacks to too much. Pictures are drawn anew, which drops EXIF (place,
telephone) and anything hidden behind the picture; what is not little is drawn in a bounded child.
No check needs more than 300 MB or, on an ordinary machine, two seconds (``tests.measured`` and
``bin/prove files`` measure both).
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Literal, NoReturn

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from cases import package_parts, paper_reading, picture_child
from cases.errors import Refused

# pixels; a JPEG is read at the size that is wanted, everything else whole
MAX_PIXELS, MAX_WHOLE = 110_000_000, 40_000_000
# what a progressive JPEG holds before its first row is known: two bytes for each
MAX_COEFFICIENTS = 80_000_000
# pixels drawn where they are asked for; more, or in several scans, in the bounded child
SMALL = 1_000_000
SCAN = b"\xff\xda"
# what an Office file or OFD may hold once unpacked
MAX_ENTRIES = 3000
MAX_UNPACKED = 100_000_000
MAX_RATIO = 200
A_HEAD = 65_536  # bytes: the first element of an XML part begins within
MAX_READ = 8_000_000  # bytes of all the parts that are read as XML to their end
MAX_ACTING = 20_000_000  # of those that hold field codes or connections: a text of 1,000 pages
ENTRY = b"PK\x01\x02"
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # as the formats allow

OOXML = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": OOXML + "wordprocessingml.document",
    "xlsx": OOXML + "spreadsheetml.sheet",
    "ofd": "application/ofd",
}
# the part that makes a zip file what its extension says
MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "ofd": "OFD.xml"}
FORBIDDEN_PARTS = ("vbaproject", "activex", "oleobject", "/embeddings/", "macrosheets")
FORBIDDEN_ENDS = (".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".scr", ".lnk", ".hta")
ZIP_END = b"PK\x05\x06"
# a PDF may act by these; a paper has no reason to. A name ends where the format says, lest three
# letters in a picture's bytes be one
PDF_ACTS = (
    r"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|ImportData)"
    r"(?=[\x00\t\n\f\r ()<>\[\]{}/%])"
)


def refused(code: str, label: str, words: str) -> Refused:
    shown = f"{label}{pgettext('between a label and its reason', ': ')}{words}" if label else words
    return Refused(f"upload_{code}", shown)


def _differs(label: str) -> Refused:
    return refused(
        "differs",
        label,
        _("The content is not what the name says. Open it, save it anew and choose it again."),
    )


def _bomb(label: str) -> Refused:
    return refused("bomb", label, _("The file unpacks to far too much. Save it as PDF."))


# --- pictures ------------------------------------------------------------------------------------
def picture(data: bytes, extension: str, label: str) -> bytes:
    """The picture drawn anew, upright, without EXIF; refused where it is none or a bomb."""
    wanted: Literal["JPEG", "PNG"] = "PNG" if extension == "png" else "JPEG"
    if not data.startswith(b"\x89PNG\r\n\x1a\n" if wanted == "PNG" else b"\xff\xd8\xff"):
        raise _differs(label)
    try:
        with warnings.catch_warnings():
            # our own limits are below Pillow's, and in words
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[wanted]) as found:
                _check_pixels(found, label)
                is_small = found.width * found.height <= SMALL and data.count(SCAN) <= 1
        clean = picture_child.redrawn(data, wanted) if is_small else None
    except Refused:
        raise
    except Image.DecompressionBombError:
        _too_large(label)
    except Exception:  # Pillow raises whatever a broken file leads it to
        raise _damaged(label) from None
    if clean is not None:
        return clean
    drawn = paper_reading.redraw(data, wanted)
    if drawn == "heavy":
        _too_large(label)
    if drawn == "broken":
        raise _damaged(label)
    return drawn


def _damaged(label: str) -> Refused:
    words = _("The file is damaged and cannot be opened. Take it anew.")
    return refused("broken", label, words)


def _too_large(label: str) -> NoReturn:
    raise refused("pixels", label, _("The picture is too large to be opened.")) from None


def _check_pixels(found: Image.Image, label: str) -> None:
    """What decoding it would take; a progressive JPEG is held whole whatever size is wanted."""
    pixels, is_progressive = found.width * found.height, bool(found.info.get("progressive"))
    whole = found.format == "PNG" or is_progressive
    if pixels > (MAX_WHOLE if whole else MAX_PIXELS):
        _too_large(label)
    if isinstance(found, JpegImageFile) and is_progressive:
        sampled = [layer[1] * layer[2] for layer in found.layer]
        if pixels * sum(sampled) > MAX_COEFFICIENTS * max(sampled):
            _too_large(label)


# --- documents -----------------------------------------------------------------------------------
def pdf(data: bytes, _extension: str, label: str) -> bytes:
    """A PDF that opens, without scripts, programs or files inside."""
    if not data.startswith(b"%PDF-"):
        raise _differs(label)
    if b"%%EOF" not in data[-2048:]:
        raise refused("broken", label, _("The file is damaged or cut off. Save it again as PDF."))
    if ZIP_END in data[-65_600:]:
        raise _differs(label)
    match paper_reading.look(data, PDF_ACTS):
        case "fine":
            return data
        case "active":
            raise _active(label)
        case "locked":
            raise refused("locked", label, _("The file is locked. Save it without a password."))
        case "heavy":
            raise _bomb(label)
        case _:
            words = _("The file is damaged and cannot be opened. Save it again.")
            raise refused("broken", label, words)


def _active(label: str) -> Refused:
    return refused(
        "active",
        label,
        _("The PDF holds scripts or other files. Print it to a new PDF and choose that."),
    )


def package(data: bytes, extension: str, label: str) -> bytes:
    """Word, Excel, OFD: a sound zip of the right kind, without macros, programs or bombs."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused(
            "locked",
            label,
            _("The file is locked by a password or in the old format. Save it without a password."),
        )
    if not data.startswith(b"PK\x03\x04"):
        raise _differs(label)
    if data.count(ENTRY) > MAX_ENTRIES:
        raise _bomb(label)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            _check_ends(data, opened, label)
            _check_parts(opened, extension, label)
            _check_content(opened, label)
    except Refused:
        raise
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError,
        RuntimeError, LookupError, OverflowError, MemoryError,
    ):  # fmt: skip
        raise refused(
            "broken", label, _("The file is damaged and cannot be opened. Save it again.")
        ) from None
    return data


def _check_ends(data: bytes, opened: zipfile.ZipFile, label: str) -> None:
    """Nothing before the first entry and nothing behind the last: not two formats in one; and no
    entry inside another, which is how a small file holds very much."""
    end = data.rfind(ZIP_END)
    entries = sorted(opened.infolist(), key=lambda entry: entry.header_offset)
    starts = entries[0].header_offset if entries else 0
    if starts != 0 or end + 22 + len(opened.comment) != len(data):
        raise _differs(label)
    for entry, following in pairwise(entries):
        if entry.header_offset + entry.compress_size >= following.header_offset:
            raise _bomb(label)


def _check_parts(opened: zipfile.ZipFile, extension: str, label: str) -> None:
    entries = opened.infolist()
    names = [entry.filename for entry in entries]
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise _bomb(label)
    if any(entry.compress_type not in PACKED for entry in entries):
        raise zipfile.BadZipFile
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused("locked", label, _("The file is locked. Save it without a password."))
    if any(_leads_out(name) for name in names) or len(set(names)) != len(names):
        raise _differs(label)
    if MAIN_PARTS[extension] not in names:
        raise _differs(label)
    lowered = [name.lower() for name in names]
    macros = any(part in name for name in lowered for part in FORBIDDEN_PARTS)
    macros |= any(name.endswith(FORBIDDEN_ENDS) for name in lowered)
    if macros:
        raise _macros(label)


def _macros(label: str) -> Refused:
    return refused(
        "macros",
        label,
        _("The file holds macros or other programs. Save it as PDF and choose that."),
    )


def _leads_out(name: str) -> bool:
    """An entry that would be unpacked elsewhere."""
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]


def _check_content(opened: zipfile.ZipFile, label: str) -> None:
    """Every part is read to its end, as a lying size shows by its checksum; XML names no entity,
    and nothing is fetched from outside or started, when the file is opened or its fields are
    brought up to date."""
    left, acting = MAX_READ, MAX_ACTING
    try:
        for entry in opened.infolist():
            name = entry.filename.lower()
            is_read = name.endswith(".rels") or name == "[content_types].xml"
            left -= entry.file_size if is_read else 0
            if left < 0:
                raise _bomb(label)
            may_act = False
            with opened.open(entry) as stream:
                held = piece = stream.read(entry.file_size if is_read else A_HEAD)
                while piece:
                    may_act |= package_parts.may_act(piece)
                    tail = piece[-package_parts.LONGEST_WORD :]
                    piece = stream.read(1 << 20)
                    may_act |= bool(piece) and package_parts.may_act(tail + piece[:64])
            _check_xml(name, held)
            if may_act and (name.endswith(".xml") or package_parts.is_xml(held)):
                acting -= entry.file_size
                _check_acts(opened, entry, acting, label)
    except package_parts.Forbidden:
        raise _outside(label) from None
    except package_parts.Macros:
        raise _macros(label) from None


def _check_acts(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, label: str) -> None:
    """A part with field codes or connections is read to its end."""
    if left < 0:
        raise _bomb(label)
    with opened.open(entry) as stream:
        piece = stream.read(A_HEAD)
        reader = package_parts.Acts(piece)
        while piece:
            reader.feed(piece)
            piece = stream.read(1 << 20)
        reader.feed(b"", is_last=True)


def _check_xml(name: str, held: bytes) -> None:
    if name.endswith(".rels"):
        package_parts.check_relations(held)
    elif name == "[content_types].xml":
        package_parts.check_types(held)
    elif name.endswith(".xml") and held:
        package_parts.check_head(held)


def _outside(label: str) -> Refused:
    return refused(
        "outside",
        label,
        _("The file fetches something from outside when it is opened. Save it as PDF."),
    )


CHECKS: dict[str, Callable[[bytes, str, str], bytes]] = {
    "pdf": pdf,
    "jpg": picture,
    "jpeg": picture,
    "png": picture,
    "docx": package,
    "xlsx": package,
    "ofd": package,
}
