"""No closing without accepted evidence and a second person, whichever door one comes by.

Each door is tried on a firm's case that lacks a paper, and on one that a single official has taken
all the way himself; a remedy likewise. Afterwards each stands where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from openpyxl import Workbook

from cases.actions import evidence, spot_checks, stages
from cases.errors import Refused
from cases.models import Case, Evidence
from cases.sweeps import sweep
from cases.views.bulk import ACTS
from config.ticking import tick
from enterprises.models import MonthlyFact
from organisations.models import Tenure
from tests.cases.lists import sign_in
from tests.cases.standing import LEAD, WORKER, rectifying
from tests.cases.views.test_closing import applied, reviewed, spoil
from tests.world import START, World, at, closing_form, paper

OFFICE = "office/1"
Door = Callable[[World, Case, str, Path], object]
TERMS = {"version": "", "reason": "材料齐全，予以销号", "stage": "closed", "to": "closed"}


def _verb(name: str, **more: Any) -> Door:
    def go(world: World, case: Case, who: str, _folder: Path) -> object:
        deed = getattr(stages, name)
        return deed(case.pk, by=world.actor(who), at=at(START, 16), **more)

    return go


def _close_many(world: World, case: Case, who: str, _folder: Path) -> None:
    done, refused = stages.close_many([case.pk], by=world.actor(who), at=at(START, 16))
    assert done == []
    assert refused[case.pk]


def _page(act: str) -> Door:
    def go(world: World, case: Case, who: str, _folder: Path) -> None:
        client = sign_in(world, who)
        terms = TERMS | {"version": str(case.version)}
        for address in (reverse("case_act", args=[case.pk, act]), f"/cases/{case.pk}/"):
            client.post(address, terms)

    return go


def _batch(world: World, case: Case, who: str, _folder: Path) -> None:
    client = sign_in(world, who)
    for wish in ("confirm", "preview"):
        client.post(reverse("closing_batch"), {"do": wish, "case": [case.pk], "all": ""})
        client.post(reverse("closing_batch") + "?stage=confirmation", {"do": wish, "all": "1"})


def _bulk(world: World, case: Case, who: str, _folder: Path) -> None:
    """Every act on many rows that there is; none of them is one that closes."""
    client = sign_in(world, who)
    for act in ACTS:
        there, asked = reverse("bulk", args=[act]), {"case": [case.pk], "step": "confirm", **TERMS}
        assert client.post(there, asked).status_code != 404, act
    for act in ("close", "advance"):
        assert client.post(reverse("bulk", args=[act]), {"case": [case.pk]}).status_code == 404


def _exchange(world: World, case: Case, who: str, _folder: Path) -> None:
    """What decided is returned after the review, seen anew by him alone, and he confirms."""
    by, when = world.actor(who), at(START, 16)
    paper = Evidence.objects.filter(case=case, state__in=Evidence.ACCEPTED).first()
    if paper is None:
        raise Refused("nothing", "nothing to be exchanged")
    evidence.return_(paper.pk, reason=2, by=by, at=when)
    evidence.verify_offline(
        case.pk, criterion=paper.criterion, witness="王某", number="1", dated=START, by=by, at=when
    )
    stages.close(case.pk, by=by, at=when)


def _command(*line: str) -> Door:
    def go(world: World, case: Case, who: str, _folder: Path) -> None:
        by = world.people[who].username
        call_command(
            "case", line[0], case.number, *line[1:], "--by", by, "--at", "2022-03-01T16:00"
        )

    return go


def _book(folder: Path, *rows: list[Any]) -> str:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    path = folder / "台账.xlsx"
    book.save(path)
    return str(path)


def _ledger(world: World, case: Case, who: str, folder: Path) -> None:
    """A running ledger that says 已销号 of a firm whose case is open, and of one without: that one
    it closes, so the command did what it does."""
    head = ["企业名称", "县（市、区）", "当前环节", "销号时间", "印证材料索引"]
    fresh = world.firm(f"洛阳示例对照{Case.objects.count()}有限公司")
    lines = [
        [name, "涧西区", "已销号", date(2022, 3, 1), "卷3号"] for name in (case.subject, fresh.name)
    ]
    other = next(key for key in ("office/2", OFFICE) if key != who)
    names = (world.people[one].username for one in (OFFICE, other))
    by, second = names
    call_command(
        "ledger", _book(folder, head, *lines), "--programme", "luoyang-2022", "--as-of",
        "2022-03-01", "--by", by, "--second", second,
    )  # fmt: skip
    assert Case.objects.get(enterprise=fresh, is_main=True).stage == "closed"


def _facts(world: World, case: Case, _who: str, _folder: Path) -> None:
    """The province says that all four are there: a list, never a closing."""
    assert case.enterprise is not None
    MonthlyFact.objects.filter(enterprise=case.enterprise).delete()
    haves = ("institution", "staff", "spending", "cooperation")
    world.fact(case.enterprise, date(2022, 2, 1), **{f"has_{have}": True for have in haves})
    tick(at(date(2022, 3, 20)))
    sweep(at(date(2022, 12, 30)))


def _recheck(world: World, case: Case, who: str, _folder: Path) -> None:
    """A case that is open is no closing to be let stand."""
    spot_checks.draw(
        world.programme, closed_from=START, closed_until=START, percent=100,
        by=world.actor(who), at=at(START, 16),
    )  # fmt: skip


DOORS: dict[str, Door] = {
    "verb close": _verb("close"),
    "verb advance": _verb("advance", to="closed"),
    "verb advance on": _verb("advance"),
    "verb acknowledge": _verb("acknowledge"),
    "verb send back": _verb("send_back", reason="予以销号", to="closed"),
    "verb apply": _verb("apply_for_closure", form=closing_form(), knowing=True),
    "verb close many": _close_many,
    "page close": _page("close"),
    "page advance": _page("advance"),
    "page apply": _page("apply_for_closure"),
    "page reopen": _page("reopen"),
    "page batch": _batch,
    "page bulk": _bulk,
    "command close": _command("close"),
    "command advance": _command("advance", "--to", "closed"),
    "import ledger": _ledger,
    "import facts": _facts,
    "recheck": _recheck,
    "exchange": _exchange,
}


def lacking(world: World) -> tuple[Case, str]:
    """Reviewed by the county; then a paper fell."""
    case = reviewed(world, "洛阳示例甲有限公司")
    spoil(case)
    return Case.objects.get(pk=case.pk), OFFICE


def ended(world: World) -> tuple[Case, str]:
    """Reviewed by the county; then a paper's last day went by, and no sweep has said so."""
    case = reviewed(world, "洛阳示例丁有限公司")
    papers = Evidence.objects.filter(case=case, criterion="cooperation")
    papers.update(valid_until=date(2022, 2, 25))
    return Case.objects.get(pk=case.pk), OFFICE


