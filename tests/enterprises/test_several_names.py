"""Names pasted out of a list are asked for, what numbers or parts them is not."""

from __future__ import annotations

import pytest
from django.db.models import Q

from enterprises.searching import MOST_NAMES, of_words

FIRM, OTHER = "河南某公司", "洛阳某公司"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"一、{FIRM}", [FIRM]),
        (f"十一、{FIRM}；12、{OTHER}", [FIRM, OTHER]),
        (f"1.{FIRM}；（2）“{OTHER}”", [FIRM, OTHER]),
        (f"{FIRM}、三一、{FIRM}、厂", [FIRM, "三一"]),
        # numbers of cases, a name of one sign, a name that begins with a number
        ("36、7", ["36", "7"]),
        ("厂", ["厂"]),
        ("（2026）00467", ["（2026）00467"]),
        ("3.5公司", ["3.5公司"]),
        ("、", ["、"]),
        (
            "、".join(chr(ord("一") + n) for n in range(30)),
            [chr(ord("一") + n) for n in range(MOST_NAMES)],
        ),
    ],
)
def test_only_names_are_asked_for(text: str, names: list[str]) -> None:
    asked: list[str] = []

    def ask(word: str) -> Q:
        asked.append(word)
        return Q(name=word)

    of_words(text, ask)
    assert asked == names
