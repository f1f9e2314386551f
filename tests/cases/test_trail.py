"""The trail is only appended to, on both databases; what is changed all the same is located."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import ForeignKey

from cases import chains, sealing
from cases.actions import remarks
from cases.models import (
    Case,
    CaseEvent,
    PendingEvent,
    ProgrammeFirm,
    RungFired,
    SealedEvent,
    SealHead,
    WorkItem,
)
from config import prepare, tasks
from notifications.models import Pulse
from organisations import trail
from organisations.journal import record
from organisations.models import AuditEvent
from tests.config.test_commands import as_json, refused, run
from tests.world import START, World, at

WORKER = "涧西区/county_worker"
EVERYWHERE = (
    "UPDATE {table} SET verb = 'x'",
    "UPDATE {table} SET at = at WHERE id = (SELECT max(id) FROM {table})",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})",
)
OF_SQLITE = (
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
    "UPDATE OR REPLACE {table} SET id = id + 1",
    "UPDATE OR IGNORE {table} SET verb = 'x'",
)
OF_POSTGRES = (
    "TRUNCATE {table} CASCADE",
    "WITH gone AS (DELETE FROM {table} RETURNING id) SELECT count(*) FROM gone",
    "SET LOCAL session_replication_role = replica; DELETE FROM {table}",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET verb = 'x'",
)


@pytest.fixture
def told(world: World) -> World:
    """Three events of a case, one of the installation."""
    world.firm("洛阳示例耐材有限公司")
    world.open()
    for words in ("甲", "乙"):
        remarks.comment(world.case().pk, by=world.actor(WORKER), at=at(START), text=words)
    record(AuditEvent.Kind.SETTING, "test", by=world.office, at=at(START), words="设置")
    return world


@pytest.mark.parametrize("table", trail.TABLES)
def test_the_database_refuses_every_attack(told: World, table: str) -> None:
    attacks = EVERYWHERE + (OF_SQLITE if connection.vendor == "sqlite" else OF_POSTGRES)
    before = rows(table)
    for attack in attacks:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack.format(table=table))
        assert rows(table) == before, attack
    trail.lift(connection)  # … and they were good attacks
    with connection.cursor() as cursor:
        cursor.execute(EVERYWHERE[0].format(table=table))
    assert rows(table) != before


def test_what_the_trail_names_stays(told: World) -> None:
    """No foreign key keeps a case, a step, a unit or a person for whatever names them (ADR 42, 61):
    the database does, with or without rows that name them."""
    attacks = ["DELETE FROM {table}", "DELETE FROM {table} WHERE id IN (SELECT id FROM {table})"]
    if connection.vendor == "postgresql":
        attacks += ["SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE", OF_POSTGRES[2]]
    for attack in (one.format(table=table) for table in trail.KEPT for one in attacks):
        with (
            pytest.raises(DatabaseError, match="trail"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(attack)
    named = CaseEvent.objects.values_list("case__pk", "item__process__pk")
    assert set(named) == {(told.case().pk,) * 2}


def test_of_what_a_case_fills_only_the_firm_is_looked_up() -> None:
    """Each key more is a look-up and a row mark with each move; firms are removed where an import
    is undone, so theirs stay."""
    models = (Case, WorkItem, CaseEvent, PendingEvent, RungFired, ProgrammeFirm)
    fields = [field for model in models for field in model._meta.concrete_fields]
    keys: list[Any] = [field for field in fields if isinstance(field, ForeignKey)]
    unkeyed = {field.related_model for field in keys if not field.db_constraint}
    assert {field.name for field in keys if field.db_constraint} == {"enterprise"}
    named = {model._meta.db_table for model in unkeyed}
    assert named - {"django_content_type"} == {*trail.KEPT, "cases_caseevent"}


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_database_looks_up_what_the_models_say() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid = ANY (%s::regclass[]) ORDER BY 1",
            ["{cases_case,cases_workitem,cases_caseevent,cases_programmefirm,cases_rungfired}"],
        )
        assert cursor.fetchall() == [
            ("cases_case", "enterprises_enterprise"),
            ("cases_programmefirm", "enterprises_enterprise"),
        ]


def rows(table: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return list(cursor.fetchall())


@pytest.mark.django_db
def test_triggers_that_were_lost_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that SQLite remakes has none any more; each start looks."""
    monkeypatch.setattr(connection, "close", lambda: None)
    tables = (*trail.TABLES, *trail.KEPT)
    wanted = {table: trail.guards(connection, table) for table in tables}
    assert all(wanted.values())
    assert all(len(wanted[table]) >= 2 for table in trail.TABLES)
    trail.lift(connection)
    assert not any(trail.guards(connection, table) for table in tables)
    prepare.migrate()
    assert {table: trail.guards(connection, table) for table in tables} == wanted
    # so does who updates by Django's own command alone
    trail.lift(connection)
    call_command("migrate", verbosity=0)
    assert {table: trail.guards(connection, table) for table in tables} == wanted
    assert trail.guard(connection) == 0