def alone(world: World) -> tuple[Case, str]:
    """Whoever reviewed for the county sits in the office today: all papers accepted, one person."""
    case = reviewed(world, "洛阳示例乙有限公司")
    post = Tenure.objects.get(user=world.people[OFFICE]).post
    Tenure.objects.create(post=post, user=world.people[LEAD], from_on=START)
    return Case.objects.get(pk=case.pk), LEAD


def applicant(world: World) -> tuple[Case, str]:
    """Whoever applied sits in the office and reviews for the county too."""
    case = applied(world, "洛阳示例丙有限公司")
    for who in (OFFICE, LEAD):
        post = Tenure.objects.get(user=world.people[who]).post
        Tenure.objects.create(post=post, user=world.people[WORKER], from_on=START)
    return Case.objects.get(pk=case.pk), WORKER


def remedy(world: World) -> tuple[Case, str]:
    """A remedy without its paper."""
    root = rectifying(world)
    return Case.objects.get(parent=root, criterion="staff"), LEAD


def own_remedy(world: World) -> tuple[Case, str]:
    """A remedy whose only paper was handed in by its closer, and accepted by another."""
    root = rectifying(world)
    [row] = evidence.submit(
        root.pk, criterion="staff", papers=[paper()], by=world.actor(LEAD), at=at(START, 11)
    )
    Evidence.objects.filter(pk=row.pk).update(
        state="county_accepted", reviewed_by=world.people[WORKER]
    )
    return Case.objects.get(parent=root, criterion="staff"), LEAD


@pytest.mark.parametrize("prepare", [lacking, ended, alone, applicant, remedy, own_remedy])
def test_no_door_closes_it(
    world: World, today: Any, tmp_path: Path, prepare: Callable[[World], tuple[Case, str]]
) -> None:
    today(START)
    case, who = prepare(world)
    before = (case.stage, None, None)
    for name, door in DOORS.items():
        with suppress(Refused, CommandError):
            door(world, Case.objects.get(pk=case.pk), who, tmp_path)
        now = Case.objects.get(pk=case.pk)
        assert (now.stage, now.closed_on, now.closing_serial) == before, name
        assert now.finished is None, name


def test_the_doors_open_for_whoever_is_second(world: World, today: Any, tmp_path: Path) -> None:
    """Each of the doors that confirm does so once nothing lacks: none is shut to everybody."""
    today(START)
    confirming = ("verb close", "page close", "command close")
    for number, name in enumerate(confirming):
        case = Case.objects.get(pk=reviewed(world, f"洛阳示例{number}有限公司").pk)
        DOORS[name](world, case, OFFICE, tmp_path)
        assert Case.objects.get(pk=case.pk).stage == "closed", name
    case = reviewed(world, "洛阳示例批量有限公司")
    sign_in(world, OFFICE).post(reverse("closing_batch"), {"do": "confirm", "case": [case.pk]})
    assert Case.objects.get(pk=case.pk).stage == "closed"
