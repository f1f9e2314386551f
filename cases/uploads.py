"""Uploaded papers: an allow-list by extension, magic bytes and size; every refusal in words.

Taken: PDF, JPG, PNG, Word and Excel without macros (.docx, .xlsx) and OFD, the national format of
sealed e-documents. Refused: the old .doc and .xls (their macros cannot be told from text), macros,
embedded programs, what is locked by a password, what is two formats at once. Pictures are drawn
anew, which drops EXIF (place, telephone) and anything hidden behind the picture. Stored under a
name of our own; the name given is kept as a label only.
"""

from __future__ import annotations

import hashlib
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from PIL import Image, ImageOps

from cases.actions.evidence import Paper
from cases.errors import Refused

MAX_BYTES = 20_000_000
MAX_FILES = 10
MAX_TOTAL = 60_000_000  # of one submit: it is held in memory while it is judged
MAX_NAME = 120
MAX_PIXELS = 60_000_000
LONGEST_SIDE = 4000
# what an Office file or OFD may hold once unpacked
MAX_ENTRIES = 3000
MAX_UNPACKED = 200_000_000
MAX_RATIO = 200

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
ACCEPT = ",".join(f".{extension}" for extension in MEDIA_TYPES)
# the part that makes a zip file what its extension says
MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "ofd": "OFD.xml"}
FORBIDDEN_PARTS = ("vbaproject", "activex", "oleobject", "/embeddings/", "macrosheets")
ZIP_END = b"PK\x05\x06"
# a PDF may act by these; a paper has no reason to
PDF_ACTS = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")


