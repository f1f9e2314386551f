"""What people of every role do all day, as robots: they look at a page and do what it offers.

Nobody knows more than his pages say, and two devices of one worker or two officials of one county
meet at the same case, as they do at work.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

from benchmarks.browsers import IN_HAND, REFUSED, Browser, Page

PASSWORD = "word-of-the-day-8"
# two characters of a name: a common part and a rare one
SEARCHED = ("轴承", "熠砺", "耐火", "鑫源")
CHIPS = ("overdue", "today", "next", "returned", "all")
HELD = 3
# what four eyes answer to whoever would confirm his own review
OWN_REVIEW = "本人审核的不能由本人确认"
CASE = re.compile(r"^/cases/(\d+)/")


@dataclass
class Person:
    """Signed in on one device; ``day`` is one round of what this role does."""

    browser: Browser
    day: Callable[[Person], Awaitable[None]]
    on: date
    pauses: float = 0.0
    # the cases in hand and what was handed in for each; both devices of a person see to the same
    hand: dict[str, set[str]] = field(default_factory=dict)
    # what the office does besides confirming closings, one after the other, so that a short run
    # meets each; every device begins elsewhere
    turns: Iterator[Callable[[Person], Awaitable[None]]] = field(default_factory=lambda: _turns())

    async def think(self) -> None:
        if self.pauses:
            await asyncio.sleep(min(random.expovariate(1 / self.pauses), 4 * self.pauses))

    async def get(self, path: str, kind: str) -> Page:
        await self.think()
        return await self.browser.get(path, kind)

    async def send(
        self, page: Page, action: str, kind: str, deed: str = "", files: Any = (), **more: Any
    ) -> Page | None:
        """The form of a page, filled in and sent; None where the page has no such form."""
        form = page.form(action) if page.is_ok else None
        if form is None:
            return None
        await self.think()
        answer = await self.browser.post(form.action, kind, form.filled(**more), files)
        if deed and answer.is_ok:
            self.browser.seen.deeds[deed] += 1
            if found := CASE.match(form.action):
                self.browser.seen.by_case[deed, int(found[1])] += 1
        return answer

    # --- lists --------------------------------------------------------------------------------
    async def some_case(self) -> tuple[str, Page] | None:
        """A list, perhaps narrowed, searched or turned over, and a case on it."""
        path, kind = "/ledger/", "ledger"
        wish = random.random()
        if wish < 0.3:
            path, kind = f"/ledger/?chip={random.choice(CHIPS)}", "ledger, a chip"
        elif wish < 0.4:
            path, kind = f"/ledger/?q={quote(random.choice(SEARCHED))}", "ledger, searched"
        page = await self.get(path, kind)
        onward = page.links("after=") if page.is_ok and random.random() < 0.2 else []
        if onward:
            turned = onward[-1] if onward[-1].startswith("/") else f"/ledger/{onward[-1]}"
            page = await self.get(turned, "ledger, another page")
        found = [one for one in page.links("/cases/") if CASE.match(one)] if page.is_ok else []
        if not found:
            return None
        chosen = random.choice(found)
        number = CASE.match(chosen)
        assert number
        return number[1], await self.get(chosen, "case")


async def works(me: Person) -> None:
    """A county's worker: signs for cases, surveys, uploads, applies; visits and notes."""
    if random.random() < 0.3:
        await me.get("/workbench/", "workbench")
    if len(me.hand) >= HELD:
        pk = random.choice(list(me.hand))
        page = await me.get(f"/cases/{pk}/", IN_HAND)
    else:
        found = await me.some_case()
        if found is None:
            return
        pk, page = found
    if not page.is_ok:
        me.hand.pop(pk, None)
        return
    if random.random() < 0.1:
        await _visits(me, page)
        return
    if random.random() < 0.05:
        asked = await me.get(f"/cases/{pk}/acts/comment/", "the dialog of an act")
        await me.send(asked, "/acts/comment/", "note on a case", "comment", reason="电话已沟通")
        return
    me.hand.setdefault(pk, set())
    signed = await me.send(page, "/acts/acknowledge/", "sign for", "acknowledge")
    page = signed or page
    if page.is_ok and page.links(f"/cases/{pk}/form/"):
        await _fills(me, pk)
    elif page.is_ok and (doors := page.links(f"/cases/{pk}/papers/?criterion=")):
        there = [one.partition("criterion=")[2].partition("&")[0] for one in doors]
        missing = [have for have in there if have not in me.hand[pk]]
        if missing:
            await _uploads(me, pk, missing[0])
    else:
        me.hand.pop(pk, None)