def test_sealed_once_each_and_whole(told: World) -> None:
    events = CaseEvent.objects.count() + AuditEvent.objects.count()
    assert as_json("audit", "seal") == {"sealed": events}
    assert sealing.seal() == 0
    found = chains.verify()
    assert (found.sealed, found.unsealed, found.breaks) == (events, 0, [])
    assert set(found.heads) == {0, told.city.pk}
    remarks.comment(told.case().pk, by=told.actor(WORKER), at=at(START), text="丙")
    assert chains.verify().unsealed == 1
    tasks.seal()
    assert Pulse.objects.get(name="seal").done == {"sealed": 1}
    assert as_json("audit", "verify")["unsealed"] == 0


def _change(pk: int) -> None:
    CaseEvent.objects.filter(pk=pk).update(reason="改")


def _change_data(pk: int) -> None:
    CaseEvent.objects.filter(pk=pk).update(data={"x": 1})


def _remove(pk: int) -> None:
    # what hangs on it goes first, as somebody who wipes his traces would do it
    CaseEvent.objects.filter(pk=pk)[0].pending.delete()
    CaseEvent.objects.filter(pk=pk).delete()


def _unseal(pk: int) -> None:
    SealedEvent.objects.filter(trail="case", event=pk).delete()


def _cut_off(pk: int) -> None:
    place = SealedEvent.objects.get(trail="case", event=pk).position
    SealedEvent.objects.filter(chain__gt=0, position__gte=place).delete()


def _swap(pk: int) -> None:
    first = SealedEvent.objects.get(trail="case", event=pk)
    other = SealedEvent.objects.get(chain=first.chain, position=first.position + 1)
    SealedEvent.objects.filter(pk=other.pk).delete()
    SealedEvent.objects.filter(pk=first.pk).update(event=other.event)


def _reseal_without_head(pk: int) -> None:
    """The event and its own seal, worked out anew: the next one does not follow from it."""
    _change(pk)
    seal = SealedEvent.objects.get(trail="case", event=pk)
    row = CaseEvent.objects.values_list(*sealing.CASE).get(pk=pk)
    before = SealedEvent.objects.get(chain=seal.chain, position=seal.position - 1).digest
    fresh = sealing.digest(before, "case", row)
    SealedEvent.objects.filter(pk=seal.pk).update(digest=fresh)


@pytest.mark.parametrize(
    ("attack", "place", "what"),
    [
        (_change, 2, "the event was changed"),
        (_change_data, 2, "the event was changed"),
        (_remove, 2, "the event is missing"),
        (_unseal, 2, "a seal is missing"),
        (_cut_off, 2, "the end of the chain is missing"),
        (_swap, 2, "the event was changed"),
        (_reseal_without_head, 3, "the event was changed"),
    ],
)
def test_the_first_break_is_located(told: World, attack: Any, place: int, what: str) -> None:
    sealing.seal()
    second = SealedEvent.objects.get(chain=told.city.pk, position=2)
    trail.lift(connection)
    attack(second.event)
    [found] = chains.verify().breaks
    assert (found.chain, found.position, found.what) == (told.city.pk, place, what)
    with pytest.raises(CommandError, match=f"第{place}位"):
        run("audit", "verify")
    with pytest.raises(SystemExit):
        as_json("audit", "verify")


