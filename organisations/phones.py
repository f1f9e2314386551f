"""Whether a text is a telephone number, whether it can be called in China, and it in part."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

NOT_A_PHONE = _("Not a telephone number: use digits, spaces and hyphens.")

_PHONE = re.compile(r"[0-9+\-() ]{5,20}")
_MARKS = re.compile(r"[\s()（）\-－—]")
_MOBILE = re.compile(r"(\+?86)?1[3-9]\d{9}")
# area code, seven or eight digits, an extension; an own-city number may stand without its area
_LANDLINE = re.compile(r"(0\d{2,3})?[1-9]\d{6,7}(转?\d{1,6})?|000\d{6,8}|[48]00\d{7}")


def masked(phone: str) -> str:
    """138****5678, 0379-****7901: a mobile's first three digits or the area code, and the last
    four; short numbers keep their last two digits."""
    digits = [at for at, c in enumerate(phone) if c.isdigit()]
    keep = set(digits[-2:])
    if len(digits) >= 8:
        keep = {*digits[: _area(phone, digits)], *digits[-4:]}
    return "".join("*" if c.isdigit() and at not in keep else c for at, c in enumerate(phone))


def _area(phone: str, digits: list[int]) -> int:
    """How many digits stand before the number itself: 010 and 02x have three, the others four."""
    said = "".join(phone[at] for at in digits)
    is_long = said.startswith("0") and not said.startswith(("000", "010", "02"))
    return 4 if is_long else 3


def is_phone(phone: str) -> bool:
    """False for words and for a digit or two; forms, accounts and workbooks ask the same."""
    return bool(_PHONE.fullmatch(unicodedata.normalize("NFKC", phone))) or looks_callable(phone)


def looks_callable(phone: str) -> bool:
    """False for 1381111; spaces, hyphens and brackets do not count. 000 is a sample's area."""
    digits = _MARKS.sub("", phone)
    if digits.startswith("1"):
        return _MOBILE.fullmatch(digits) is not None
    return bool(_LANDLINE.fullmatch(digits) or _MOBILE.fullmatch(digits))
