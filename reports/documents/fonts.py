"""Which faces this machine has for 小标宋, 仿宋, 楷体, 黑体, 宋, and what they lack.

An office's own fonts (in its folder) come first, then those of the system; Noto CJK alone is
enough. A character that the face lacks comes from a face of the same weight, never from a bold
one; one that no face has is reported, not printed as a box.
"""

from __future__ import annotations

import bisect
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from PIL import ImageFont

from reports.documents.faces import BODY, FACES, PLAIN_STYLES, SERIF

SYSTEM: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts")
SCALE = 1000


@dataclass(frozen=True)
class Font:
    """One plain style of a family in a file; ``ranges``: (first, last) code points it has."""

    family: str
    path: str
    index: int
    ranges: tuple[tuple[int, int], ...] = field(repr=False)

    def has(self, character: str) -> bool:
        code = ord(character)
        place = bisect.bisect_right(self.ranges, (code, 0x110000)) - 1
        return place >= 0 and self.ranges[place][0] <= code <= self.ranges[place][1]

    @cached_property
    def _metrics(self) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(self.path, SCALE, self.index)

    def advance(self, character: str) -> float:
        """In em."""
        return self._metrics.getlength(character) / SCALE


@dataclass(frozen=True)
class Fonts:
    """The faces as this machine can print them: for each the fonts in the order they are asked."""

    chains: dict[str, tuple[Font, ...]]
    weights: dict[str, int]

    def width(self, character: str, face: str) -> float:
        """Advance in em; ideographs and full-width marks are one em in every face."""
        code = ord(character)
        if 0x2E80 <= code <= 0x9FFF or 0xFF00 <= code <= 0xFF60 or code >= 0x20000:
            return 1.0
        for font in self.chains[face]:
            if font.has(character):
                return font.advance(character)
        return 1.0

    def missing(self, text: str) -> list[str]:
        """Characters that no font of the body's chain can print, each once, in order."""
        chain = self.chains[BODY.name]
        found = dict.fromkeys(c for c in text if not c.isspace() and c.isprintable())
        return [c for c in found if not any(font.has(c) for font in chain)]

    def stack(self, face: str) -> str:
        """As CSS's font-family."""
        names = dict.fromkeys(font.family for font in self.chains[face])
        return ", ".join(f'"{_css(name)}"' for name in names)


class NoFonts(Exception):
    """Not one Chinese font on the machine: nothing can be printed."""


def configuration(folder: Path | None, cache: Path) -> str:
    """fontconfig's file: the office's folder, the system's folders, nothing of the user's taste."""
    places = [*([str(folder)] if folder else []), *SYSTEM]
    folders = "".join(f"<dir>{escape(os.path.expanduser(place))}</dir>" for place in places)
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig>{folders}<cachedir>{escape(str(cache))}</cachedir></fontconfig>"
    )


def prepared(folder: Path | None, var: Path) -> Path:
    """fontconfig's file on disk; ``var`` also keeps its cache."""
    place = var / "fontconfig"
    place.mkdir(parents=True, exist_ok=True)
    file, text = place / "fonts.conf", configuration(folder, place / "cache")
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    return file


def fonts_of(file: Path, folder: Path | None) -> Fonts:
    """What the machine can print; looked up again when the office's folder changes.

    Raises ``NoFonts`` where neither Noto CJK nor an own font is found.
    """
    stamp = folder.stat().st_mtime_ns if folder and folder.is_dir() else 0
    return _found(str(file), stamp)


@lru_cache(maxsize=4)
def _found(file: str, stamp: int) -> Fonts:
    wanted = {name for face in FACES for name in (*face.families, *face.rare, face.fallback)}
    known = _listed(file, wanted)
    chains: dict[str, tuple[Font, ...]] = {}
    weights: dict[str, int] = {}
    for face in FACES:
        own = [known[name] for name in face.families if name in known][:1]
        # without a face of its own the last resort has the rare characters too
        rare = face.rare if own else ()
        more = [known[name] for name in (*rare, face.fallback, SERIF) if name in known]
        chain = tuple(dict.fromkeys([*own, *more]))
        if not chain:
            raise NoFonts(face.name)
        chains[face.name] = chain
        weights[face.name] = 400 if own else face.weight
    return Fonts(chains, weights)


def _listed(file: str, wanted: Iterable[str]) -> dict[str, Font]:
    """One look at fontconfig's list: family → its plain style."""
    names = set(wanted)
    found: dict[str, Font] = {}
    try:
        done = subprocess.run(
            ["fc-list", "--format", "%{family}\t%{style}\t%{file}\t%{index}\t%{charset}\n"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={**os.environ, "FONTCONFIG_FILE": file},
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoFonts("fc-list") from error
    for line in done.stdout.splitlines():
        families, styles, path, index, charset = line.split("\t")
        if not PLAIN_STYLES & {style.strip().lower() for style in styles.split(",")}:
            continue
        for name in names & set(families.split(",")):
            found.setdefault(name, Font(name, path, int(index), _ranges(charset)))
    return found


def _ranges(charset: str) -> tuple[tuple[int, int], ...]:
    pairs = (part.split("-") for part in charset.split())
    return tuple(sorted((int(pair[0], 16), int(pair[-1], 16)) for pair in pairs))


def _css(name: str) -> str:
    """A font's file is not ours: its name may hold anything."""
    return "".join(c for c in name if c.isalnum() or c in " _-")
