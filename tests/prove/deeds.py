"""The deeds of the campaign (``story``), and what must hold when each is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile

from cases import rulebook
from cases.actions import (
    evidence,
    extending,
    handing_over,
    matching,
    people,
    remarks,
    stages,
)
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.models import Case, EscalationDraft, Evidence
from config import backing_up, morning, ticking
from config.importing import take_register
from enterprises.importing.register_plan import RegisterPlan, preview_register, read_register
from notifications import delivery
from notifications.models import Delivery
from organisations.models import Post as Desk
from organisations.models import Unit, User
from reports.documents import letters
from reports.documents.nouns import Document
from reports.documents.route import State, Step
from tests.cases.climbing import release as release_letter
from tests.enterprises.sheets import firm, write
from tests.prove.post import Post
from tests.prove.state import State as Rows
from tests.reports.offices import drafted, until
from tests.world import SYSTEM, World, at, build, matching_form
from tests.world import person as account
from workflows.models import load_calendar

OPENED = date(2022, 4, 6)  # behind the quiet season
SIGNED = date(2022, 4, 7)
# sixteen and seventeen working days after the signing-for was due
LETTER, LAST = date(2022, 4, 28), date(2022, 4, 29)
WORKER, LEAD, OFFICE, HEAD = "涧西区/county_worker", "涧西区/county_lead", "office/1", "office/2"
FIRMS = 8
SMALL_BATCH = 3
HAVES = ("institution", "staff", "spending", "cooperation")


@dataclass
class Scene:
    """The city, its post, a folder; ``seen`` is what a person had on his screen."""

    world: World
    post: Post
    folder: Path
    seen: dict[str, Any] = field(default_factory=dict)
    # the day on which the flows of ``breaking`` happen
    today: date = date(2022, 4, 12)

    def case(self, n: int) -> Case:
        found: Case = Case.objects.main().order_by("serial")[n]
        return found


Deed = Callable[[Scene], object]


@dataclass(frozen=True)
class Act:
    """``before``: what stands when it begins; ``look``: what else must hold when it is over."""

    name: str
    do: Deed
    before: Deed = lambda scene: None
    again: Deed | None = None
    look: Callable[[Scene, Rows], list[str]] | None = None
    is_quick: bool = False

    def go_on(self, scene: Scene) -> object:
        return (self.again or self.do)(scene)


def begin(post: Post, folder: Path) -> Scene:
    """The city before the bureau's list comes; six people have a mail address."""
    world = build()
    for key in (WORKER, LEAD, OFFICE, HEAD, "嵩县/county_worker", "嵩县/county_lead"):
        user = world.people[key]
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.gov.cn")
    return Scene(world, post, folder)


def warm(scene: Scene) -> None:
    """What a process that runs for days has in memory."""
    rulebook.pack_of(scene.world.programme.current.pk)
    load_calendar()


# --- the acts -------------------------------------------------------------------------------------
def plan(scene: Scene, firms: int = FIRMS, on: date = date(2022, 4, 1)) -> None:
    rows = [firm(n, county="涧西区" if n < 6 else "嵩县") for n in range(firms)]
    book = write(scene.folder / "register.xlsx", rows)
    scene.seen["plan"] = preview_register(scene.world.city, read_register(book), as_of=on)


def take(scene: Scene, on: date = date(2022, 4, 1)) -> None:
    found: RegisterPlan = scene.seen["plan"]
    take_register(found, by=SYSTEM, at=at(on), confirm_leaving=found.leaving_members or None)


def open_(scene: Scene) -> None:
    scene.world.open(OPENED)


def deliver(day: date) -> Deed:
    return lambda scene: delivery.deliver(at(day, 8))


def of_case(n: int) -> Deed:
    """Somebody opens the page of a case: this is the version that he sees."""

    def look(scene: Scene) -> None:
        case = scene.case(n)
        scene.seen |= {"case": case.pk, "version": case.version}

    return look


