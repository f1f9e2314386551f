"""Annexes that are split per addressee."""

from __future__ import annotations

from datetime import timedelta

from reports.documents import actions, printing
from reports.documents.circulars import circular
from reports.documents.content import annex_numbers, annexes_named
from reports.documents.nouns import Document
from reports.documents.route import State
from tests.reports.offices import DAY, HANDLER, until
from tests.world import World, at


def test_each_county_gets_its_own_list_of_firms_and_no_other(world: World) -> None:
    """按县区分别印发: a circular names no firm but to that firm's own county."""
    for county, name in (("涧西区", "甲有限公司"), ("嵩县", "乙有限公司"), ("嵩县", "丙有限公司")):
        world.firm(name, county=county)
    world.open()
    later = DAY + timedelta(days=20)
    content = circular(world.programme, later, later)
    mine, other = (world.actor(f"{county}/county_worker", later) for county in ("涧西区", "嵩县"))
    kind = Document.Kind.CIRCULAR
    made = actions.draft(
        world.programme, kind, content, by=world.actor(HANDLER, later), at=at(later), as_of=later
    )
    document = until(world, made, State.ISSUED, later)
    for by, named, unnamed in (
        (mine, "甲有限公司", "乙有限公司"),
        (other, "乙有限公司", "甲有限公司"),
    ):
        got = printing.content_for(document, by)
        cells = [cell for a in got.annexes for t in a.tables for row in t.rows for cell in row]
        assert named in cells
        assert unnamed not in cells
        assert unnamed not in printing.page_of(got)
    names = annexes_named(printing.content_for(document, mine).annexes)
    assert names[-1] == ("4", "涧西区逾期企业清单（工作资料，请勿外传）")
    # the office's own copy: all lists under one number, one line in the text
    whole = printing.content_for(document, world.actor(HANDLER, later)).annexes
    assert annexes_named(whole)[-1] == ("4", "各县（市、区）逾期企业清单（按县区分别印发）")
    assert annex_numbers(whole) == ["1", "2", "3", "4", "4"]
    [bar] = [bar for bar in whole[2].bars if bar.name == "嵩县"]
    assert (bar.rate, bar.target is not None) == (0.0, True)
