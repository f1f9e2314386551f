"""The workbook of pairings (结对帮扶表): one row a firm, a column for each kind of pairing.

Chinese here is data: what the cells of an official's workbook say.
"""

from __future__ import annotations

from organisations.people_sheets import Column, SheetSpec

# in a target's cell: nobody any more
NOBODY = frozenset({"无", "取消", "none", "-", "—", "/"})

SHEET = SheetSpec(
    "结对帮扶",
    (
        Column("firm", "企业名称", note="与名录一致；可只填信用代码", width=34),
        Column("code", "统一社会信用代码", width=24),
        Column("chief", "首席服务员", note="姓名、账号或“单位/岗位”；取消的填“无”", width=18),
        Column("officer", "服务专员", note="同上；留空不改动", width=18),
        Column(
            "lead_firm",
            "龙头企业",
            note="带动本企业的龙头企业名称或代码（一带一、一带多）",
            width=34,
        ),
        Column("county", "服务县区", note="与归属县区不同的才填", width=14),
        Column("from_on", "起始日", note="如 2026-03-01；留空为导入当日", width=14),
    ),
    (("示例：青岭示例轴承有限公司", "", "示例人员", "示例人员", "", "", ""),),
)
KINDS = ("chief", "officer", "lead_firm", "county")
EXAMPLE = "示例："
