"""One of everything that an address can name, all of it about one firm of 涧西区."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from cases.actions import asking, evidence, handing_over, paper_files, people, visiting
from cases.actions.evidence import Paper
from cases.actions.matters import Asked, open_matter
from cases.actions.supervising import open_by_letter
from cases.models import (
    Case,
    EscalationDraft,
    Evidence,
    FormFile,
    FormRecord,
    NoteSheet,
    PhoneReminder,
    SavedList,
    SpotCheck,
    SpotDraw,
)
from enterprises.models import ImportBatch
from notifications.models import Delivery, Notice
from organisations.models import FileJob, Post, Region, Tenure, Unit
from reports.documents.nouns import Document, Receipt, SigningSheet
from reports.figures.freezing import freeze
from resources.actions import directory
from resources.models import Resource
from tests.cases.test_life import to_rectification
from tests.cases.test_matters import open_issue
from tests.config.test_column_maps import sheet as filing_sheet
from tests.enterprises.sheets import firm as line
from tests.outsiders.cast import CLERK, FIRM, LEAD, OTHER_FIRM, WORKER, clerks, staff
from tests.reports.papers import letter
from tests.resources.conftest import expert, resource
from tests.wizard import upload
from tests.world import START, World, at, paper, person

ABSENT = 999_999
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Place:
    """The world with its cast, and what stands in the addresses, by name."""

    def __init__(self, world: World, tmp_path: Path) -> None:
        self.world = world
        staff(world)
        self.case = self._case()
        self.other = self._other_case()
        alliance = resource(world, kind=Resource.Kind.ALLIANCE)
        known = expert(world)
        clerks(world, self.case, self.other, known)
        kept = SavedList.objects.create(
            owner=world.people[LEAD], name="逾期", query="chip=overdue", made_at=at(START)
        )
        self.names: dict[str, Any] = {
            "saved": kept.pk,
            "alliance": alliance.pk,
            "expert": known.pk,
            "word": directory.save_word(
                "轴承", ["滚动轴承"], city=world.city, by=world.office, at=at(START)
            ).pk,
            "filing": self._filing(),
            "import": upload(self.enter("office/1"), tmp_path, [line(1), line(2)]).pk,
            "programme": world.programme.key,
            "batch": self._batch(),
            **self._of_the_case(),
            **self._letters(),
            **self._documents(),
            **self._of_people(),
        }

    def enter(self, who: str) -> Client:
        client = Client()
        client.force_login(self.world.people[who], backend=BACKEND)
        return client

    def _case(self) -> Case:
        case = to_rectification(self.world)
        assert case.enterprise is not None
        case.enterprise.memberships.update(township=Region.objects.get(name="甲乡"))
        Case.objects.filter(enterprise=case.enterprise).update(
            township=Region.objects.get(name="甲乡")
        )
        found: Case = Case.objects.get(pk=case.pk)
        return found

    def _other_case(self) -> Case:
        """Of 嵩县 and 市住建局, so that those who do not see the first have a case of their own."""
        firm = self.world.firm(OTHER_FIRM, "嵩县", industry="3011")
        self.world.open()
        return self.world.case(firm)

    def _of_the_case(self) -> dict[str, Any]:
        case = self.case
        open_issue(self.world, case)
        [row] = self._submit()
        notice = Notice.objects.create(
            key="outsiders", recipient=self.world.people[WORKER], case=case, kind="urge",
            title=FIRM, body=FIRM, at=at(START),
        )  # fmt: skip
        assert case.enterprise is not None
        visit = visiting.record_visit(
            case.enterprise, visited_on=START, people="周示例", found=FIRM,
            by=self.world.actor(WORKER), at=at(START, 16), photos=[_photo()],
        )  # fmt: skip
        return {
            "case": case.pk,
            "firm": case.firm_id,
            "question": self._question(),
            "note_sheet": self._note_sheet(),
            "file_job": self._file_job("done"),
            "running_file": self._file_job("running"),
            "visit": visit.pk,
            "photo": visit.photos.get().pk,
            "paper": row.pk,
            "form_file": self._form_file().pk,
            **self._rechecked(),
            "record": FormRecord.objects.filter(case=case, is_draft=False)[0].pk,
            "notice": notice.pk,
            "delivery": self._delivery(notice).pk,
        }

    def _note_sheet(self) -> int:
        user = self.world.people[WORKER]
        return int(NoteSheet.objects.create(file_name=FIRM, by=user, at=at(START)).pk)

    def _filing(self) -> int:
        """A list of the filing that waits for the names of its columns."""
        book = ImportBatch(kind="filing", city=self.world.city, file_name=FIRM, at=at(START))
        book.programme_key, book.about_month, book.state = "luoyang-2022", START, "failed"
        book.file.save("filing.xlsx", ContentFile(filing_sheet()))
        return int(book.pk)

    def _file_job(self, state: str) -> int:
        job = FileJob(
            what="ledger", name=f"{FIRM}.xlsx", by=self.world.people[WORKER], at=at(START)
        )
        job.state, job.beat_at = state, at(START) + timedelta(days=400)
        job.file.save("ledger.xlsx", ContentFile(b"PK"))
        return int(job.pk)

    def _rechecked(self) -> dict[str, Any]:
        """材料复核 of the case, as if it had been struck off."""
        draw = SpotDraw.objects.create(
            programme=self.world.programme, closed_from=START, closed_until=START, percent=5,
            seed=FIRM, population={self.case.county.name: [self.case.number]}, drawn_at=at(START),
        )  # fmt: skip
        check = SpotCheck.objects.create(draw=draw, case=self.case)
        return {"spot_draw": draw.pk, "spot_check": check.pk}

    def _delivery(self, notice: Notice) -> Delivery:
        """Mail that nobody knows to have arrived, to the handler of 涧西区."""
        made: Delivery = Delivery.objects.create(
            key="outsiders", kind="single", channel="smtp", city=self.world.city,
            recipient=notice.recipient, notice=notice, case=notice.case, subject=FIRM, body=FIRM,
            made_at=at(START), next_try_at=at(START), state="in_doubt",
        )  # fmt: skip
        return made

    def _form_file(self) -> FormFile:
        sheet = paper()
        return FormFile.objects.create(
            case=self.case, form="survey", field="confirmation", file=sheet.file,
            file_name=sheet.name, media_type=sheet.media_type, size=sheet.size,
            sha256=sheet.sha256, at=at(START),
        )  # fmt: skip

    def _question(self) -> int:
        """What the firm asks its county."""
        clerk = self.world.actor(CLERK)
        made = asking.ask(self.case.firm_id, text=FIRM, by=clerk, at=at(START, 16))
        return int(made.pk)

    def _submit(self) -> list[Evidence]:
        worker = self.world.actor(WORKER)
        made = evidence.submit(
            self.case.pk, criterion="institution", papers=[paper()], by=worker, at=at(START)
        )
        paper_files.draw_due(timezone.now)
        return made

    def _batch(self) -> str:
        """A handler's work that the county's reviewer passed on in bulk."""
        third = self.world.firm("洛阳示例铸造有限公司")
        self.world.open()
        case, post = self.world.case(third), self._post("reviewer")
        done = people.reassign_many(
            [case.pk], by=self.world.actor(LEAD), at=at(START), reason="请假", post=post
        )
        assert done.done
        return done.batch

    def _post(self, whose: str) -> Post:
        key = {"reviewer": LEAD, "handler": WORKER}[whose]
        return Tenure.objects.get(user=self.world.people[key]).post

    def _documents(self) -> dict[str, Any]:
        """One that the office writes, one that went to 涧西区 (changed behind its signature, so
        that nobody waits for its print)."""
        content = letter(rows=1, addressee=FIRM).model_dump(mode="json")
        base: dict[str, Any] = {
            "programme": self.world.programme, "kind": "letter", "title": FIRM, "content": content,
            "made_by": self.world.people["office/1"], "made_at": at(START),
        }  # fmt: skip
        writing = Document.objects.create(**base)
        issued = Document.objects.create(**base, state="issued", number="1号", seal="x" * 64)
        Receipt.objects.create(document=issued, unit=self.world.units["涧西区工作专班"])
        scan = _photo()
        sheet = SigningSheet.objects.create(
            document=writing, file=scan.file, file_name=scan.name, media_type=scan.media_type,
            size=scan.size, sha256=scan.sha256, at=at(START),
        )  # fmt: skip
        frozen = freeze(
            self.world.programme, date(2022, 1, 31), by=self.world.office, at=at(START), reason="试"
        )
        return {"writing": writing.pk, "issued": issued.pk, "frozen": frozen.pk,
                "sheet": sheet.pk}  # fmt: skip

    def _letters(self) -> dict[str, Any]:
        force = self.world.units["涧西区工作专班"]
        base: dict[str, Any] = {
            "programme": self.world.programme, "county": force.region, "unit": force,
            "made_at": at(START), "month": START,
        }  # fmt: skip
        waits = EscalationDraft.objects.create(kind="reminder_letter", **base)
        sent = EscalationDraft.objects.create(
            kind="work_note", state="released", body=f"{FIRM}：请关注", number="1号",
            decided_by=self.world.people["office/1"], decided_at=at(START), **base,
        )  # fmt: skip
        item = self.world.item(self.case)
        call = PhoneReminder.objects.create(item=item, listed_on=START)
        return {"draft": waits.pk, "letter": sent.pk, "call": call.pk, "order": self._order(sent),
                "meeting": self._meeting()}  # fmt: skip

    def _meeting(self) -> int:
        answers = {"topic": "调度会", "due_on": START.isoformat()}
        asked = Asked("meeting", answers=answers)
        programme = self.world.programme
        return int(open_matter(programme, asked, by=self.world.office, at=at(START)).pk)

    def _order(self, letter: EscalationDraft) -> int:
        """What the letter opened: of the county, led by the office."""
        letter.kind = "supervision_letter"
        order = open_by_letter(letter, [], by=self.world.office, at=at(START))
        assert order is not None
        return int(order.pk)

    def _of_people(self) -> dict[str, Any]:
        handler, world = self._post("handler"), self.world
        by, later = world.actor(LEAD), START + timedelta(days=30)
        deputy, successor = person("deputy", "代示例"), person("successor", "接示例")
        row = handing_over.delegate(
            handler, to_user=deputy, from_on=START, until_on=START + timedelta(days=7),
            reason="培训", by=by, at=at(START),
        )  # fmt: skip
        [handed] = handing_over.hand_over(
            [self._post("reviewer")], to=successor, from_on=later, by=world.office, at=at(START)
        )
        group = Unit.objects.get(name="包联第一组")
        return {
            "unit": handler.unit_id,
            "group": group.pk,
            "tenure": Tenure.objects.get(user=world.people[WORKER]).pk,
            "account": world.people[WORKER].pk,
            "post": handed.post_id,
            "hand_over": handed.pk,
            "stand_in": row.pk,
        }


def _photo() -> Paper:
    data = b"\xff\xd8 a picture \xff\xd9"
    return Paper(ContentFile(data, "photo.jpg"), "photo.jpg", "image/jpeg", len(data), "0" * 64)