def check_all(files: Sequence[File[bytes]]) -> list[Paper]:
    """Checked uploads; the first bad one refuses all, with its name and that none is kept."""
    if not files:
        raise Refused("no_file", _("Choose at least one file."))
    if len(files) > MAX_FILES:
        raise Refused(
            "many_files",
            _("At most %(n)d files at a time. Send the rest after.") % {"n": MAX_FILES},
        )
    if sum(file.size or 0 for file in files) > MAX_TOTAL:
        raise Refused(
            "upload_total",
            _("More than %(n)d MB at a time. Send the files in two or three goes.")
            % {"n": MAX_TOTAL // 1_000_000},
        )
    try:
        return [check(file, file.name or "") for file in files]
    except Refused as refusal:
        if len(files) == 1:
            raise
        words = _("%(refusal)s None of the %(n)d files was kept: choose them all again.")
        told = words % {"refusal": refusal.words, "n": len(files)}
        raise Refused(refusal.code, told) from None


def check(file: File[bytes], name: str) -> Paper:
    """One upload, judged and ready to store: own name, SHA-256, pictures drawn anew."""
    label = _label(name)
    extension = PurePosixPath(label).suffix.lower().removeprefix(".")
    if extension not in MEDIA_TYPES:
        raise _refused(
            "kind",
            label,
            _("This kind of file is not taken. Take a photo, or save it as PDF, JPG, PNG, "
              ".docx, .xlsx or OFD."),
        )  # fmt: skip
    size = file.size or 0
    if size == 0:
        raise _refused("empty", label, _("The file is empty. Save it again and choose it anew."))
    if size > MAX_BYTES:
        words = _("The file is larger than %(n)d MB. Scan at a lower resolution or split it.")
        raise _refused("large", label, words % {"n": MAX_BYTES // 1_000_000})
    file.seek(0)
    content = CHECKS[extension](file.read(), extension, label)
    kind = "jpg" if extension == "jpeg" else extension
    return Paper(
        file=ContentFile(content, name=f"{uuid4().hex}.{kind}"),
        name=label,
        media_type=MEDIA_TYPES[extension],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _label(name: str) -> str:
    """The name as a label. A path, control or direction marks are no name a person gave."""
    if any(unicodedata.category(mark) in ("Cc", "Cf", "Co", "Cs") for mark in name):
        raise _refused(
            "name", "", _("The name of the file holds invisible marks. Rename it and try again.")
        )
    if "/" in name or "\\" in name or not name.strip(". "):
        raise _refused("name", "", _("The name of the file is not sound. Rename it and try again."))
    path = PurePosixPath(unicodedata.normalize("NFC", name).strip())
    return path.stem[: MAX_NAME - len(path.suffix)] + path.suffix


def _refused(code: str, label: str, words: str) -> Refused:
    shown = f"{label}{pgettext('between a label and its reason', ': ')}{words}" if label else words
    return Refused(f"upload_{code}", shown)


def _differs(label: str) -> Refused:
    return _refused(
        "differs",
        label,
        _("The content is not what the name says. Open it, save it anew and choose it again."),
    )


# --- pictures ------------------------------------------------------------------------------------
def _picture(data: bytes, extension: str, label: str) -> bytes:
    """The picture drawn anew, upright, without EXIF; refused where it is none or a bomb."""
    wanted = "PNG" if extension == "png" else "JPEG"
    if not data.startswith(b"\x89PNG\r\n\x1a\n" if wanted == "PNG" else b"\xff\xd8\xff"):
        raise _differs(label)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[wanted]) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise _refused("pixels", label, _("The picture is too large to be opened."))
                return _drawn(picture, wanted)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _refused("pixels", label, _("The picture is too large to be opened.")) from None
    except Exception:  # Pillow raises whatever a broken file leads it to
        raise _refused(
            "broken", label, _("The file is damaged and cannot be opened. Take it anew.")
        ) from None


def _drawn(picture: Image.Image, wanted: str) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    if wanted == "JPEG":
        upright.convert("RGB").save(out, "JPEG", quality=85, optimize=True)
    else:
        mode = "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
        clean = Image.new(mode, upright.size)
        clean.paste(upright.convert(mode))
        clean.save(out, "PNG", optimize=True)
    return out.getvalue()


# --- documents -----------------------------------------------------------------------------------
def _pdf(data: bytes, _extension: str, label: str) -> bytes:
    if not data.startswith(b"%PDF-"):
        raise _differs(label)
    if b"%%EOF" not in data[-2048:]:
        raise _refused("broken", label, _("The file is damaged or cut off. Save it again as PDF."))
    if ZIP_END in data[-65_600:]:
        raise _differs(label)
    if any(mark in data for mark in PDF_ACTS):
        raise _refused(
            "active",
            label,
            _("The PDF holds scripts or other files. Print it to a new PDF and choose that."),
        )
    return data


def _package(data: bytes, extension: str, label: str) -> bytes:
    """Word, Excel, OFD: a sound zip of the right kind, without macros, programs or bombs."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused(
            "locked",
            label,
            _("The file is locked by a password or in the old format. Save it without a password."),
        )
    if not data.startswith(b"PK\x03\x04"):
        raise _differs(label)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_ends(data, package, label)
            _check_parts(package, extension, label)
    except (zipfile.BadZipFile, EOFError, OSError, UnicodeDecodeError, NotImplementedError):
        raise _refused(
            "broken", label, _("The file is damaged and cannot be opened. Save it again.")
        ) from None
    return data


def _check_ends(data: bytes, package: zipfile.ZipFile, label: str) -> None:
    """Nothing before the first entry and nothing behind the last: not two formats in one."""
    end = data.rfind(ZIP_END)
    starts = min((entry.header_offset for entry in package.infolist()), default=0)
    if starts != 0 or end + 22 + len(package.comment) != len(data):
        raise _differs(label)


def _check_parts(package: zipfile.ZipFile, extension: str, label: str) -> None:
    entries = package.infolist()
    names = [entry.filename for entry in entries]
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise _refused("bomb", label, _("The file unpacks to far too much. Save it as PDF."))
    if any(entry.flag_bits & 1 for entry in entries):
        raise _refused("locked", label, _("The file is locked. Save it without a password."))
    if any(name.startswith(("/", "\\")) or ".." in name.split("/") for name in names):
        raise _differs(label)
    if MAIN_PARTS[extension] not in names:
        raise _differs(label)
    lowered = [name.lower() for name in names]
    macros = any(part in name for name in lowered for part in FORBIDDEN_PARTS)
    if not macros and "[Content_Types].xml" in names:
        macros = b"macroEnabled" in package.read("[Content_Types].xml")
    if macros:
        raise _refused(
            "macros",
            label,
            _("The file holds macros or other programs. Save it as PDF and choose that."),
        )


CHECKS: dict[str, Callable[[bytes, str, str], bytes]] = {
    "pdf": _pdf,
    "jpg": _picture,
    "jpeg": _picture,
    "png": _picture,
    "docx": _package,
    "xlsx": _package,
    "ofd": _package,
}
