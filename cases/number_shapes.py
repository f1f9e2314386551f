"""Shapes of 发文字号 and of a bulletin's 期号: how they are read, and how paper prints them."""

from __future__ import annotations

import re

# around the year stand hexagonal brackets; what a keyboard offers in their place is folded
_OPEN, _CLOSE = "([{【〔﹝〖《<", ")]}】〕﹞〗》>"
YEAR = re.compile(rf"[{re.escape(_OPEN)}](\d{{4}})[{re.escape(_CLOSE)}]")
FOLDED = r"〔\1〕"
NUMBER = re.compile(r"([\u4e00-\u9fffA-Za-z]{1,20})〔(\d{4})〕第?0*([1-9]\d{0,4})号")
ISSUE = re.compile(r"(?:〔?(\d{4})〕?年?)?第?0*([1-9]\d{0,3})期(?:\(总第?0*([1-9]\d{0,4})期\))?")
PRINTED, PRINTED_ISSUE = "{mark}〔{year}〕{n}号", "第{n}期"
PRINTED_YEAR, PRINTED_TOTAL = "{year}年", "（总第{n}期）"
LIKE, LIKE_ISSUE = "洛研专办〔2022〕12号", "2022年第14期"
