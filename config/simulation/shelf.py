"""What was uploaded for a dry run: a draft pack and a register without names, for a few days.

Files beside the database, under the hash of their content: nothing of a dry run is stored as data.
"""

from __future__ import annotations

import re
import tempfile
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _

from config.simulation.firms import Register, from_workbooks
from organisations.errors import Refused
from workflows.pack_source import LONGEST
from workflows.packs import Pack

KEPT = timedelta(days=14)
KEY = re.compile(r"[0-9a-f]{32}")
PACK, REGISTER = ".yaml", ".json"


def _folder() -> Path:
    folder = Path(settings.VAR_DIR) / "simulation"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def keep_pack(file: File[bytes], now: datetime) -> str:
    """Keep the text of a draft; its key. Refuses what is no text."""
    if file.size is None or file.size > LONGEST * 4:
        raise Refused("too_large", _("The file is too long for a pack."))
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        words = _("This is no text in UTF-8. A pack is a .yaml file, not a workbook or a picture.")
        raise Refused("not_text", words) from None
    return keep_text(text, now)


def keep_text(text: str, now: datetime) -> str:
    """Keep a draft that the page of the check has read already; its key."""
    return _keep(text.replace("\r\n", "\n"), PACK, now)


def keep_register(
    pack: Pack, register: File[bytes], filing: File[bytes] | None, now: datetime
) -> str:
    """Read the workbooks and keep what a dry run needs of them, without names; its key."""
    with tempfile.TemporaryDirectory(dir=_folder()) as folder:
        paths = []
        for place, file in enumerate(filter(None, (register, filing))):
            path = Path(folder) / f"{place}.xlsx"
            with path.open("wb") as target:
                for chunk in file.chunks():
                    target.write(chunk)
            paths.append(path)
        found = from_workbooks(pack, *paths)
    if not found.firms:
        raise Refused("no_firms", _("No row of the register lies in a county of this plan."))
    return _keep(found.as_json(), REGISTER, now)


def pack_text(key: str) -> str:
    return _read(key, PACK)


def register(key: str) -> Register:
    return Register.from_json(_read(key, REGISTER))


def _keep(text: str, kind: str, now: datetime) -> str:
    _clear(now)
    key = sha256(text.encode()).hexdigest()[:32]
    (_folder() / f"{key}{kind}").write_text(text, encoding="utf-8")
    return key


def _read(key: str, kind: str) -> str:
    path = _folder() / f"{key}{kind}"
    if not KEY.fullmatch(key) or not path.is_file():
        raise Refused("gone", _("The uploaded file is not kept any longer. Upload it again."))
    return path.read_text(encoding="utf-8")


def _clear(now: datetime) -> None:
    """Forget what was uploaded long ago."""
    for path in _folder().iterdir():
        written = datetime.fromtimestamp(path.stat().st_mtime, tz=timezone.get_current_timezone())
        if path.is_file() and written < now - KEPT:
            path.unlink(missing_ok=True)
