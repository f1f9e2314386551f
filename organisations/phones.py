"""Whether a number can be called in China: a mobile of eleven digits, or a landline."""

from __future__ import annotations

import re

_MARKS = re.compile(r"[\s()（）\-－—]")
_MOBILE = re.compile(r"(\+?86)?1[3-9]\d{9}")
# area code, seven or eight digits, an extension; an own-city number may stand without its area
_LANDLINE = re.compile(r"(0\d{2,3})?[1-9]\d{6,7}(转?\d{1,6})?|000\d{6,8}|[48]00\d{7}")


def looks_callable(phone: str) -> bool:
    """False for 1381111; spaces, hyphens and brackets do not count. 000 is a sample's area."""
    digits = _MARKS.sub("", phone)
    if digits.startswith("1"):
        return _MOBILE.fullmatch(digits) is not None
    return bool(_LANDLINE.fullmatch(digits) or _MOBILE.fullmatch(digits))