async def _fills(me: Person, pk: str) -> None:
    """The form of the step; before closing is applied for, the papers."""
    page = await me.get(f"/cases/{pk}/form/", "form")
    if not page.is_ok:
        return
    [key] = page.tree.xpath("//input[@name='form']/@value")[:1] or [""]
    if key == "survey":
        kind, deed, answers = "survey", "advance", _survey(me.on)
    elif key == "matching":
        kind, deed, answers = "matching", "advance", _matching(me.on)
    else:
        kind, deed, answers = "apply for closing", "apply_for_closure", _closing(me.on)
    await me.send(page, f"/cases/{pk}/form/", kind, deed, do="finish", **answers)


async def _uploads(me: Person, pk: str, have: str) -> None:
    page = await me.get(f"/cases/{pk}/papers/?criterion={have}", "page to upload")
    sent = await me.send(
        page, f"/cases/{pk}/papers/", "upload", "submit_evidence", files=[_paper()], criterion=have
    )
    if sent is not None and (sent.is_ok or sent.status == REFUSED):
        me.hand.setdefault(pk, set()).add(have)


async def _visits(me: Person, page: Page) -> None:
    links = page.links("/visits/new/")
    if not links:
        return
    asked = await me.get(links[0], "form of a visit")
    more = {"met": "财务负责人 李示例", "found": "已建账，缺人员名册"}
    await me.send(asked, "/visits/new/", "record a visit", "visit", **more)


async def leads(me: Person) -> None:
    """A county's reviewer: papers, then closings, then a look around."""
    await _reviews(me)
    if random.random() < 0.3:
        await me.get("/workbench/", "workbench")
        await me.some_case()


async def leads_twice(me: Person) -> None:
    """Who reviews for a county and sits in the office too: confirms what he has just reviewed, and
    is to be told that somebody else must."""
    for pk in await _reviews(me):
        asked = [("do", "confirm"), ("case", pk)]
        await me.think()
        answer = await me.browser.post("/closings/", "confirm one's own review", asked)
        words = answer.body.decode() if answer.is_ok else ""
        if OWN_REVIEW in words:
            me.browser.seen.deeds["four eyes"] += 1
        elif re.search(r"20\d\d-\d{4,}", words):
            me.browser.seen.errors[f"case {pk} was confirmed by whoever reviewed it"] += 1


async def _reviews(me: Person) -> list[str]:
    """Papers and closings; the cases that went on to the city."""
    page = await me.get("/papers/", "papers to review")
    waiting = [one for one in page.links("/papers/") if re.match(r"/papers/\d+/", one)]
    for one in random.sample(waiting, min(4, len(waiting))):
        paper = await me.get(one, "paper")
        wish = "return" if random.random() < 0.04 else "accept"
        deed = {"accept": "accept_evidence", "return": "return_evidence"}[wish]
        more = {"reason": "1", "text": "请补页"} if wish == "return" else {}
        await me.send(paper, "/decision/", "review of a paper", deed, do=wish, **more)
    page = await me.get("/closings/review/", "closings to review")
    waiting = [one for one in page.links("/cases/") if CASE.match(one)] if page.is_ok else []
    passed = []
    for row in random.sample(waiting, min(3, len(waiting))):
        case = await me.get(row, "case")
        if case.is_ok and (doors := case.links("/acts/advance")):
            case = await me.get(doors[0], "the dialog of an act")
        done = await me.send(case, "/acts/advance", "county's review", "advance")
        if done is not None and done.is_ok and (number := CASE.match(row)):
            passed.append(number[1])
    return passed


async def confirms(me: Person) -> None:
    """The city's office: confirms closings, urges, hands over in bulk, letters, papers, exports."""
    page = await me.get("/closings/", "closings to confirm")
    ready = page.tree.xpath("//input[@name='case']/@value") if page.is_ok else []
    if ready:
        asked = await me.send(page, "/closings/", "closings, the second look", case=ready)
        if asked is not None:
            done = await me.send(asked, "/closings/", "confirm closings", do="confirm", case=ready)
            if done is not None:
                numbers = re.findall(r"20\d\d-\d{4,}", done.body.decode())
                me.browser.seen.deeds["close"] += len(set(numbers))
    await next(me.turns)(me)


async def _in_bulk(me: Person) -> None:
    """Twenty of a list are urged or go to another county; ten of them come back."""
    page = await me.get("/ledger/?chip=overdue", "ledger, a chip")
    cases = [found[1] for one in page.links("/cases/") if (found := CASE.match(one))]
    chosen = random.sample(cases, min(20, len(cases)))
    act = random.choice(("urge", "reassign", "supervise"))
    ticked = [("case", pk) for pk in chosen]
    await me.think()
    asked = await me.browser.post(f"/ledger/bulk/{act}/", f"{act} in bulk, asked", ticked)
    if not asked.is_ok or not chosen:
        return
    more: dict[str, Any] = {"step": "confirm"}
    if act == "reassign":
        targets = asked.tree.xpath("//select[@name='target']/option/@value")
        more |= {"target": random.choice([one for one in targets if one]), "reason": "区划调整"}
        # what is confirmed is what the preview told of
        looked = more | {"step": "preview"}
        previewed = await me.send(asked, f"/ledger/bulk/{act}/", f"{act} in bulk, seen", **looked)
        if previewed is None or not previewed.is_ok:
            return
        asked = previewed
    done = await me.send(asked, f"/ledger/bulk/{act}/", f"{act} in bulk", **more)
    if act == "reassign" and done is not None and done.is_ok and random.random() < 0.5:
        await me.send(done, "/ledger/undo/", "reassign in bulk, taken back")


