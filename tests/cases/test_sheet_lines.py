"""A file's cells are those of the page's rows, whatever stands in a case, a step and an event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cases import sheet_kinds
from cases.columns import Column, Reader, Row
from cases.columns_chosen import offered
from cases.ledger import Ledger
from cases.models import Case, CaseEvent, Evidence, WorkItem
from cases.rulebook import is_in_review, pack_of
from cases.sheet_columns import sheet_columns
from cases.sheet_kinds import KIND, SPOKEN
from cases.sheet_lines import SheetLines
from cases.stages import TERMINAL
from enterprises.models import Contact, Enterprise
from organisations.models import Post, Tenure, Unit
from organisations.reading import only
from organisations.scope import Actor
from tests.cases.lists import many
from tests.cases.test_wording import LINES
from tests.world import START, World, at

COUNT = 96
DAYS = (-30, -3, -2, -1, 0, 1, 2, 3, 4, 9, 40, None)
STEPS: tuple[dict[str, Any], ...] = (
    {},
    {"is_suspended": True},
    {"is_declined": True},
    {"waits_higher": True},
    {"is_chased": False},
    {"provisional": True},
    {"is_correction": True},
)
REMEDY: dict[str, Any] = {"is_main": False, "criterion": "staff", "grade": "A"}
LACKS: tuple[dict[str, Any], ...] = (
    {"lacking": ["staff", "spending"], "lacking_count": 2, "grade": "B"},
    {"lacking": [], "lacking_count": 0, "grade": "B"},
    {"lacking": ["staff"], "lacking_count": 1},
    REMEDY,
    {"is_main": False, "title": "用电<容量>不足"},
    {"is_main": False, "enterprise": None, "title": "=第3季度小结", "grade": "D"},
)


class Everything(Ledger):
    """What an actor may see of all cases."""

    def _filter(self) -> Q:
        return Q()

    def _shown(self, chip: str) -> Q:
        return Q()


@pytest.fixture
def varied(world: World) -> World:
    """A county's cases in every stage of every procedure, with steps, events and firms of every
    kind; no two of them alike."""
    many(world, COUNT)
    world.open()
    pack = pack_of(Case.objects.latest("pk").pack_version_id)
    stages = [(key, one.key) for key, rules in pack.procedures.items() for one in rules.stages]
    stages += [(pack.root.key, one) for one in sorted(TERMINAL)]
    county = world.counties["涧西区"]
    units = Unit.objects.filter(region=county, kind=Unit.Kind.TASK_FORCE)
    posts = list(Post.objects.filter(unit__in=units).order_by("pk"))
    Tenure.objects.filter(post=posts[-1]).update(until_on=START)
    cases = list(Case.objects.order_by("pk").values_list("pk", "enterprise_id"))
    kinds = zip(cases, *(cycle(one) for one in (stages, DAYS, STEPS, LACKS, posts)), strict=False)
    for place, ((pk, _firm), (procedure, stage), days, step, lacks, post) in enumerate(kinds):
        if any("{have}" in (one.form or "") for one in pack.procedures[procedure].stages):
            lacks = REMEDY
        ended = {"finished": at(START), "status": "DONE"} if stage in TERMINAL else {}
        parent = {"parent": cases[place - 9][0], "is_main": False} if place % 10 == 9 else {}
        Case.objects.filter(pk=pk).update(
            **{"procedure": procedure, "stage": stage, "lacking": []} | lacks | ended | parent
        )
        due = None if days is None else START + timedelta(days)
        owed = {} if place % 5 else {"post": post, "unit": post.unit_id}
        own = {"stage": stage, "due_on": due} | step | owed | ended
        WorkItem.objects.filter(process=pk).update(**own)
    Evidence.objects.bulk_create(
        Evidence(case_id=pk, enterprise_id=firm, criterion="staff", state="returned",
                 submitted_at=at(START), return_reason=1)
        for pk, firm in cases[::7]
    )  # fmt: skip
    Contact.objects.bulk_create(_contacts(cases[::2]))
    CaseEvent.objects.bulk_create(_events(world, [pk for pk, _firm in cases]))
    Enterprise.objects.filter(pk=cases[3][1]).update(name="=1+1", credit_code=None)
    return world


def _contacts(cases: list[Any]) -> Iterator[Contact]:
    for place, (_pk, firm) in enumerate(cases):
        for duty in ("filing", "general", "general")[: place % 4]:
            yield Contact(
                enterprise_id=firm, duty=duty, name=f"联系人{duty}", phone=f"0379-{place}"
            )


def _events(world: World, cases: list[int]) -> Iterator[CaseEvent]:
    users = [*world.people.values(), None]
    posts = {t.user_id: t.post for t in Tenure.objects.select_related("post")}
    lines = [*LINES, ("advance", {"data": {"for": "周岚"}}, ""), ("hand_over", {}, "")]
    for place, pk in enumerate(cases):
        verb, values, _said = lines[place % len(lines)]
        by = users[place % len(users)]
        moment = at(START - timedelta(days=place % 3 * 200)) + timedelta(hours=place % 11)
        post = posts.get(by.pk) if by and place % 4 else None
        yield CaseEvent(case_id=pk, verb=verb, at=moment, by=by, by_post=post, **values)


def cells(row: Row, columns: Sequence[Column]) -> list[object]:
    """As the workbook has them."""
    return [
        (one.key, one.value(row) if one.value else one.text(row), one.unsure and one.unsure(row))
        for one in columns
    ]


def all_columns(actor: Actor) -> list[Column]:
    shown = sheet_columns(actor)
    known = {column.key for column in shown}
    return [*shown, *(column for column in offered(actor) if column.key not in known)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_cell_is_that_of_the_pages_row(varied: World, language: str) -> None:
    told = set[object]()
    everybody = {frozenset(a.roles): a for a in map(varied.actor, varied.people)}
    assert len(everybody) > 6
    for actor in [*everybody.values()][: None if language == "en" else 3]:
        ledger = Everything(actor, START)
        columns = all_columns(actor)
        mine = [column for column in columns if column.key not in ("contact", "phone")]
        with translation.override(language):
            cases: list[Any] = list(ledger.rows())
            plainly = [cells(row, mine) for row in Reader(actor, START).rows(cases)]
            lines = SheetLines(ledger, columns)
            keys = [case.pk for case in cases]
            found = [*lines.rows(keys[:40]), *lines.rows(keys[40:])]
        assert [cells(row, mine) for row in found] == plainly
        told |= {str(cell) for row in plainly for cell in row}
    # there was something to compare
    assert len(told) > 300


@pytest.fixture
def alike(world: World) -> World:
    """Late matters that differ in nothing but whose the step is, whether they wait for parts and
    whether a colleague reviews them."""
    many(world, 24)
    world.open()
    first = Case.objects.earliest("pk")
    stages = [one.key for one in pack_of(first.pack_version_id).root.stages]
    reviewed = next(one for one in stages if is_in_review(only(Case, **_place(first, one))))
    forces = Unit.objects.filter(kind=Unit.Kind.TASK_FORCE, region__name__in=("涧西区", "嵩县"))
    posts = Post.objects.filter(unit__in=forces).order_by("pk")
    keys = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    kinds = zip(keys, cycle(posts), strict=False)
    for place, (pk, post) in enumerate(kinds):
        stage = reviewed if place // 6 % 2 else stages[1]
        whole = keys[place - 1] if place % 5 == 1 else None
        Case.objects.filter(pk=pk).update(
            stage=stage, is_main=False, title="同一件事", parent=whole
        )
        WorkItem.objects.filter(process=pk).update(
            stage=stage, post=post, unit=post.unit_id, due_on=START - timedelta(1),
            waits_higher=True,
        )  # fmt: skip
    return world


def _place(case: Case, stage: str) -> dict[str, Any]:
    return {
        "id": None, "stage": stage, "procedure": case.procedure,
        "pack_version_id": case.pack_version_id,
    }  # fmt: skip


def test_what_lines_share_is_true_of_each(alike: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many kinds are kept."""
    states = []
    for who in ("涧西区/county_worker", "涧西区/county_lead", "嵩县/county_worker", "office/1"):
        actor = alike.actor(who)
        ledger = Everything(actor, START)
        columns = [one for one in all_columns(actor) if one.key not in ("contact", "phone")]
        cases: list[Any] = list(ledger.rows())
        plainly = [cells(row, columns) for row in Reader(actor, START).rows(cases)]
        assert columns[0].key == "state"
        states.append({str(row[0]) for row in plainly})
        for most in (sheet_kinds.MOST, 2):
            with monkeypatch.context() as patch:
                patch.setattr(sheet_kinds, "MOST", most)
                lines = SheetLines(ledger, columns)
                found = [cells(row, columns) for row in lines.rows([case.pk for case in cases])]
            assert found == plainly
    # one's own is late, what another reviews waits; the office sees no difference
    assert [len(one) for one in states] == [3, 3, 3, 1]


