"""The workbook of the directory: sheets, columns and the words in them.

Chinese here is data: what the cells of an official's workbook say. Export and template use the
same columns, so what is taken out can be corrected and put back in.
"""

from __future__ import annotations

from organisations.people_sheets import Column, SheetSpec
from resources.models import Expert, Level, Resource

# the first word of each value is the one that the template offers
KIND_WORDS: dict[str, tuple[str, ...]] = {
    Resource.Kind.INSTITUTE: ("高校院所", "高校", "院所", "科研院所", "大学", "研究院"),
    Resource.Kind.LABORATORY: ("重点实验室", "实验室"),
    Resource.Kind.PLATFORM: ("创新平台", "中试基地", "重大创新平台", "科技大市场", "合作平台"),
    Resource.Kind.TESTING: ("检测机构", "检验检测机构"),
    Resource.Kind.NEW_TYPE: ("新型研发机构",),
    Resource.Kind.ALLIANCE: ("产业联盟", "联盟"),
    Resource.Kind.SERVICE: ("第三方机构", "诊断服务公司", "辅助账服务机构"),
    Resource.Kind.LEAD_FIRM: ("龙头企业", "龙头骨干企业"),
}
EXPERT_WORDS: dict[str, tuple[str, ...]] = {
    Expert.Kind.ENVOY: ("科技特派员", "特派员", "工业科技特派员"),
    Expert.Kind.EXPERT: ("专家",),
}
LEVEL_WORDS: dict[str, tuple[str, ...]] = {
    Level.NATION: ("国家级", "国家"),
    Level.PROVINCE: ("省级", "省"),
    Level.CITY: ("市级", "市"),
    Level.COUNTY: ("县级", "县", "区级"),
}


def _choices(words: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(names[0] for names in words.values())


_FIELDS = Column("fields", "技术领域", required=True, note="多个用顿号隔开：轴承、热处理", width=28)
_INDUSTRIES = Column(
    "industries", "服务行业", note="国民经济行业代码，2至4位，多个用顿号隔开：34、3451", width=18
)
_OFFERS = Column("offers", "可提供的服务", note="一两句话，推荐时按其中的词匹配", width=36)
_PHONE = Column("phone", "联系电话", note="经办人可见，其他人员只见部分号码", width=16)
_TAIL = (
    Column("source", "信息来源", required=True, note="文件、名单或调查表", width=24),
    Column("valid_from", "有效期起", note="如 2026-03-01；留空为导入当日", width=14),
    Column("valid_until", "有效期止", note="自该日起不再推荐；留空为长期", width=14),
    Column("owner_unit", "归口单位", note="由其负责人维护；留空由市专班办维护", width=18),
)
_PLACE = Column("place", "所在地（市外）", note="市外的填写，如：省会", width=14)

RESOURCES = SheetSpec(
    "资源",
    (
        Column("name", "资源名称", required=True, note="全称，同一城市内不重名", width=30),
        Column(
            "kind", "类别", required=True, note="从下拉列表中选择", choices=_choices(KIND_WORDS)
        ),
        Column("level", "级别", choices=_choices(LEVEL_WORDS), width=10),
        Column("region", "所在县区", note="市内的填写县区简称；全市的填城市名", width=12),
        _PLACE,
        _FIELDS,
        _INDUSTRIES,
        _OFFERS,
        Column("contact", "联系人", width=12),
        _PHONE,
        *_TAIL,
    ),
    (
        (
            *("示例：某理工学院", "高校院所", "省级", "", "省会", "轴承、热处理", "34、33"),
            *("滚动轴承寿命试验与热处理变形控制", "联系人", "0379-00000000", "资源摸底表"),
            *("", "", ""),
        ),
    ),
)
EXPERTS = SheetSpec(
    "专家",
    (
        Column("name", "姓名", required=True, width=12),
        Column("kind", "类别", required=True, choices=_choices(EXPERT_WORDS), width=14),
        Column("level", "级别", required=True, choices=_choices(LEVEL_WORDS), width=10),
        Column(
            "institute_name", "所在单位", required=True, note="与“资源”表同名的自动关联", width=28
        ),
        Column("title", "职称", width=12),
        Column("team", "服务团队", width=18),
        Column("region", "服务县区", note="留空为全市", width=12),
        _PLACE,
        _FIELDS,
        _INDUSTRIES,
        _OFFERS,
        _PHONE,
        *_TAIL,
    ),
    (
        (
            *("示例：人员", "科技特派员", "省级", "示例：某理工学院", "教授", "", "", ""),
            *("轴承", "34", "", "0379-00000000", "特派员名单", "", "", ""),
        ),
    ),
)
MEMBERS = SheetSpec(
    "联盟成员",
    (
        Column(
            "alliance", "联盟名称", required=True, note="与“资源”表或系统中的名称一致", width=28
        ),
        Column("name", "成员名称", required=True, width=30),
        Column("credit_code", "统一社会信用代码", note="企业填写", width=22),
        Column("duty", "成员角色", note="理事长单位、成员单位", width=14),
        Column("shares", "共享的设备", note="联盟内成员可使用的研发设备", width=30),
        Column("from_on", "加入日期", note="如 2026-03-01；留空为导入当日", width=14),
        Column("until_on", "退出日期", width=14),
    ),
    (("示例：某产业联盟", "某机械有限公司", "", "成员单位", "三坐标测量机", "", ""),),
)
WORDS = SheetSpec(
    "领域词",
    (
        Column("word", "领域词", required=True, note="2至20字，推荐时整词匹配", width=16),
        Column("also", "同义词", note="多个用顿号隔开：淬火、渗碳", width=36),
    ),
    (("示例：热处理", "淬火、渗碳、回火"),),
)
SHEETS = (RESOURCES, EXPERTS, MEMBERS, WORDS)
EXAMPLE_MARK = "示例："
