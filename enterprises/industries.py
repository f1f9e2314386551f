"""The 41 industrial divisions of GB/T 4754-2017 (06–46), and how a code of a register is judged.

A register mixes editions (3660 / 3670) and invents classes, so a code is known when its division
is; the class below it is taken as written. Where the code says nothing, the name does: the name
of a division, or a class name that the same register uses with a known code elsewhere.
Source: GB/T 4754-2017; practice: "match by code, then by name, else a warning".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import get_language


@dataclass(frozen=True)
class Division:
    """Two digits, with the name of the standard and its English rendering."""

    code: str
    name: str
    english: str

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return self.name if (get_language() or "zh").startswith("zh") else self.english


DIVISIONS: tuple[Division, ...] = (
    Division("06", "煤炭开采和洗选业", "Mining and washing of coal"),
    Division("07", "石油和天然气开采业", "Extraction of petroleum and natural gas"),
    Division("08", "黑色金属矿采选业", "Mining of ferrous metal ores"),
    Division("09", "有色金属矿采选业", "Mining of non-ferrous metal ores"),
    Division("10", "非金属矿采选业", "Mining of non-metallic ores"),
    Division("11", "开采专业及辅助性活动", "Support activities for mining"),
    Division("12", "其他采矿业", "Other mining"),
    Division("13", "农副食品加工业", "Processing of agricultural and sideline food"),
    Division("14", "食品制造业", "Food manufacturing"),
    Division("15", "酒、饮料和精制茶制造业", "Liquor, beverages and refined tea"),
    Division("16", "烟草制品业", "Tobacco products"),
    Division("17", "纺织业", "Textiles"),
    Division("18", "纺织服装、服饰业", "Textile wearing apparel"),
    Division(
        "19", "皮革、毛皮、羽毛及其制品和制鞋业", "Leather, fur, feather products and footwear"
    ),
    Division(
        "20",
        "木材加工和木、竹、藤、棕、草制品业",
        "Timber processing; wood, bamboo, rattan, palm and straw products",
    ),
    Division("21", "家具制造业", "Furniture"),
    Division("22", "造纸和纸制品业", "Paper and paper products"),
    Division("23", "印刷和记录媒介复制业", "Printing and reproduction of recorded media"),
    Division(
        "24",
        "文教、工美、体育和娱乐用品制造业",
        "Culture, education, arts and crafts, sports and entertainment articles",
    ),
    Division("25", "石油、煤炭及其他燃料加工业", "Processing of petroleum, coal and other fuels"),
    Division("26", "化学原料和化学制品制造业", "Chemical raw materials and chemical products"),
    Division("27", "医药制造业", "Medicines"),
    Division("28", "化学纤维制造业", "Chemical fibres"),
    Division("29", "橡胶和塑料制品业", "Rubber and plastic products"),
    Division("30", "非金属矿物制品业", "Non-metallic mineral products"),
    Division("31", "黑色金属冶炼和压延加工业", "Smelting and pressing of ferrous metals"),
    Division("32", "有色金属冶炼和压延加工业", "Smelting and pressing of non-ferrous metals"),
    Division("33", "金属制品业", "Metal products"),
    Division("34", "通用设备制造业", "General-purpose machinery"),
    Division("35", "专用设备制造业", "Special-purpose machinery"),
    Division("36", "汽车制造业", "Motor vehicles"),
    Division(
        "37",
        "铁路、船舶、航空航天和其他运输设备制造业",
        "Railway, ship, aerospace and other transport equipment",
    ),
    Division("38", "电气机械和器材制造业", "Electrical machinery and equipment"),
    Division(
        "39",
        "计算机、通信和其他电子设备制造业",
        "Computers, communication and other electronic equipment",
    ),
    Division("40", "仪器仪表制造业", "Measuring instruments"),
    Division("41", "其他制造业", "Other manufacturing"),
    Division("42", "废弃资源综合利用业", "Comprehensive utilisation of waste resources"),
    Division(
        "43", "金属制品、机械和设备修理业", "Repair of metal products, machinery and equipment"
    ),
    Division("44", "电力、热力生产和供应业", "Production and supply of electricity and heat"),
    Division("45", "燃气生产和供应业", "Production and supply of gas"),
    Division("46", "水的生产和供应业", "Production and supply of water"),
)
BY_CODE: Mapping[str, Division] = {d.code: d for d in DIVISIONS}
_BY_NAME: Mapping[str, str] = {d.name: d.code for d in DIVISIONS}


def division_of(code: str) -> Division | None:
    """The division of a code of two to four digits; None when it is not an industrial one."""
    return BY_CODE.get(code[:2]) if code[:4].isdigit() and len(code) <= 4 else None


def is_known(code: str) -> bool:
    return division_of(code) is not None


def names_to_codes(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Class name → the known code most often written beside it; ties go to the smaller code."""
    seen: dict[str, Counter[str]] = {}
    for code, name in pairs:
        if name and is_known(code):
            seen.setdefault(name, Counter())[code] += 1
    found = {n: min(c, key=lambda code: (-c[code], code)) for n, c in seen.items()}
    return {**found, **_BY_NAME}
