"""The made-up directory: 40 resources, 60 experts, three alliances, words; and what firms ask for.

Invented names in invented counties, or with 示例; read through the same door as a real city's.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

import xlsxwriter

from config.demo import names
from config.demo.workbooks import DemoFirm
from organisations.people_sheets import SheetSpec
from resources.importing.sheets import EXPERTS, MEMBERS, RESOURCES, WORDS

EXPERT_COUNT = 60
SOURCE = "演示市科技资源摸底表"
# fields of the experts, with their industries
TOPICS = (
    ("轴承、润滑", "345"), ("热处理、表面处理", "33、34"), ("铸造、熔炼", "339"),
    ("耐火材料、高温工业", "308"), ("食品加工、保鲜", "13、14"), ("兽药、生物发酵", "27"),
    ("矿山机械、振动噪声", "351"), ("水泥制品、固废利用", "302"), ("化工、催化", "26"),
    ("塑料管材、高分子", "29"), ("配电、自动化", "38"), ("汽车零部件、焊接", "36"),
    ("光电显示、仪器仪表", "39、40"), ("服装、面料", "18"), ("家具、胶黏剂", "21"),
    ("紧固件、表面处理", "348"), ("水处理、节能", "44、46"), ("粉末冶金、锻造", "339"),
    ("钢结构、焊接", "331"), ("研发辅助账、加计扣除", ""),
)  # fmt: skip
VOCABULARY = {
    "热处理": "淬火、渗碳、回火", "表面处理": "镀膜、喷涂、盐雾", "轴承": "滚动体、套圈",
    "铸造": "砂型、铸件、浇注", "保鲜": "速冻、货架期、冷链", "自动化": "机器人、产线改造",
    "水处理": "废水、回用水", "节能": "能耗、余热", "固废利用": "尾矿、炉渣",
    "检验检测": "检测、试验",
    "研发辅助账": "辅助账、费用归集", "商砼": "混凝土", "高分子": "树脂、塑料", "配电": "开关柜",
    "兽药": "兽用制剂", "塑料管材": "管材", "精密加工": "磨削、精磨", "焊接": "焊缝",
    "面粉": "小麦、制粉", "服装": "面料、成衣",
}  # fmt: skip
# what firms ask for, by the first digits of their industry; the longest prefix speaks
NEEDS: dict[str, tuple[str, ...]] = {
    "3451": ("滚动轴承套圈淬火变形超差", "轴承噪声偏高，需要在线检测"),
    "339": ("铸件气孔缺陷多，废品率高", "砂型强度不稳定"),
    "308": ("低碳镁碳砖抗热震性不足", "高温窑炉能耗高"),
    "14": ("速冻面点货架期短", "冷链运输中品质下降"),
    "13": ("面粉品质不稳定，小麦批次差异大",),
    "27": ("兽用制剂发酵得率低", "缺少菌种选育人才"),
    "10": ("尾矿综合利用率低",),
    "33": ("钢结构焊缝一次合格率低", "锻件热处理硬度不均"),
    "22": ("包装材料可降解改性",),
    "351": ("破碎机衬板寿命短", "提升机振动噪声大"),
    "302": ("混凝土早期开裂", "炉渣掺量提高后强度下降"),
    "3823": ("开关柜局部放电在线监测",),
    "3482": ("紧固件盐雾试验不达标",),
    "29": ("管材耐压等级提升",),
    "44": ("锅炉余热回收", "机组能耗对标"),
    "45": ("管网泄漏检测",),
    "46": ("回用水水质不稳定",),
    "26": ("催化剂寿命短，收率低", "中试放大缺少场地"),
    "18": ("功能面料开发", "成衣制版效率低"),
    "36": ("零部件焊接变形", "疲劳试验缺少设备"),
    "39": ("显示器件封装良率低",),
    "40": ("控制仪表精度校准",),
    "21": ("家具用胶黏剂甲醛含量高",),
    "06": ("井下装备状态监测",),
}
TITLES = ("教授", "副教授", "研究员", "高级工程师", "正高级工程师")
LEVELS = ("省级", "市级", "市级", "县级")


def needs_of(industry: str, random: Random) -> list[dict[str, str]]:
    """One or two needs of a firm, as the survey's rows."""
    texts = next((NEEDS[industry[:n]] for n in (4, 3, 2) if industry[:n] in NEEDS), ())
    chosen = [text for text in texts if random.random() < 0.75]
    return [{"kind": "technology", "detail": text} for text in chosen]


