"""The workbook of platform numbers (平台编号表): one row a number.

Chinese here is data: what the cells of an official's workbook say.
"""

from __future__ import annotations

from enterprises.models import PlatformNumber
from organisations.people_sheets import Column, SheetSpec

Kind = PlatformNumber.Kind
EXAMPLE = "示例："
# in a number's cell: the firm has none any more
NOTHING = frozenset({"无", "注销", "取消", "none", "-", "—", "/"})

SHEET = SheetSpec(
    "平台编号",
    (
        Column("firm", "企业名称", note="与名录一致；可只填信用代码", width=34),
        Column("code", "统一社会信用代码", width=24),
        Column(
            "platform",
            "平台",
            required=True,
            note="省研发统计平台、科技型中小企业、高新技术企业、专精特新，或其他平台名称",
            width=22,
        ),
        Column("number", "编号", required=True, note="已注销的填“无”", width=24),
        Column("since", "取得日期", note="如 2026-03-01；可不填", width=14),
        Column("until", "有效期至", note="同上；可不填", width=14),
    ),
    (("示例：青岭示例轴承有限公司", "", "科技型中小企业", "示例编号", "2026-03-01", ""),),
)
# what officials call a platform → its kind; the longest name that a cell holds counts
PLATFORMS = {
    "省研发统计平台": Kind.RD_STATISTICS,
    "研发统计平台": Kind.RD_STATISTICS,
    "企业研发活动信息管理系统": Kind.RD_STATISTICS,
    "企业研发信息管理系统": Kind.RD_STATISTICS,
    "省系统": Kind.RD_STATISTICS,
    "科技型中小企业": Kind.SME,
    "高新技术企业": Kind.HIGH_TECH,
    "高企": Kind.HIGH_TECH,
    "专精特新": Kind.SPECIALISED,
}


def platform_of(text: str) -> tuple[str, str]:
    """(kind, name) of a platform as people write it; ``name`` only of another one."""
    words = "".join(text.split())
    if words in Kind.values and words != Kind.OTHER:
        return words, ""
    for name in sorted(PLATFORMS, key=len, reverse=True):
        if name in words:
            return PLATFORMS[name].value, ""
    return Kind.OTHER.value, words[:60]
