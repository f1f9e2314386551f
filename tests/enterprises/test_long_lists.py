"""A long register is read, compared and written as a short one (docs/adr/0043, 0044).

What short lists do is the reference: the same plan, the same words, the same rows. On SQLite the
way of short lists is taken, whatever the length.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enterprises.importing import registers
from enterprises.importing.journal import JOURNALLED, state_of
from enterprises.importing.long import planning
from enterprises.importing.long.judging import Judging
from enterprises.importing.long.lines import Lines
from enterprises.importing.long.parts import Parts, Uncut
from enterprises.importing.long.steps import New, marks_of
from enterprises.importing.regions import regions_of
from enterprises.importing.register_apply import RegisterOutcome, register_batch
from enterprises.importing.register_plan import RegisterPlan, preview_register, read_register
from enterprises.importing.register_rows import (
    Knowledge,
    RefusedRow,
    RegisterRow,
    industry_names,
    judge,
)
from enterprises.importing.report import register_report
from enterprises.importing.undo import undo_import
from enterprises.models import Contact, Enterprise, ImportBatch, ImportChange, Membership
from organisations.models import Region
from organisations.scope import Actor
from tests.conftest import on_postgres
from tests.enterprises.conftest import AT, COUNTIES, DATA, FEB, JAN, MAR, many
from tests.enterprises.sheets import HEADER, code_of, firm, write

SAMPLES = sorted(path.name for path in DATA.glob("luoyang-register-*.xlsx"))
MORE = (*HEADER, "乡镇（园区）", "详细地址")


def oddly(luck: random.Random, count: int) -> list[list[Any]]:
    """A list as it comes from many hands: most rows good, every other kind among them."""
    rows: list[list[Any]] = []
    # of the next list half are the same firms
    for n in luck.sample(range(100, 100 + 2 * count), count):
        cells: dict[str, Any] = {"county": (*COUNTIES, "偃师市")[n % 17]}
        for _ in range(luck.choice((0, 0, 0, 1, 2))):
            cells |= luck.choice(KINDS)(n)
        rows.append(
            [
                *firm(n, **cells),
                luck.choice((None, None, "不知镇")),
                luck.choice(("一号", "二号", None)),
            ]
        )
    rows.insert(luck.randrange(count), [None] * len(MORE))
    rows.insert(luck.randrange(count), list(MORE))
    rows.append(["合计", None, None, 12, "其他", None, 1])
    return rows


# what a hand does to the row of a firm
KINDS: Sequence[Any] = (
    lambda n: {"code": None},
    lambda n: {"code": code_of(n + 1)},
    lambda n: {"code": code_of(n).lower()},
    lambda n: {"code": code_of(n)[:-1]},
    lambda n: {"code": code_of(n)[:-1] + "0"},
    lambda n: {"code": float(n)},
    lambda n: {"name": None},
    lambda n: {"name": f"洛阳样本{n + 1}有限公司"},
    lambda n: {"name": f"洛阳　样本 {n}（有限）公司"},
    lambda n: {"name": f"洛阳样本{n}〔Ａb〕\\公司"},
    lambda n: {"name": "#REF!"},
    lambda n: {"name": "长" * 121},
    lambda n: {"county": "郑州市"},
    lambda n: {"county": None},
    lambda n: {"county": " 涧 西 区"},
    lambda n: {"industry_code": "9999"},
    lambda n: {"industry_code": None},
    lambda n: {"industry_code": None, "industry_name": None},
    lambda n: {"industry_code": 3451.0},
    lambda n: {"industry_code": "C3670", "industry_name": "汽车零部件及配件制造"},
    lambda n: {"revenue": "很多"},
    lambda n: {"revenue": 1999.99},
    lambda n: {"revenue": "3,000"},
    lambda n: {"revenue": float("inf")},
    lambda n: {"condition": "停产"},
    lambda n: {"condition": "破产"},
    lambda n: {"condition": "注销"},
    lambda n: {"condition": "不详"},
    lambda n: {"condition": None},
    lambda n: {"contact": None, "phone": None},
    lambda n: {"contact": "李示例"},
    lambda n: {"phone": "1"},
    lambda n: {"ownership": "国有企业"},
    lambda n: {"industry_code": "2614", "industry_name": ""},
    lambda n: {"listed": "2020-01"},
    lambda n: {"county": "嵩县"},
    lambda n: {"name": f"洛阳样本{n}改名有限公司"},
    lambda n: {"phone": 13800000000 + n},
    lambda n: {"phone": "0" * 40},
    lambda n: {"listed": date(2016, 12, 1)},
    lambda n: {"listed": 42_705},
    lambda n: {"listed": "昨天"},
    lambda n: {"listed": "2031-05"},
    lambda n: {"ownership": "私营(（有限）责任公司) "},
    lambda n: {"industry_name": True},
)


def plainly(luoyang: Region, path: Path, day: date, **more: Any) -> RegisterPlan:
    return preview_register(luoyang, read_register(path), as_of=day, **more)


def part_by_part(luoyang: Region, path: Path, day: date, **more: Any) -> RegisterPlan:
    """By the way of long lists, where there is one."""
    return registers.plan_register(luoyang, path, as_of=day, **more)


@pytest.fixture(autouse=True)
def every_list_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "LONG", 0)


def told(plan: RegisterPlan) -> dict[str, Any]:
    """All that a plan says, to the page and to the command line; ids of firms apart."""
    words = {**register_report(plan), **plan.as_json()}
    for key in ("new", "changed", "leaving"):
        steps = register_report(plan)[key]
        words[key] = [{k: v for k, v in step.items() if k != "id"} for step in steps]
    return {
        **words,
        "unchanged": len(plan.unchanged),
        "taken": plan.taken,
        "needs": plan.needs_confirmation,
        "hash": (plan.file_name, plan.sha256, plan.members, plan.money_source),
    }


def stored() -> list[Any]:
    """Every row that a register writes, without its keys, in an order of its own."""
    names = dict(Enterprise.objects.values_list("pk", "name"))
    rows: list[Any] = []
    for model in (Enterprise, Membership, Contact):
        for row in model.objects.all():
            kept = state_of(row)
            kept["enterprise_id"] = names.get(kept.get("enterprise_id", 0), "")
            rows.append((model.__name__, sorted(kept.items(), key=str)))
    for line in ImportChange.objects.all():
        row = JOURNALLED[line.model]._default_manager.filter(pk=line.row_id).first()
        is_same = row is not None and state_of(row) == line.after
        rows.append((line.model, line.before is None, is_same))
    return sorted(rows, key=str)


def followed(outcome: RegisterOutcome) -> list[Any]:
    """What the cases follow, by the firms' names."""
    names = dict(Enterprise.objects.values_list("pk", "name"))
    return [
        sorted(names[i] for i in outcome.joined_ids),
        sorted(names[i] for i in outcome.returned_ids),
        sorted((names[i], why) for i, why in outcome.left),
        sorted((names[i], *way) for i, *way in outcome.moved),
        sorted(names[i] for i in outcome.stopped_ids),
    ]