def test_contacts_and_statements(varied: World) -> None:
    actor = varied.actor("涧西区/county_lead")
    ledger = Everything(actor, START)
    keys = list(ledger.rows().values_list("pk", flat=True))
    lines = SheetLines(ledger, sheet_columns(actor))
    assert list(lines.rows(keys))
    with CaptureQueriesContext(connection) as captured:
        rows: list[Any] = list(lines.rows(keys))
    # lines, contacts, and which matters have parts; names are known by then
    assert len(captured) == 3
    firms = dict(Case.objects.values_list("pk", "enterprise_id"))
    for key, row in zip(keys, rows, strict=True):
        named = Contact.objects.filter(enterprise=firms[key]).order_by("-duty", "pk").last()
        newest = Contact.objects.filter(enterprise=firms[key], duty="general").last() or named
        assert (row.contact, row.phone) == ((newest.name, newest.phone) if newest else ("", ""))


def test_a_rule_that_reads_what_a_kind_does_not_hold_fails(varied: World) -> None:
    """Else a line would say what is true of another."""
    held = only(Case, id=None, **dict.fromkeys(name for name in KIND if "__" not in name))
    for name in ("late_days", "county_id", "progress"):
        assert name not in (*KIND, *SPOKEN)
        with pytest.raises(Case.DoesNotExist):
            getattr(held, name)
    assert list(islice(KIND, 2)) == ["item__is_suspended", "stage"]
