"""发文字号 that the registry gave by hand: one shape, so that one number is not two texts."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext as _

from cases import number_shapes as shapes
from cases.errors import Refused


def outside_number(given: str, on: date, *, is_bulletin: bool = False) -> str:
    """``given`` as paper prints it: 洛研专办〔2022〕12号 (GB/T 9704: no 第, no leading nought), of
    a bulletin also 2022年第14期; "" stays "". Widths, spaces and other brackets are folded.

    Raises ``Refused``: any other shape, or a year that has not come by ``on``.
    """
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", given))
    if not text:
        return ""
    text = shapes.YEAR.sub(shapes.FOLDED, text)
    found = shapes.NUMBER.fullmatch(text)
    if found is not None:
        mark, year, serial = found.groups()
        _check_year(int(year), on)
        return shapes.PRINTED.format(mark=mark, year=year, n=serial)
    issue = shapes.ISSUE.fullmatch(text) if is_bulletin else None
    if issue is None:
        like = shapes.LIKE_ISSUE if is_bulletin else shapes.LIKE
        words = _("The number of a document reads like %(like)s; %(given)s does not.")
        raise Refused("number_shape", words % {"like": like, "given": given.strip()})
    year, serial, total = issue.groups()
    if year:
        _check_year(int(year), on)
    parts = (
        shapes.PRINTED_YEAR.format(year=year) if year else "",
        shapes.PRINTED_ISSUE.format(n=serial),
        shapes.PRINTED_TOTAL.format(n=total) if total else "",
    )
    return "".join(parts)


def _check_year(year: int, on: date) -> None:
    if not 2000 <= year <= on.year:
        words = _("The year %(year)d of the number has not come yet, or is no year of ours.")
        raise Refused("number_year", words % {"year": year})
