"""The faces of GB/T 9704 and the families that serve for each, as their makers call them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
# the same weight as a 仿宋, and has the rare characters of names that GB 2312 lacks (瀍)
RARE: Final = ("AR PL UKai CN", "LXGW WenKai")
PLAIN_STYLES: Final = frozenset({"regular", "book", "normal", "medium", "常规", ""})


@dataclass(frozen=True)
class Face:
    """What a face is called in the style sheet, the families that serve, and the last resort."""

    name: str
    families: tuple[str, ...]
    fallback: str
    weight: int = 400  # of the last resort
    rare: tuple[str, ...] = ()


TITLE = Face(
    "title",
    ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋_GBK", "方正小标宋简体"),
    SERIF,
    700,
)
BODY = Face(
    "body",
    ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "STFangsong", "FandolFang"),
    SERIF,
    rare=RARE,
)
KAI = Face(
    "kai",
    ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "STKaiti", "FandolKai", *RARE),
    SANS,
    rare=RARE,
)
HEI = Face("hei", ("黑体", "SimHei", "STHeiti", "FandolHei"), SANS, 700)
SONG = Face("song", ("宋体", "SimSun", "STSong", "FandolSong"), SERIF)
FACES: Final = (TITLE, BODY, KAI, HEI, SONG)
# in Word files, as offices have them; a machine without one shows the next best
IN_WORD: Final = {
    "title": "方正小标宋简体",
    "body": "仿宋_GB2312",
    "kai": "楷体_GB2312",
    "hei": "黑体",
    "song": "宋体",
}
