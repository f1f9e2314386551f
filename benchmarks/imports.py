"""A long register read in: ``bin/bench imports``.

Ours reads the workbook in its bounded child, checks every row, compares the list with what stands,
says what would change, and writes firms, their stay on the register, contacts and the journal that
takes it back. The peers check nothing and have every value ready-made (pinyin, keys of counties);
they write the very rows that ours wrote into the very tables, with their indexes and foreign keys:
calamine with COPY; openpyxl with ``bulk_create``, ten thousand rows at a time. Before each way the
tables are emptied, numbers begin anew and the database's writing is done. Ours and COPY are medians
of three rounds turn about; openpyxl with ``bulk_create`` takes four minutes and is taken once, at
the end ("rounds": 1). Behind our first one comes a second month: the same list with some firms
less, some new and some changed. Memory is that of the process and its child at their highest,
behind our first one and before any peer.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import bed
from benchmarks.rounds import in_turn

ROWS, QUICK = int(os.environ.get("BENCH_ROWS", "500000")), 2_000
ROUNDS = 3
GOALS = {"copy": 0.6, "openpyxl": 3.5}
NAMES = {"copy": "calamine and COPY", "openpyxl": "openpyxl and bulk_create"}
MOST_MB = 600
AS_OF, A_MONTH_LATER = date(2022, 3, 1), date(2022, 4, 1)
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
TABLES = tuple(
    f"enterprises_{name}" for name in ("enterprise", "membership", "contact", "importchange")
)
BATCHES, NAMES_BESIDE = "enterprises_importbatch", "enterprises_pairedname"


def main(is_quick: bool) -> dict[str, Any]:
    count, rounds = (QUICK, 1) if is_quick else (ROWS, ROUNDS)
    with tempfile.TemporaryDirectory() as folder, bed.on_postgresql():
        from django.conf import settings

        from enterprises.importing.long import planning

        settings.IMPORT_ROWS = count + 10
        planning.LONG = min(planning.LONG, 0 if is_quick else planning.LONG)
        taken, told = _turn_about(Path(folder), count, rounds)
    seconds = {name: statistics.median(each) for name, each in taken.items()}
    return {
        f"import, against {NAMES[peer]}": {
            "ratio": round(seconds[peer] / seconds["ours"], 2),
            "goal": goal,
            "holds": is_quick
            or (
                seconds[peer] / seconds["ours"] >= goal
                and told["memory_mb"] + told["memory_child_mb"] <= MOST_MB
            ),
            "rows": count,
            "ours_s": round(seconds["ours"], 1),
            "peer_s": round(seconds[peer], 1),
            "rounds": len(taken[peer]),
            "rounds_of_ours": rounds,
            **told,
        }
        for peer, goal in GOALS.items()
    }


def _turn_about(
    folder: Path, count: int, rounds: int
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds of each round of each way; and what is told of ours: seconds of its parts and of the
    second month, memory in MB."""
    from tests.world import build

    world, path, later = build(), folder / "register.xlsx", folder / "later.xlsx"
    counties = sorted(world.counties)
    _write(path, _rows(count, counties))
    _write(later, _a_month_later(count, counties))
    taken: dict[str, list[float]] = {"ours": [], "copy": []}
    parts: list[dict[str, float]] = []
    told: dict[str, float] = {"memory_before_mb": _memory(resource.RUSAGE_SELF)}
    batches: list[Any] = []
    for number in range(rounds):
        # ours begins in the first one: the peers write what it wrote
        for name in in_turn(taken, number):
            _empty(*(() if name == "ours" else batches))
            if name == "copy":
                taken[name].append(_calamine_and_copy(path, folder))
                continue
            seconds, some = _ours(world.city, path, AS_OF)
            taken[name].append(seconds)
            parts.append(some)
            if not batches:
                told["memory_mb"] = _memory(resource.RUSAGE_SELF)
                told["memory_child_mb"] = _memory(resource.RUSAGE_CHILDREN)
                batches = _dump(folder)
                told["second_month_s"] = round(_ours(world.city, later, A_MONTH_LATER)[0], 1)
                told["memory_second_month_mb"] = _memory(resource.RUSAGE_SELF)
    _empty(*batches)
    taken["openpyxl"] = [_openpyxl_and_bulk_create(path, world)]
    return taken, {name: statistics.median(one[name] for one in parts) for name in parts[0]} | told


def alone(count: int) -> dict[str, Any]:
    """A first list of so many firms without the peers: milliseconds of a row, and memory."""
    with tempfile.TemporaryDirectory() as folder, bed.on_postgresql():
        from django.conf import settings

        from tests.world import build

        settings.IMPORT_ROWS = count + 10
        world, path = build(), Path(folder) / "register.xlsx"
        _write(path, _rows(count, sorted(world.counties)))
        taken, _parts = _ours(world.city, path, AS_OF)
        own, child = _memory(resource.RUSAGE_SELF), _memory(resource.RUSAGE_CHILDREN)
        return {"import, a row": round(taken / count * 1000, 3), "import, MB": own + child}


