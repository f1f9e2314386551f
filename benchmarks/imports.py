"""A long register read in: ``bin/bench imports``.

Ours reads the workbook in its bounded child, checks every row, compares the list with what stands,
says what would change, and writes firms, their stay on the register, contacts and the journal that
takes it back. The peers check nothing: calamine with COPY of the very rows that ours wrote,
ready-made, into tables with the same indexes; openpyxl with ``bulk_create`` of the firms, stays
and contacts. Memory is that of the process and its child at their highest.
"""

from __future__ import annotations

import io
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import bed

ROWS, QUICK = 100_000, 2_000
GOALS = {"copy": 0.6, "openpyxl": 3.5}
NAMES = {"copy": "calamine and COPY", "openpyxl": "openpyxl and bulk_create"}
MOST_MB = 600
AS_OF = date(2022, 3, 1)
HEADER = (
    "企业名称", "统一社会信用代码", "县（市、区）", "行业代码", "行业名称", "登记注册类型",
    "联系人", "联系电话", "经营状态", "入库时间", "详细地址",
)  # fmt: skip
TRADES = (
    ("3411", "锻件及粉末冶金制品制造"),
    ("3670", "汽车零部件及配件制造"),
    ("3089", "耐火陶瓷制品及其他耐火材料制造"),
    ("2710", "化学药品原料药制造"),
)


def main(is_quick: bool) -> dict[str, Any]:
    count = QUICK if is_quick else ROWS
    with tempfile.TemporaryDirectory() as folder, bed.on_postgresql():
        from django.conf import settings

        settings.IMPORT_ROWS = count + 10
        path = Path(folder) / "register.xlsx"
        from tests.world import build

        world = build()
        _write(path, count, sorted(world.counties))
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        taken, parts = _ours(world.city, path, count)
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        seconds = {"ours": taken, "copy": _calamine_and_copy(path)}
        seconds["openpyxl"] = _openpyxl_and_bulk_create(path, world)
    return {
        f"import, against {NAMES[peer]}": {
            "ratio": round(seconds[peer] / seconds["ours"], 2),
            "goal": goal,
            "holds": is_quick
            or (seconds[peer] / seconds["ours"] >= goal and own + child <= MOST_MB),
            "rows": count,
            "ours_s": round(seconds["ours"], 1),
            "peer_s": round(seconds[peer], 1),
            **parts,
            "memory_mb": own,
            "memory_before_mb": held,
            "memory_child_mb": child,
        }
        for peer, goal in GOALS.items()
    }


def _write(path: Path, count: int, counties: list[str]) -> None:
    # only bin/bench has it installed
    writer = import_module("rustpy_xlsxwriter")
    lines = (dict(zip(HEADER, row, strict=True)) for row in _rows(count, counties))
    writer.FastExcel(str(path)).sheet("名录", lines).save()


def _rows(count: int, counties: list[str]) -> Iterator[tuple[str, ...]]:
    from enterprises.importing.folding import check_sign

    for n in range(count):
        body = f"91410300{n:09d}"
        yield (
            f"洛阳示例{n}精密机械有限公司", body + check_sign(body), counties[n % len(counties)],
            *TRADES[n % 4], "私营有限责任公司", "王示例", f"0379-6{n:07d}", "正常", "2016-12",
            f"示例路{n % 900}号",
        )  # fmt: skip


def _ours(city: Any, path: Path, count: int) -> tuple[float, dict[str, float]]:
    from django.utils import timezone

    from enterprises.importing.register_apply import register_batch
    from enterprises.importing.register_plan import preview_register, read_register
    from organisations.scope import Actor

    begun = time.perf_counter()
    reading = read_register(path)
    read = time.perf_counter()
    plan = preview_register(city, reading, as_of=AS_OF)
    seen = time.perf_counter()
    outcome = register_batch(plan, by=Actor.system(), at=timezone.now())
    end = time.perf_counter()
    assert len(outcome.joined_ids) == count
    parts = {"read_s": read - begun, "check_s": seen - read, "write_s": end - seen}
    return end - begun, {name: round(seconds, 1) for name, seconds in parts.items()}


def _calamine_and_copy(path: Path) -> float:
    from python_calamine import CalamineWorkbook

    begun = time.perf_counter()
    CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    read = time.perf_counter() - begun
    tables = ("enterprise", "membership", "contact", "importchange")
    return read + _copy([f"enterprises_{name}" for name in tables])


def _copy(tables: list[str]) -> float:
    """Seconds that COPY takes for the rows of the tables, in one transaction."""
    from django.db import connection

    connection.ensure_connection()
    link: Any = connection.connection
    held: dict[str, bytes] = {}
    with link.cursor() as cursor:
        for table in tables:
            cursor.execute(f'CREATE TABLE "bench_{table}" (LIKE "{table}" INCLUDING ALL)')
            into = io.BytesIO()
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as lines:
                for block in lines:
                    into.write(bytes(block))
            held[table] = into.getvalue()
    begun = time.perf_counter()
    with link.transaction(), link.cursor() as cursor:
        for table, content in held.items():
            with cursor.copy(f'COPY "bench_{table}" FROM STDIN (FORMAT binary)') as into:
                into.write(content)
    return time.perf_counter() - begun


def _openpyxl_and_bulk_create(path: Path, world: Any) -> float:
    from django.db import transaction
    from openpyxl import load_workbook

    from enterprises.models import Contact, Enterprise, Membership

    Enterprise.objects.update(credit_code=None)
    begun = time.perf_counter()
    with transaction.atomic():
        lines = (
            load_workbook(path, read_only=True).worksheets[0].iter_rows(min_row=2, values_only=True)
        )
        firms, stays, contacts = list[Enterprise](), list[Membership](), list[Contact]()
        for (
            name,
            code,
            county,
            trade,
            words,
            owner,
            who,
            phone,
            _state,
            listed,
            where,
        ) in lines:
            firm = Enterprise(name=name, folded_name=name, credit_code=code, address=where)
            firms.append(firm)
            stays.append(
                Membership(
                    city=world.city,
                    enterprise=firm,
                    county=world.counties[county],
                    industry_code=trade,
                    industry_name=words,
                    ownership=owner,
                    listed_text=listed,
                    joined_on=AS_OF,
                )
            )
            contacts.append(Contact(enterprise=firm, name=who, phone=phone))
        Enterprise.objects.bulk_create(firms, batch_size=1000)
        Membership.objects.bulk_create(stays, batch_size=1000)
        Contact.objects.bulk_create(contacts, batch_size=1000)
        seconds = time.perf_counter() - begun
        transaction.set_rollback(True)
    return seconds
