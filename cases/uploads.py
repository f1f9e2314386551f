"""Uploaded papers: an allow-list by extension, magic bytes and size; every refusal in words.

Taken: PDF, JPG, PNG, Word and Excel without macros (.docx, .xlsx) and OFD, the national format of
sealed e-documents. What each may hold is said in ``upload_kinds``. Stored under a name of our own;
the name given is kept as a label only.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _

from cases import upload_kinds
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.upload_kinds import MEDIA_TYPES, refused

MAX_BYTES = 20_000_000
MAX_FILES = 10
MAX_TOTAL = 60_000_000  # of one submit: it is held in memory while it is judged
MAX_NAME = 120
UNSEEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")  # marks that nobody sees in a name
ACCEPT = ",".join(f".{extension}" for extension in MEDIA_TYPES)


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
        raise refused(
            "kind",
            label,
            _("This kind of file is not taken. Take a photo, or save it as PDF, JPG, PNG, "
              ".docx, .xlsx or OFD."),
        )  # fmt: skip
    size = file.size or 0
    if size == 0:
        raise refused("empty", label, _("The file is empty. Save it again and choose it anew."))
    if size > MAX_BYTES:
        words = _("The file is larger than %(n)d MB. Scan at a lower resolution or split it.")
        raise refused("large", label, words % {"n": MAX_BYTES // 1_000_000})
    file.seek(0)
    content = upload_kinds.CHECKS[extension](file.read(), extension, label)
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
    if any(unicodedata.category(mark) in UNSEEN for mark in name):
        raise refused(
            "name", "", _("The name of the file holds invisible marks. Rename it and try again.")
        )
    if "/" in name or "\\" in name or not name.strip(". "):
        raise refused("name", "", _("The name of the file is not sound. Rename it and try again."))
    path = PurePosixPath(unicodedata.normalize("NFC", name).strip())
    return path.stem[: MAX_NAME - len(path.suffix)] + path.suffix