def _chain_made_anew(pk: int) -> None:
    """By whoever owns the database: the event changed, every seal and the head worked out again."""
    _change(pk)
    SealedEvent.objects.all().delete()
    SealHead.objects.all().delete()
    sealing.seal(every=True)


def test_a_head_that_was_written_down_shows_a_chain_made_anew(told: World, tmp_path: Path) -> None:
    kept = tmp_path / "heads.txt"
    heads = as_json("audit", "anchor", "--to", str(kept))
    assert [one["chain"] for one in heads] == [0, told.city.pk]
    assert as_json("audit", "anchor") == heads  # nothing new, the same heads
    remarks.comment(told.case().pk, by=told.actor(WORKER), at=at(START), text="丙")
    run("audit", "anchor", "--to", str(kept))
    assert len(kept.read_text().splitlines()) == 4
    assert as_json("audit", "verify", "--against", str(kept))["breaks"] == []
    trail.lift(connection)
    _chain_made_anew(SealedEvent.objects.get(chain=told.city.pk, position=2).event)
    assert chains.verify().breaks == []  # from within all looks well
    with pytest.raises(CommandError, match="与留存的链首不一致"):
        run("audit", "verify", "--against", str(kept))
    kept.write_text("nothing of the kind\n")
    assert refused("audit", "verify", "--against", str(kept))[0]["code"] == "no_heads"
    assert refused("audit", "verify", "--against", str(tmp_path / "no"))[0]["code"] == "file"


ODD = 'ａ"\\\n\t\x01\x7f\u2028😀 </script>'


def test_odd_lines_are_read_as_they_were_sealed(
    told: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the database writes is the text that was sealed, without a second look at any place."""
    data = {"乙": [1.5, None, True, {"b": 1, "a": ODD}], "a": -1e-9, "c": 10**20}
    remarks.comment(told.case().pk, by=told.actor(WORKER), at=at(START), text=ODD)
    for address in (None, "10.0.0.1", "2001:db8::1"):
        AuditEvent.objects.create(
            kind="sign_in", verb=ODD[:9], at=at(START).replace(microsecond=120), data=data,
            by=None, subject=ODD, address=address,
        )  # fmt: skip
    sealing.seal()
    monkeypatch.setattr(chains, "_slow", lambda *_asked: "looked at again")
    assert chains.verify().breaks == []
    # … in spans as in one piece, over each border
    trail.lift(connection)
    AuditEvent.objects.filter(address="10.0.0.1").update(subject="甲")
    gone = SealedEvent.objects.filter(chain=told.city.pk).latest("position")
    SealedEvent.objects.filter(pk=gone.pk).delete()
    one, *others = (chains.verify(span=span) for span in (9, 1, 2, 3, 4))
    assert [found.what for found in one.breaks] == [
        "the event was changed",
        "the end of the chain is missing",
    ]
    assert all(other == one for other in others)


def test_what_is_sealed_during_the_look_is_no_break(told: World) -> None:
    """The sealer comes every five minutes, and a long trail takes seconds."""
    sealing.seal()

    def slow(work: Any, spans: Any) -> Any:
        remarks.comment(told.case().pk, by=told.actor(WORKER), at=at(START), text="丙")
        sealing.seal()
        return map(work, spans)

    assert chains.verify(slow).breaks == []


def test_the_trail_is_for_the_auditor(told: World) -> None:
    name = told.people[WORKER].username
    assert refused("audit", "verify", "--by", name)[0]["code"] == "not_auditor"
    assert SealHead.objects.filter(position__gt=0).count() == 0
