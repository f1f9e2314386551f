"""The workbook of units, posts and people: sheets, columns and the words in them.

Chinese here is data: what the cells of an official's workbook say.
"""

from __future__ import annotations

from dataclasses import dataclass

from organisations.models import Unit, User
from organisations.regions import fold
from organisations.roles import Role


@dataclass(frozen=True)
class Column:
    name: str
    header: str
    required: bool = False
    note: str = ""
    choices: tuple[str, ...] = ()
    width: int = 16


@dataclass(frozen=True)
class SheetSpec:
    title: str
    columns: tuple[Column, ...]
    examples: tuple[tuple[str, ...], ...]

    def header(self, name: str) -> str:
        return next(column.header for column in self.columns if column.name == name)


# the first word of each value is the one that the template offers
KIND_WORDS: dict[str, tuple[str, ...]] = {
    Unit.Kind.OFFICE: ("市专班办", "市专班办公室", "专班办"),
    Unit.Kind.DEPARTMENT: ("归口部门", "市直部门", "部门"),
    Unit.Kind.TASK_FORCE: ("县区专班", "工作专班", "专班"),
    Unit.Kind.LIAISON_GROUP: ("包联组",),
    Unit.Kind.TOWNSHIP: ("乡镇（园区）", "乡镇", "园区", "街道"),
    Unit.Kind.SUPERVISION: ("督查室",),
    Unit.Kind.LEADERSHIP: ("市领导",),
}
ROLE_WORDS: dict[str, tuple[str, ...]] = {
    Role.COUNTY_WORKER: ("县区经办人", "入企工作小组成员"),
    Role.COUNTY_LEAD: ("县区审核人", "县区专班负责人"),
    Role.TOWNSHIP_WORKER: ("乡镇（园区）联络员", "乡镇联络员", "园区联络员"),
    Role.DEPARTMENT_OFFICER: ("归口部门联络员", "部门联络员"),
    Role.DEPARTMENT_LEAD: ("归口部门负责人", "部门负责人"),
    Role.LIAISON_MEMBER: ("包联组成员", "包联组组长"),
    Role.OFFICE: ("市专班办经办人", "市专班办负责人"),
    Role.SUPERVISOR: ("督查室",),
    Role.LEADER: ("市领导",),
    Role.SYSTEM_ADMIN: ("系统管理员",),
    Role.SECURITY_ADMIN: ("安全管理员",),
    Role.AUDIT_ADMIN: ("审计管理员",),
}
# 职级 as people write it; "or above" is for the rule to say
RANK_WORDS: dict[str, tuple[str, ...]] = {
    User.Rank.SECTION: ("科级", "正科级", "副科级", "正科", "副科", "乡科级"),
    User.Rank.DIVISION: ("处级", "正处级", "副处级", "正处", "副处", "县处级", "县级"),
    User.Rank.BUREAU: ("厅级", "正厅级", "副厅级", "厅局级", "局级"),
}
YES, NO = "是", "否"


def meant(words: dict[str, tuple[str, ...]], text: str) -> str | None:
    """The value whose word ``text`` is, blanks and width folded."""
    folded = fold(text)
    return next((v for v, names in words.items() if folded in map(fold, names)), None)


_COUNTY = Column("county", "所在县区", note="市级单位留空；按县区简称填写，如：涧西区", width=12)
_UNIT = Column("unit", "单位名称", required=True, note="与“单位”表或系统中的名称一致", width=24)

UNITS = SheetSpec(
    "单位",
    (
        Column("name", "单位名称", required=True, note="同一县区内不重名", width=24),
        Column("short_name", "简称", note="列表和通知中使用", width=14),
        Column(
            "kind",
            "类别",
            required=True,
            note="从下拉列表中选择",
            choices=tuple(words[0] for words in KIND_WORDS.values()),
            width=14,
        ),
        _COUNTY,
        Column("township", "所在乡镇（园区）", note="仅乡镇（园区）填写；没有的自动新增", width=18),
        Column("pairs", "包联县区", note="仅包联组填写，多个用顿号隔开：涧西区、洛龙区", width=24),
        Column("phone", "联系电话", width=16),
    ),
    (
        ("示例：市工业和信息化局", "市工信局", "归口部门", "", "", "", "0379-00000000"),
        ("示例：包联第一组", "", "包联组", "", "", "示例甲区、示例乙县", ""),
    ),
)
POSTS = SheetSpec(
    "岗位",
    (
        _UNIT,
        _COUNTY,
        Column("name", "岗位名称", required=True, note="单位新建时已自带常用岗位，可不填本表"),
        Column(
            "role",
            "角色",
            required=True,
            note="决定能办什么；从下拉列表中选择",
            choices=tuple(word for words in ROLE_WORDS.values() for word in words[:1]),
            width=20,
        ),
        Column("receives", "接收新任务", note="交给本单位的新任务先到此岗位", choices=(YES, NO)),
    ),
    (("示例：市工业和信息化局", "", "联络员", "归口部门联络员", YES),),
)
PEOPLE = SheetSpec(
    "人员",
    (
        Column("username", "账号", required=True, note="手机号或工号，登录用，一人一号"),
        Column("name", "姓名", required=True, width=12),
        Column("phone", "联系电话", width=16),
        _UNIT,
        _COUNTY,
        Column("post", "岗位名称", required=True, note="与“岗位”表或系统中的名称一致"),
        Column("from_on", "任职起始日", note="如 2026-03-01；留空为导入当日", width=14),
        Column("until_on", "任职截止日", note="自该日起不再任职；留空为长期", width=14),
        Column(
            "rank",
            "职级",
            note="包联组、县区专班组成要求按此核对；留空不改动",
            choices=tuple(words[0] for words in RANK_WORDS.values()),
            width=12,
        ),
        Column("technical", "专业技术人员", note="留空不改动", choices=(YES, NO), width=14),
    ),
    (
        (
            "example001",
            "示例人员",
            "13800000000",
            "示例：市工业和信息化局",
            "",
            "联络员",
            "",
            "",
            "",
            "",
        ),
    ),
)
SHEETS = (UNITS, POSTS, PEOPLE)
# rows that begin with it are the template's own and are passed over
EXAMPLE_MARKS = ("示例：", "example")