def take(plan: RegisterPlan) -> RegisterOutcome:
    return register_batch(plan, by=Actor.system(), at=AT, confirm_leaving=len(plan.leaving))


def take_and_undo(plan: RegisterPlan) -> list[Any]:
    """The rows and the outcome of an import that is taken back."""
    outcome = take(plan)
    found = [stored(), followed(outcome), outcome.batch.report["counts"]]
    undo_import(outcome.batch, by=Actor.system(), at=AT)
    ImportBatch.objects.filter(pk=outcome.batch.pk).delete()
    return found


def is_the_same(luoyang: Region, path: Path, day: date) -> None:
    """The plan and, taken and taken back, the rows and what the cases follow."""
    plans = [look(luoyang, path, day) for look in (plainly, part_by_part)]
    assert isinstance(plans[1].new, New) == on_postgres()
    assert told(plans[0]) == told(plans[1])
    one, other = [take_and_undo(plan) for plan in plans]
    assert one == other


def test_the_samples(luoyang: Region) -> None:
    """The first list, the same again, the second month, and one with every fault."""
    january, february, dirty = (DATA / sample for sample in SAMPLES)
    is_the_same(luoyang, dirty, JAN)
    if on_postgres():
        take(part_by_part(luoyang, january, JAN))
        for path in (january, february):
            assert told(part_by_part(luoyang, path, FEB)) == told(plainly(luoyang, path, FEB))


@pytest.mark.parametrize("seed", range(4))
def test_lists_of_many_hands(luoyang: Region, tmp_path: Path, seed: int) -> None:
    luck = random.Random(seed)
    for day in (JAN, FEB) if on_postgres() else (JAN,):
        path = write(tmp_path / f"{day}.xlsx", oddly(luck, 80), header=MORE)
        is_the_same(luoyang, path, day)
        take(part_by_part(luoyang, path, day))
        again = part_by_part(luoyang, path, day)
        assert told(again) == told(plainly(luoyang, path, day))


def judged(luoyang: Region, path: Path) -> list[Any]:
    rows = read_register(path).rows
    known = Knowledge(regions_of(luoyang), industry_names(rows), latest=JAN)
    return [judge(row, known) for row in rows]