def write_directory(
    path: Path, counties: Sequence[str], firms: Sequence[DemoFirm], on: date, random: Random
) -> None:
    """The workbook that the command ``resources import`` reads."""
    sheets: tuple[tuple[SheetSpec, list[dict[str, str]]], ...] = (
        (RESOURCES, list(_resources(counties, on, random))),
        (EXPERTS, list(_experts(counties, on, random))),
        (MEMBERS, list(_members(firms, on))),
        (WORDS, [{"word": word, "also": also} for word, also in VOCABULARY.items()]),
    )
    with xlsxwriter.Workbook(path) as book:
        for spec, rows in sheets:
            page = book.add_worksheet(spec.title)
            for place, column in enumerate(spec.columns):
                page.write_string(0, place, column.header)
                for number, row in enumerate(rows, 1):
                    page.write_string(number, place, row.get(column.name, ""))


@cache
def directory() -> tuple[dict[str, str], ...]:
    """The made-up resources, as ``resources.csv`` lists them."""
    with Path(__file__).with_name("resources.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def _resources(counties: Sequence[str], on: date, random: Random) -> Iterator[dict[str, str]]:
    persons = names.people(random)
    for row in directory():
        yield {
            **row,
            **_where(row["where"], counties),
            "contact": next(persons),
            "phone": _phone(random),
            "source": SOURCE,
            "valid_from": on.isoformat(),
        }


def _experts(counties: Sequence[str], on: date, random: Random) -> Iterator[dict[str, str]]:
    persons = names.people(random)
    for number in range(EXPERT_COUNT):
        fields, industries = TOPICS[number % len(TOPICS)]
        level = LEVELS[number % len(LEVELS)]
        yield {
            "name": next(persons),
            "kind": "专家" if number % 5 == 4 else "科技特派员",
            "level": level,
            "institute_name": random.choice(_institutes(fields, industries)),
            "title": random.choice(TITLES),
            "team": f"{fields.split('、')[0]}服务团",
            "region": counties[number % len(counties)] if level == "县级" else "",
            "fields": fields,
            "industries": industries,
            "phone": _phone(random),
            "source": "演示市科技特派员名单",
            "valid_from": on.isoformat(),
        }


def _institutes(fields: str, industries: str) -> list[str]:
    """Institutes that know the field, or at least the industry."""
    kinds = ("高校院所", "新型研发机构")
    rows = [row for row in directory() if row["kind"] in kinds]
    words = set(fields.split("、"))
    divisions = {code[:2] for code in industries.split("、") if code}
    by_field = [r["name"] for r in rows if words & set(r["fields"].split("、"))]
    by_industry = [
        r["name"] for r in rows if divisions & {c[:2] for c in r["industries"].split("、")}
    ]
    return by_field or by_industry or [rows[0]["name"]]


def _members(firms: Sequence[DemoFirm], on: date) -> Iterator[dict[str, str]]:
    """A few firms of each alliance's trade, and what they share (004-06)."""
    shared = ("圆度仪", "三坐标测量机", "直读光谱仪", "盐雾试验箱", "")
    for alliance in (row for row in directory() if row["kind"] == "产业联盟"):
        prefixes = tuple(alliance["industries"].split("、"))
        fitting = [firm for firm in firms if firm.industry.startswith(prefixes)][:5]
        for number, firm in enumerate(fitting):
            yield {
                "alliance": alliance["name"],
                "name": firm.name,
                "credit_code": firm.code,
                "duty": "成员单位" if number else "理事长单位",
                "shares": shared[number],
                "from_on": on.isoformat(),
            }


def _where(where: str, counties: Sequence[str]) -> dict[str, str]:
    return {"region": where} if where in counties else {"place": where}


def _phone(random: Random) -> str:
    return f"0999-{random.randrange(5550000, 5559999)}"