def verb(
    deed: Callable[..., object], who: str, hour: int, day: date = SIGNED, **given: Any
) -> Deed:
    """A verb on the case that is looked at, with the version that was seen."""

    def act(scene: Scene) -> object:
        by = scene.world.actor(who, day)
        seen = scene.seen
        return deed(seen["case"], by=by, at=at(day, hour), version=seen["version"], **given)

    return act


def sign_many(scene: Scene) -> None:
    ids = [scene.case(n).pk for n in (1, 2)]
    stages.acknowledge_many(ids, by=scene.world.actor(WORKER, SIGNED), at=at(SIGNED, 10))


def upload(scene: Scene) -> None:
    content = b"%PDF-1.4 institution"
    paper = Paper(
        ContentFile(content, f"{uuid4().hex}.pdf"),
        "成立文件.pdf",
        "application/pdf",
        len(content),
        "a" * 64,
    )
    evidence.submit(
        scene.seen["case"], criterion="institution", papers=[paper], paper="", note="",
        by=scene.world.actor(WORKER, SIGNED), at=at(SIGNED, 12), version=scene.seen["version"],
    )  # fmt: skip


def files_are_whole(scene: Scene, rows: Rows) -> list[str]:
    """Each paper has its file; a file that no paper names is waste, not a loss."""
    del scene, rows
    return [
        f"{row.file_name} is not whole"
        for row in Evidence.objects.all()
        if not row.file.storage.exists(row.file.name or "") or row.file.size != row.size
    ]


def accept(scene: Scene) -> None:
    row = Evidence.objects.get(criterion="institution")
    evidence.accept(row.pk, by=scene.world.actor(LEAD, SIGNED), at=at(SIGNED, 13))


def match_again(scene: Scene) -> None:
    """The deed, and what the next tick makes of a form that was filled in just before."""
    with suppress(Refused):
        verb(stages.advance, WORKER, 14, form=matching_form(SIGNED))(scene)
    matching.follow_due()


def prove_the_rest(scene: Scene) -> None:
    for have in HAVES[1:]:
        scene.world.prove(scene.case(0), have, SIGNED)
    of_case(0)(scene)


def reassign(scene: Scene) -> None:
    unit = Unit.objects.get(name__contains="嵩县", kind=Unit.Kind.TASK_FORCE)
    ids = [scene.case(n).pk for n in (4, 5)]
    by = scene.world.actor(OFFICE, SIGNED)
    people.reassign_many(ids, by=by, at=at(SIGNED, 11), reason="企业已搬迁", unit=unit)


def wish(scene: Scene) -> None:
    of_case(1)(scene)
    case = scene.case(1)
    due = scene.world.item(case).due_on
    assert due is not None
    scene.seen["until"] = load_calendar().add(due, 3)


def ask(scene: Scene) -> None:
    extending.request(
        scene.seen["case"], by=scene.world.actor(WORKER, SIGNED), at=at(SIGNED, 15),
        until=scene.seen["until"], reason="设备到货晚", version=scene.seen["version"],
    )  # fmt: skip


def hand_over(scene: Scene) -> None:
    """The handler's post goes to a successor tomorrow; the tick makes it so."""
    post = Desk.objects.get(unit__name__startswith="涧西区", name="经办人")
    heir = account("heir", "接任者")
    by = scene.world.actor(OFFICE, SIGNED)
    handing_over.hand_over([post], to=heir, from_on=date(2022, 4, 8), by=by, at=at(SIGNED, 16))


def tick(day: date) -> Deed:
    return lambda scene: ticking.tick(at(day))


def urge_many(scene: Scene) -> None:
    ids = [scene.case(n).pk for n in (3, 6, 7)]
    by = scene.world.actor(OFFICE, date(2022, 4, 12))
    remarks.urge_many(ids, by=by, at=at(date(2022, 4, 12), 7), text="请抓紧")


