"""A part of a name found by pairs of characters is the part found by reading every name, whoever
wrote the firms (docs/adr/0034, 0065)."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q

from enterprises import paired
from enterprises.importing.folding import fold_name
from enterprises.models import Contact, Enterprise, PairedName
from enterprises.pairs import named
from enterprises.searching import firms_of
from organisations import trail

SIGNS = "轴承东方机械()·ab1%_'\\ 𠮷\n"


@pytest.fixture
def firms(db: None) -> None:
    dice = random.Random(3)
    names = ["".join(dice.choices(SIGNS, k=dice.randint(0, 12))) for _number in range(400)]
    Enterprise.objects.bulk_create(Enterprise(name=name, folded_name=name) for name in names)


def any_part_finds_the_names_that_hold_it(seed: int) -> int:
    dice, hits = random.Random(seed), 0
    for _number in range(150):
        part = "".join(dice.choices(SIGNS, k=dice.choice([1, 2, 2, 2, 3, 4])))
        wanted = list(Enterprise.objects.filter(folded_name__contains=part).order_by("pk"))
        assert list(Enterprise.objects.filter(pk__in=named(part)).order_by("pk")) == wanted, part
        hits += len(wanted)
    return hits


def test_any_part_finds_the_names_that_hold_it(firms: None) -> None:
    assert any_part_finds_the_names_that_hold_it(4) > 250
    written_in_every_way()
    assert any_part_finds_the_names_that_hold_it(5) > 150


def written_in_every_way() -> None:
    one, *others = Enterprise.objects.order_by("pk")
    one.folded_name = "东轴方承"
    one.save()
    some = others[:100]
    for firm in some[:50]:
        firm.folded_name += "轴"
    Enterprise.objects.bulk_update(some, ["folded_name"])
    Enterprise.objects.filter(pk__in=[firm.pk for firm in others[100:150]]).delete()
    Enterprise.objects.filter(pk__in=[f.pk for f in others[150:200]]).update(folded_name="承东(")
    try:
        with transaction.atomic():
            Enterprise.objects.update(folded_name="轴承")
            raise InterruptedError
    except InterruptedError:
        pass
    with connection.cursor() as cursor:
        columns = "name, folded_name, code_note, pinyin, initials, condition, address"
        insert = (
            f"INSERT INTO {paired.FIRMS} (id, {columns}) SELECT {{id}}, {columns} "
            f"FROM {paired.FIRMS} WHERE folded_name LIKE '%轴%' AND id < 100000 "
        )
        cursor.execute(insert.format(id="id + 100000"))
        # half of them are there
        cursor.execute(
            insert.format(id="id + 100000 * (1 + id % 2)")
            + "ON CONFLICT (id) DO UPDATE SET folded_name = '械' || excluded.folded_name"
        )


def same() -> bool:
    rows = Enterprise.objects.order_by("pk").values_list("pk", "folded_name")
    return list(rows) == list(PairedName.objects.order_by("pk").values_list())


def say(*statements: str) -> None:
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


@pytest.mark.postgres
def test_triggers_that_were_lost_come_back_with_what_they_missed(firms: None) -> None:
    say(
        "SET CONSTRAINTS ALL IMMEDIATE",
        f"DROP TRIGGER firm_is_named ON {paired.FIRMS}",
        f"ALTER TABLE {paired.FIRMS} DISABLE TRIGGER firm_is_unnamed",
        # what a replica's session would pass over
        f"ALTER TABLE {paired.FIRMS} ENABLE TRIGGER firm_is_renamed",
        "SET LOCAL session_replication_role = replica",
    )
    written_in_every_way()
    assert not same()
    assert paired.keep(connection) == 3
    assert same()
    assert paired.keep(connection) == 0
    # triggers that are there say nothing of a table that was made anew
    say(f"TRUNCATE {paired.TABLE}")
    assert paired.keep(connection) == 0
    assert same()
    # as benchmarks and restores write, passing over what is not for everybody
    written_again = Enterprise.objects.filter(pk__lt=100_000).order_by("pk")
    written_again.filter(folded_name__contains="轴").update(folded_name="械")
    written_again.filter(folded_name__contains="东").delete()
    assert same()
    trail.lift(connection)
    say("SET CONSTRAINTS ALL IMMEDIATE", f"TRUNCATE {paired.FIRMS} CASCADE")
    assert same()
    assert not PairedName.objects.exists()


@pytest.mark.postgres
def test_firms_are_named_wherever_a_session_looks_for_tables(firms: None) -> None:
    say("CREATE TEMPORARY TABLE enterprises_pairedname (firm bigint, name text)")
    say("SET LOCAL search_path = pg_temp, ''")
    say(f"UPDATE public.{paired.FIRMS} SET folded_name = 'x' || folded_name")
    say("SET LOCAL search_path = public", "DROP TABLE pg_temp.enterprises_pairedname")
    assert same()


def test_firms_that_are_written_out_and_brought_back_are_found(firms: None, tmp_path: Any) -> None:
    file = tmp_path / "firms.json"
    call_command("dumpdata", "enterprises", output=str(file), verbosity=0)
    assert "pairedname" not in file.read_text()
    before = list(firms_of("轴承").order_by().values_list(flat=True))
    Enterprise.objects.all().delete()
    call_command("loaddata", str(file), verbosity=0)
    assert sorted(firms_of("轴承").values_list(flat=True)) == sorted(before)
    assert before


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_the_index_is_entered_whatever_the_plan_knows(firms: None, mode: str) -> None:
    assert "Bitmap Index Scan on firm_name_pairs" in planned("轴承", mode)
    plan = planned("轴承机", mode)
    assert "Bitmap Index Scan on firm_name_pairs" in plan
    # the firms themselves are not looked at
    assert paired.FIRMS not in plan


def test_every_kind_of_word_finds_what_reading_every_firm_finds(db: None) -> None:
    code = "91410300MA45XYJH10"
    rows = [
        ("洛阳轴承(集团)", code, "luoyangzhouchengjituan", "lyzcjt"),
        (f"误抄{code.lower()}轴承", "91410300MA45XYJH29", f"wuchao{code.lower()}zhoucheng", "wc"),
        ("abc轴承东方", None, "abczhouchengdongfang", "abczcdf"),
        ("东方(洛阳)", None, "dongfangluoyang", "dfly"),
    ]
    firms = [
        Enterprise(name=n, folded_name=n, credit_code=c, pinyin=p, initials=i)
        for n, c, p, i in rows
    ]
    Enterprise.objects.bulk_create(firms)
    last = Enterprise.objects.latest("pk")
    Contact.objects.create(enterprise=last, name="王", phone="13700001030")
    Contact.objects.create(enterprise=last, name="李", phone="0379-6500123")
    # as it is printed, without its dash, without its area's
    for number in ("0379-6500123", "03796500123", "6500123", "13700001030"):
        assert set(firms_of(number, phones=True).values_list(flat=True)) == {last.pk}
        assert not firms_of(number).exists()
    words = [
        code, code.lower(), code[:10], code[2:8], "1030", "轴承", "轴", "轴承(集", "（洛阳）",
        "abc轴", "zcdf", "luoyang", "Luo'yang", "luoyangzhouchengji", "dongfangluoyangzhou",
        "ABC", "b", "无此",
    ]  # fmt: skip
    found = 0
    for word in words:
        for phones in (False, True):
            wanted = plainly(word, phones=phones)
            rows_found = Enterprise.objects.filter(pk__in=firms_of(word, phones=phones))
            assert set(rows_found) == set(Enterprise.objects.filter(wanted)), word
            found += len(rows_found)
    assert found > 40


def plainly(word: str, *, phones: bool) -> Q:
    """Every part of the question asked of every firm."""
    folded = fold_name(word)
    latin, upper = folded.replace("'", ""), folded.upper()
    asked = Q(folded_name__contains=folded)
    if re.fullmatch("[0-9A-Z]{6,18}", upper):
        asked |= Q(credit_code__contains=upper)
    if latin.isascii() and latin.isalnum():
        asked |= Q(pinyin__contains=latin) | Q(initials__contains=latin)
    if phones and re.fullmatch("[0-9]{4}|1[0-9]{10}", latin):
        asked |= Q(contacts__phone__endswith=latin)
    return asked


@pytest.mark.postgres
def test_a_whole_code_is_found_by_its_index(firms: None) -> None:
    plan = planned("91410300MA45XYJH10", "force_custom_plan")
    assert "Seq Scan" not in plan
    assert "firm_name_pairs" in plan


def planned(word: str, mode: str) -> str:
    sql, params = firms_of(word).query.get_compiler(connection=connection).as_sql()
    for number in range(1, len(params) + 1):
        sql = sql.replace("%s", f"${number}", 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        plain: Any = connection.connection.cursor()
        plain.execute(f"PREPARE pairs AS {sql}")
        given = ", ".join(["%s"] * len(params))
        cursor.execute(f"EXPLAIN EXECUTE pairs({given})", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        plain.execute("DEALLOCATE pairs")
    return plan