def by_columns(luoyang: Region, path: Path) -> list[Any]:
    judging = Judging(Knowledge(regions_of(luoyang), latest=JAN))
    for part in Parts(path):
        judging.take(part)
    judging.finish()
    rows: dict[int, Any] = {int(line[0]): judging.lines.row(line) for line in judging.lines}
    marks = marks_of(sorted(rows)[::7], judging.end)
    some = [judging.lines.row(line) for line in judging.lines.marked(marks)]
    assert some == [rows[at] for at in sorted(rows)[::7]]
    return [row for _at, row in sorted((rows | judging.refused).items())]


def compared(row: RegisterRow | RefusedRow) -> Any:
    if isinstance(row, RefusedRow):
        return row
    return replace(row, raw=None, revenue=None), [  # type: ignore[arg-type]
        row.raw.finding("two_firms", key) for key in ("", "name", "credit_code")
    ]


def test_a_column_is_judged_as_its_cells(luoyang: Region, tmp_path: Path) -> None:
    hands = write(tmp_path / "l.xlsx", oddly(random.Random(7), 1500), header=MORE)
    for path in (*(DATA / sample for sample in SAMPLES), hands):
        one, other = judged(luoyang, path), by_columns(luoyang, path)
        assert list(map(compared, one)) == list(map(compared, other))


def test_statements(luoyang: Region, tmp_path: Path) -> None:
    """Of new firms as many for a thousand as for ten, to look and to write."""
    found = []
    for size in (10, 1000):
        path = write(tmp_path / "l.xlsx", many(size))
        with CaptureQueriesContext(connection) as looking:
            plan = part_by_part(luoyang, path, JAN)
        with CaptureQueriesContext(connection) as writing:
            batch = take(plan).batch
        assert Membership.objects.count() == size
        undo_import(batch, by=Actor.system(), at=AT)
        found.append((len(looking), len(writing)))
    if on_postgres():
        assert found[0] == found[1]
        assert found[0][0] <= 20
        assert found[0][1] <= 20
        # whoever takes the list back at once joins its lines with what has just been written
        assert any(one["sql"].startswith("ANALYZE") for one in writing)


def test_broken_off_nothing_stays(
    luoyang: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = part_by_part(luoyang, write(tmp_path / "l.xlsx", many(20)), JAN)

    def broken(*_given: Any, **_more: Any) -> None:
        raise RuntimeError("broken off")

    # at its end, and between and within the parts in which a long one is written
    parts = ("long.pouring._stays", "long.pouring._contacts", "long.pouring.store_made")
    for place in ("register_apply.Journal.store", *(parts if on_postgres() else ())):
        monkeypatch.setattr(f"enterprises.importing.{place}", broken)
        with pytest.raises(RuntimeError):
            take(plan)
        assert (Enterprise.objects.count(), ImportBatch.objects.count()) == (0, 0)
        monkeypatch.undo()
    assert len(take(plan).joined_ids) == 20


def test_what_cannot_be_cut_is_read_as_a_whole(
    luoyang: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "l.xlsx", many(5))

    def uncut(*_given: Any, **_more: Any) -> None:
        raise Uncut

    monkeypatch.setattr(registers, "preview_long", uncut)
    assert len(part_by_part(luoyang, path, JAN).new) == 5
    assert len(Lines().sheets) == 0


def test_a_code_under_the_name_of_a_firm_that_left(luoyang: Region, tmp_path: Path) -> None:
    """Of two firms that are known, one of which no list names any more: refused, not renamed."""
    lists = ([firm(1), firm(2), *many(40)], [firm(1), *many(40)])
    for at, (rows, day) in enumerate(zip(lists, (JAN, FEB), strict=True)):
        take(part_by_part(luoyang, write(tmp_path / f"{at}.xlsx", rows), day))
    path = write(tmp_path / "mixed.xlsx", [firm(1, name=firm(2)[0]), *many(40)])
    plan = part_by_part(luoyang, path, MAR)
    assert [finding.code for finding in plan.refused] == ["two_firms"]
    assert told(plan) == told(plainly(luoyang, path, MAR))


@pytest.mark.parametrize("cells", [{"county": "郑州市"}, {"industry_code": None}])
def test_a_list_of_which_no_row_is_plainly_right(
    luoyang: Region, tmp_path: Path, cells: dict[str, Any]
) -> None:
    """Another city's list; one that names industries without their codes."""
    path = write(tmp_path / "l.xlsx", [firm(n, **cells) for n in range(30)])
    assert told(part_by_part(luoyang, path, JAN)) == told(plainly(luoyang, path, JAN))


def test_who_may_make_no_temporary_table_reads_as_before(luoyang: Region, tmp_path: Path) -> None:
    if not on_postgres():
        return
    path = write(tmp_path / "l.xlsx", many(5))
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE without_temporary NOLOGIN")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO without_temporary")
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
        cursor.execute("SET LOCAL ROLE without_temporary")
    plan = part_by_part(luoyang, path, JAN)
    assert (type(plan.new), len(plan.new)) == (tuple, 5)