async def _letters(me: Person) -> None:
    """A letter of the tray goes out, is registered and printed."""
    page = await me.get("/supervision/letters/", "letters")
    drafts = [one for one in page.links("/supervision/letters/") if re.search(r"/\d+/", one)]
    if not drafts:
        return
    letter = await me.get(drafts[0], "letter")
    asked = await me.send(letter, "/release/", "letter, the second look")
    if asked is not None and asked.form("/release/"):
        await me.send(asked, "/release/", "letter goes out", "letter", confirmed="1")


async def _circular(me: Person) -> None:
    page = await me.get("/documents/", "documents")
    made = await me.send(page, "/documents/compile/", "circular compiled", "document")
    if made is not None and made.is_ok and made.path.startswith("/documents/"):
        await me.get(f"{made.path}document.pdf", "circular as PDF")


async def _exports(me: Person) -> None:
    """The whole ledger as a workbook: a short one is the answer, a long one is written in the
    background and fetched when it is there."""
    page = await me.get("/ledger/export/", "export asked for")
    if page.is_ok and page.body.startswith(b"PK"):
        me.browser.seen.deeds["export"] += 1
        return
    for _look in range(40):
        done = page.links("/file/") if page.is_ok and page.path.startswith("/files/") else []
        if done:
            await me.browser.get(done[0], "export fetched")
            me.browser.seen.deeds["export"] += 1
            return
        await asyncio.sleep(1.0)
        page = await me.browser.get(page.path, "export, how far")


_FIRST = itertools.count()


def _turns() -> Iterator[Callable[[Person], Awaitable[None]]]:
    deeds = (_in_bulk, _exports, _letters, _circular)
    first = next(_FIRST) % len(deeds)
    return itertools.cycle((*deeds[first:], looks, *deeds[:first], looks))


LOOKS = (
    ("/ledger/?of=all", "ledger, all"),
    ("/supervision/", "overdue"),
    ("/supervision/near/", "nearly due"),
    ("/supervision/letters/", "letters"),
    ("/progress/", "progress"),
    ("/progress/ranking/", "ranking of counties"),
    ("/notices/", "messages"),
    ("/people/load/", "load of people"),
    ("/documents/", "documents"),
)


async def looks(me: Person) -> None:
    """Whoever supervises or leads."""
    for path, kind in random.sample(LOOKS, 3):
        await me.get(path, kind)


async def reads(me: Person) -> None:
    """Departments and liaison groups: their rows of the ledger, their desk."""
    await me.get("/workbench/", "workbench")
    await me.some_case()


async def hands_in(me: Person) -> None:
    """A firm's clerk: what is still missing, one file for it."""
    page = await me.get("/portal/", "firm's page")
    asks = page.links("/portal/")
    asks = [one for one in asks if re.match(r"/portal/\d+/\w+/", one)]
    if not asks:
        return
    there = await me.get(random.choice(asks), "firm's page to upload")
    await me.send(there, "/portal/", "firm uploads", "submit_evidence", files=[_paper()])


# --- what is filled in -------------------------------------------------------------------------
def _paper() -> tuple[str, str, bytes]:
    """A file that nobody sent before."""
    from tests import bad_files

    mark = f"{random.getrandbits(64):016x}"
    return "files", f"{mark}.pdf", bad_files.pdf(f"/Lang ({mark}{'0' * 200_000})")


def _survey(on: date) -> dict[str, Any]:
    from tests.world import survey_form

    return _flat(survey_form(random.choice("AAB"), on) | {"confirmed": "true"})


def _matching(on: date) -> dict[str, Any]:
    from tests.world import matching_form

    return _flat(matching_form(on))


def _closing(on: date) -> dict[str, Any]:
    from tests.world import closing_form

    return _flat(closing_form(on)) | {"knowing": "1"}


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    """A form's values as a browser posts them."""
    flat: dict[str, str | Sequence[str]] = {}
    for key, value in data.items():
        if key == "haves":
            for have, answer in value.items():
                flat |= {f"haves-{have}-{part}": held for part, held in answer.items()}
        elif value and isinstance(value, list) and isinstance(value[0], dict):
            for n, row in enumerate(value):
                flat |= {f"{key}-{n}-{column}": held for column, held in row.items()}
        else:
            flat[key] = value
    return flat
