"""Whether a text is a telephone number, and whether it can be called in China."""

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


def is_phone(phone: str) -> bool:
    """False for words and for a digit or two; forms, accounts and workbooks ask the same."""
    return bool(_PHONE.fullmatch(unicodedata.normalize("NFKC", phone))) or looks_callable(phone)


def looks_callable(phone: str) -> bool:
    """False for 1381111; spaces, hyphens and brackets do not count. 000 is a sample's area."""
    digits = _MARKS.sub("", phone)
    if digits.startswith("1"):
        return _MOBILE.fullmatch(digits) is not None
    return bool(_LANDLINE.fullmatch(digits) or _MOBILE.fullmatch(digits))
