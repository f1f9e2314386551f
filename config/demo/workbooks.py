"""The statistics bureau's list and the provincial system's monthly table, as workbooks.

The demo reads them through the same doors as a real city does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

import xlsxwriter

from config.demo import names

SIZE = 1912
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# share of the city's firms by place in the pack's order of counties
WEIGHTS = (160, 150, 150, 130, 120, 110, 100, 140, 130, 130, 120, 110, 95, 90, 90, 87)
# share of the filing firms that do R&D already in the first month, by county
STARTS = (
    *(0.55, 0.58, 0.52, 0.54, 0.46, 0.48, 0.50, 0.40),
    *(0.42, 0.45, 0.38, 0.36, 0.42, 0.32, 0.30, 0.20),
)
REGISTER_HEAD = (
    "序号",
    "企业名称",
    "统一社会信用代码",
    "县（市、区）",
    "乡镇（园区）",
    "行业代码",
    "行业名称",
    "登记注册类型",
    "主营业务收入（万元）",
    "联系人",
    "联系电话",
    "生产经营地址",
    "经营状态",
    "入库时间",
)
FILING_HEAD = (
    "企业名称",
    "统一社会信用代码",
    "是否注册",
    "是否填报",
    "有研发机构",
    "有研发人员",
    "有研发经费",
    "有产学研合作",
    "研发经费（万元）",
)
ROADS = ("工业路", "创新大道", "纺织路", "建设路", "兴业街", "园区一路")
HAVES = ("institution", "staff", "spending", "cooperation")


@dataclass
class DemoFirm:
    """One invented firm and what the provincial system says of it."""

    name: str
    code: str
    county: str
    township: str
    industry: str
    industry_name: str
    ownership: str
    contact: str
    phone: str
    revenue: float
    listed: str
    condition: str = "正常"
    registered: bool = False
    filed: bool = False
    haves: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        """Made of the code, so that a firm stays where it is."""
        number = int("".join(c for c in self.code if c.isdigit())[-3:])
        road = ROADS[number % len(ROADS)]
        return f"{self.county}{self.township}{road}{number % 90 + 1}号"

    @property
    def covered(self) -> bool:
        return "spending" in self.haves

    def spent(self, month: date, this_year: int) -> float | None:
        """R&D spending of the year up to a month in 10,000 yuan, made of the code as the address
        is: a year earlier a few per cent less with most firms, more with some."""
        if not self.covered:
            return None
        luck = Random(self.code)
        yearly = self.revenue * luck.uniform(0.015, 0.045)
        growth = luck.uniform(-0.06, 0.22) * (0.6 + month.month / 25)
        return round(yearly * (1 + growth) ** (month.year - this_year) * month.month / 12, 2)


def credit_code(number: int) -> str:
    """A valid code (GB 32100) of the invented area 990122, which no register gives out."""
    organisation = f"MADEM{number:03d}"[:8] if number < 1000 else f"MAD{number:05d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    places = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rest = 11 - sum(places.index(c) * w for c, w in zip(organisation, weights, strict=True)) % 11
    body = "91990122" + organisation + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(ALPHABET.index(c) * pow(3, n, 31) for n, c in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


def invent(counties: Sequence[str], random: Random, size: int = SIZE) -> list[DemoFirm]:
    """The city's firms; about a third do R&D already in the first month."""
    total = sum(WEIGHTS[: len(counties)])
    sizes = [round(size * w / total) for w in WEIGHTS[: len(counties)]]
    sizes[0] += size - sum(sizes)
    persons = names.people(random)
    found: list[DemoFirm] = []
    for county, count in zip(counties, sizes, strict=True):
        source = names.firms(random, county)
        start = STARTS[counties.index(county) % len(STARTS)]
        for _number in range(count):
            found.append(_firm(next(source), county, next(persons), len(found) + 1, random, start))
    return found


def _firm(
    made: tuple[str, str, str],
    county: str,
    contact: str,
    number: int,
    random: Random,
    start: float,
) -> DemoFirm:
    name, code, industry = made
    kinds, weights = zip(*names.OWNERSHIPS, strict=True)
    firm = DemoFirm(
        name=name,
        code=credit_code(number),
        county=county,
        township=random.choice(names.TOWNSHIPS),
        industry=code,
        industry_name=industry,
        ownership=random.choices(kinds, weights)[0],
        contact=contact,
        phone=f"0999-{random.randrange(5550000, 5559999)}",
        revenue=round(random.lognormvariate(9.0, 0.6) + 2000, 1),
        listed=f"{random.randrange(2011, 2025)}-{random.randrange(1, 13):02d}",
    )
    firm.registered = random.random() < 0.8
    firm.filed = firm.registered and random.random() < 0.85
    if firm.filed and random.random() < start:
        firm.haves = {"spending"} | {h for h in HAVES if random.random() < 0.72}
    elif firm.filed:
        firm.haves = {h for h in ("institution", "staff", "cooperation") if random.random() < 0.3}
    return firm


def newcomers(
    firms: Sequence[DemoFirm],
    counties: Sequence[str],
    random: Random,
    count: int,
    serial: int = SIZE + 1,
) -> list[DemoFirm]:
    """Firms that join the register in the middle of the year (升规入统), 001-15."""
    known = {firm.name for firm in firms}
    persons = names.people(random)
    found: list[DemoFirm] = []
    while len(found) < count:
        county = random.choice(counties)
        firm = _firm(
            next(names.firms(random, county)),
            county,
            next(persons),
            serial + len(found),
            random,
            0.0,
        )
        if firm.name not in known:
            known.add(firm.name)
            found.append(firm)
    return found


def write_register(path: Path, firms: Sequence[DemoFirm], on: date) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("规上工业企业名单")
        sheet.write(0, 0, f"演示市规模以上工业企业名单（{on.year}年{on.month}月）")
        sheet.write(1, 0, "填报单位：市统计局")
        sheet.write_row(3, 0, REGISTER_HEAD)
        for number, firm in enumerate(firms, 1):
            sheet.write_row(
                3 + number,
                0,
                (
                    number,
                    firm.name,
                    firm.code,
                    firm.county,
                    firm.township,
                    firm.industry,
                    firm.industry_name,
                    firm.ownership,
                    firm.revenue,
                    firm.contact,
                    firm.phone,
                    firm.address,
                    firm.condition,
                    firm.listed,
                ),
            )


def write_filing(path: Path, firms: Sequence[DemoFirm], month: date, this_year: int) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sheet")
        sheet.write(0, 0, f"规上工业企业研发活动开展情况摸底表（{month.year}年{month.month}月）")
        sheet.write_row(1, 0, FILING_HEAD)
        for number, firm in enumerate(firms, 2):
            answers = (firm.registered, firm.filed, *(h in firm.haves for h in HAVES))
            words = ("是" if answer else "否" for answer in answers)
            spent = firm.spent(month, this_year)
            sheet.write_row(number, 0, (firm.name, firm.code, *words, spent))