def _memory(whose: int) -> int:
    return resource.getrusage(whose).ru_maxrss // 1024


def _write(path: Path, rows: Iterator[tuple[str, ...]]) -> None:
    # only bin/bench has it installed
    writer = import_module("rustpy_xlsxwriter")
    lines = (dict(zip(HEADER, row, strict=True)) for row in rows)
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


def _a_month_later(count: int, counties: list[str]) -> Iterator[tuple[str, ...]]:
    """One firm in a hundred is gone, one is new, two have another telephone."""
    for n, row in enumerate(_rows(count + count // 100, counties)):
        if n % 100 == 7 and n < count:
            continue
        yield (*row[:7], "0379-1111111", *row[8:]) if n % 100 in (3, 50) else row


def _ours(city: Any, path: Path, day: date) -> tuple[float, dict[str, float]]:
    from django.utils import timezone

    from enterprises.importing.register_apply import register_batch
    from enterprises.importing.registers import plan_register
    from organisations.scope import Actor

    _settle()
    begun = time.perf_counter()
    plan = plan_register(city, path, as_of=day)
    seen = time.perf_counter()
    outcome = register_batch(plan, by=Actor.system(), at=timezone.now())
    end = time.perf_counter()
    assert not plan.refused
    assert outcome.joined_ids
    parts = {"read_and_check_s": seen - begun, "write_s": end - seen}
    return end - begun, {name: round(seconds, 1) for name, seconds in parts.items()}


def _settle() -> None:
    """What others wrote is on the disk: nobody pays for it but they."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


def _empty(*batches: Any) -> None:
    """No firm is there and none ever was; of the journal's ``batches`` these."""
    from django.db import connection

    from enterprises.models import ImportBatch

    with connection.cursor() as cursor:
        # not by TRUNCATE: it would empty the tables that point here too, which the trail forbids
        cursor.execute("SET session_replication_role = replica")
        for table in (*TABLES, BATCHES):
            cursor.execute(f'DELETE FROM "{table}"')
            cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN id RESTART')
        cursor.execute("SET session_replication_role = origin")
        # the names that the firms' table keeps beside itself went with the firms
        for table in (*TABLES, BATCHES, NAMES_BESIDE):
            cursor.execute(f'VACUUM FULL "{table}"')
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            assert cursor.fetchone() == (0,), table
    ImportBatch.objects.bulk_create(batches)
    gc.collect()
    _settle()


def _dump(folder: Path) -> list[Any]:
    """The rows that ours wrote, as COPY takes them; the batches whose journal they are."""
    from django.db import connection

    from enterprises.models import ImportBatch

    link: Any = connection.connection
    with link.cursor() as cursor:
        for table in TABLES:
            with (
                (folder / table).open("wb") as into,
                cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as lines,
            ):
                for block in lines:
                    into.write(block)
    return list(ImportBatch.objects.all())


def _calamine_and_copy(path: Path, folder: Path) -> float:
    from django.db import connection
    from python_calamine import CalamineWorkbook

    link: Any = connection.connection
    begun = time.perf_counter()
    CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    with link.transaction(), link.cursor() as cursor:
        for table in TABLES:
            with (
                (folder / table).open("rb") as content,
                cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as into,
            ):
                while block := content.read(1 << 18):
                    into.write(block)
    return time.perf_counter() - begun


def _openpyxl_and_bulk_create(path: Path, world: Any) -> float:
    from django.db import transaction
    from openpyxl import load_workbook

    from enterprises.models import Contact, Enterprise, ImportBatch, ImportChange, Membership
    from enterprises.pinyin import spell

    batch, day = ImportBatch.objects.earliest("pk"), AS_OF.isoformat()
    places = ["洛阳", "洛阳市", *world.counties]
    spelled = [spell(row[0], places) for row in _rows(QUICK, ["涧西区"])]

    def line(name: str, row: Any) -> ImportChange:
        state = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
        del state["id"]
        if "joined_on" in state:
            state["joined_on"] = day
        return ImportChange(batch=batch, model=name, row_id=row.pk, after=state)

    begun = time.perf_counter()
    with transaction.atomic():
        book = load_workbook(path, read_only=True)
        lines = book.worksheets[0].iter_rows(min_row=2, values_only=True)
        numbered = enumerate(lines)
        while some := list(islice(numbered, 10_000)):
            firms, stays, contacts = list[Enterprise](), list[Membership](), list[Contact]()
            for at, (
                name,
                code,
                county,
                trade,
                words,
                owner,
                who,
                phone,
                _s,
                listed,
                where,
            ) in some:
                pinyin, initials = spelled[at % QUICK]
                firm = Enterprise(
                    name=name,
                    folded_name=name,
                    credit_code=code,
                    pinyin=pinyin,
                    initials=initials,
                    address=where,
                )
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
            rows: dict[str, list[Any]] = {
                "enterprise": firms,
                "membership": stays,
                "contact": contacts,
            }
            changes = [line(name, row) for name in rows for row in rows[name]]
            ImportChange.objects.bulk_create(changes, batch_size=1000)
    return time.perf_counter() - begun