def send(minutes: int = 0) -> Deed:
    """With the time that has passed since: a lease is over when its worker is long dead."""
    moment = at(date(2022, 4, 12)) + timedelta(minutes=minutes)
    return lambda scene: morning.send(moment)


def send_again(scene: Scene) -> None:
    for minutes in (3, 6):
        send(minutes)(scene)


def each_letter_once(scene: Scene, rows: Rows) -> list[str]:
    """Sent is one letter; in doubt is one at most, and a person sees it; nothing else is left."""
    states = Counter(line.partition(" state=")[2].partition(" ")[0]
                     for line in rows["notifications_delivery"])  # fmt: skip
    doubtful = states.pop("in_doubt", 0)
    wrong = [f"{n} messages {state}" for state, n in states.items() if state not in SETTLED]
    if doubtful > DOUBTED_AT_ONCE:
        wrong.append(f"{doubtful} messages in doubt")
    letters = scene.post.mails()
    wrong += [f"{n} letters {about}" for about, n in letters.items() if n > 1]
    sent = _letters(Delivery.State.SENT)
    if not sent <= set(letters):
        wrong.append(f"said to be sent, and not there: {sent - set(letters)}")
    unknown = set(letters) - sent - _letters(Delivery.State.IN_DOUBT)
    if unknown:
        wrong.append(f"nobody knows of {unknown}")
    return wrong


SETTLED = frozenset({"sent", "silent"})
# of one person's single notices all go in one letter: that one may be in doubt
DOUBTED_AT_ONCE = 3


def _letters(state: str) -> set[str]:
    """As the post names them; several singles of one person are one letter under a common title."""
    rows = Delivery.objects.filter(state=state).order_by("recipient", "kind")
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        groups.setdefault((row.address, row.kind), []).append(row.subject)
    return {
        f"{address} {said[0] if len(said) == 1 else f'{len(said)}条消息'}"
        for (address, _kind), said in groups.items()
    }


def climb_to_a_letter(scene: Scene) -> None:
    day = date(2022, 4, 15)
    while day <= LETTER:
        ticking.tick(at(day))
        day += timedelta(days=1)
    scene.seen["draft"] = EscalationDraft.objects.filter(kind="reminder_letter").latest("pk").pk


def release(scene: Scene) -> None:
    draft = EscalationDraft.objects.get(pk=scene.seen["draft"])
    release_letter(scene.world, draft, LETTER)


def register(scene: Scene) -> None:
    letters.register_letter(
        scene.seen["draft"], by=scene.world.actor(HEAD, LETTER), at=at(LETTER, 16)
    )


def write_circular(state: State) -> Deed:
    def begin_it(scene: Scene) -> None:
        document = drafted(scene.world, LETTER)
        document = until(scene.world, document, state, LETTER)
        scene.seen |= {"document": document.pk, "version": document.version}

    return begin_it


def of_document(scene: Scene) -> None:
    scene.seen["version"] = Document.objects.get(pk=scene.seen["document"]).version


def document_step(what: Step) -> Deed:
    def act(scene: Scene) -> None:
        from reports.documents import actions

        actions.advance(
            scene.seen["document"], by=scene.world.actor(HEAD, LETTER), at=at(LETTER, 17),
            version=scene.seen["version"], step=what,
        )  # fmt: skip

    return act


def back_up(scene: Scene) -> None:
    backing_up.back_up(scene.folder / "backups", at(LETTER, 23))


def backups_are_whole(scene: Scene, rows: Rows) -> list[str]:
    """A file that has its name is whole; what a killed one left aside has none."""
    del rows
    wrong = []
    for path in (scene.folder / "backups").glob("xiaohao-*.tar"):
        with backing_up.opened(path) as (_tar, manifest):
            wrong += [] if manifest.tables["cases_case"] else ["an empty backup"]
    return wrong
