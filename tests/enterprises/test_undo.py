"""An import is taken back exactly, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enterprises.importing.refusal import ImportRefused
from enterprises.importing.undo import undo_import
from enterprises.models import Clerk, Contact, Enterprise, ImportBatch
from organisations.models import User
from organisations.scope import Actor
from tests.enterprises.conftest import AT, FEB, JAN, Load, many, snapshot
from tests.enterprises.sheets import HEADER, firm


def test_undo_restores_exactly(load: Load) -> None:
    load([firm(1), firm(2), firm(3), *many(60)])
    before = snapshot()
    changed = [
        firm(1, county="西工区", contact="李示例"),
        firm(2, name="改名有限公司", condition="停产", industry_code="2614"),
        firm(3, condition="破产"),
        firm(4),
        *many(58),
    ]
    outcome = load(changed, FEB)
    assert snapshot() != before
    back = undo_import(outcome.batch, by=Actor.system(), at=AT)
    assert snapshot() == before
    assert ImportBatch.objects.get(pk=outcome.batch.pk).state == ImportBatch.State.UNDONE
    assert {i for i, _ in back.left} == set(outcome.joined_ids)
    assert set(back.returned_ids) == {i for i, _ in outcome.left}
    assert back.moved == tuple((i, b, a) for i, a, b in outcome.moved)
    # and the same list can be taken again
    assert len(load(changed, FEB).joined_ids) == 1


def test_addresses_are_read_kept_where_the_list_is_silent_and_taken_back(load: Load) -> None:
    """今日路线 needs them; lists call them 地址, 详细地址, 生产经营地址, 住所."""
    first, header = [*firm(1), "建设路1号"], [*HEADER, "生产经营地址"]
    load([first, [*firm(2), "建设路2号"]], header=header)
    before = snapshot()
    outcome = load([[*firm(1), ""], [*firm(2), "兴业街9号"]], FEB, header=[*HEADER, "住所"])
    held = dict(Enterprise.objects.order_by("pk").values_list("name", "address"))
    assert list(held.values()) == ["建设路1号", "兴业街9号"]
    undo_import(outcome.batch, by=Actor.system(), at=AT)
    assert snapshot() == before


def test_undo_is_refused_when_a_later_import_touched_the_same_rows(load: Load) -> None:
    first = load([firm(1), firm(2)])
    second = load([firm(1, contact="李示例"), firm(2)], FEB)
    with pytest.raises(ImportRefused) as refused:
        undo_import(first.batch, by=Actor.system(), at=AT)
    assert refused.value.code == "later_import"
    assert str(second.batch.pk) in refused.value.words
    undo_import(second.batch, by=Actor.system(), at=AT)
    undo_import(first.batch, by=Actor.system(), at=AT)
    assert Enterprise.objects.count() == 0


def test_undo_is_refused_twice_too_late_edited_or_in_use(load: Load) -> None:
    told: list[str] = []

    def refusal(batch: ImportBatch, at_later: timedelta = timedelta()) -> str:
        with pytest.raises(ImportRefused) as refused:
            undo_import(batch, by=Actor.system(), at=AT + at_later)
        if refused.value.code in ("edited_since", "in_use"):
            assert firm(1)[0] in refused.value.words
            assert "object" not in refused.value.words
        told.append(refused.value.words)
        return refused.value.code

    batch = load([firm(1)]).batch
    assert refusal(batch, timedelta(hours=25)) == "too_late"
    Contact.objects.update(phone="1")
    assert refusal(batch) == "edited_since"
    Contact.objects.update(phone="000-12345678")
    user = User.objects.create(username="clerk")
    clerk = Clerk.objects.create(user=user, enterprise=Enterprise.objects.get(), from_on=JAN)
    assert refusal(batch) == "in_use"
    clerk.delete()
    undo_import(batch, by=Actor.system(), at=AT + timedelta(hours=24))
    assert refusal(batch) == "not_applied"
    # by whom, and when
    assert "系统" in told[-1]
    assert "2022年" in told[-1]
