"""A released letter of the ladder (督办函, 提醒函 …) on paper: its frozen words and list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.actions.drafts import OF_HEAD
from cases.addressing import BREAK
from cases.annex import AnnexLine, annex_of, by_firm, lacking_of, step_of
from cases.errors import NotYours, Refused
from cases.letters import LANGUAGE
from cases.models import EscalationDraft
from cases.permissions import refusal
from cases.views.drafts import parts_of
from organisations.days import day_of
from organisations.models import Unit
from organisations.roles import Act
from organisations.scope import Actor
from reports.documents.content import Annex, Column, Content, CopyList, Table
from reports.documents.nouns import Document, DocumentStep, HouseStyle
from reports.documents.route import State, Step
from workflows.wording import speaking

Kind = EscalationDraft.Kind
# a work note is a message, no letter on paper
AT_ONCE = 200  # letters registered in one go
ON_PAPER = (Kind.REMINDER_LETTER, Kind.SUPERVISION_LETTER, Kind.COORDINATION_LETTER, Kind.TALK)


@transaction.atomic
def register_letter(draft_id: int, *, by: Actor, at: datetime) -> Document:
    """发文登记 of a letter that its releaser has signed and numbered; once, whoever asks."""
    draft = (
        EscalationDraft.objects.select_for_update(of=("self",), no_key=True)
        .select_related("programme__city", "decided_by", "county", "unit")
        .filter(pk=draft_id)
        .first()
    )
    if draft is None or draft.kind not in ON_PAPER:
        raise Refused("no_letter", _("This is no letter on paper."))
    if not by.may_in(Act.ISSUE_DOCUMENT, draft.programme.city):
        raise NotYours("not_yours", refusal(Act.ISSUE_DOCUMENT))
    known = Document.objects.filter(letter=draft).first()
    if known is not None:
        return known
    if draft.state != EscalationDraft.State.RELEASED or draft.decided_at is None:
        raise Refused("not_released", _("A letter is registered once it has been released."))
    if Document.objects.filter(programme=draft.programme_id, number=draft.number).exists():
        words = _("Another document has the number %(number)s already.")
        raise Refused("number_taken", words % {"number": draft.number})
    content = content_of(draft)
    document = Document(
        programme=draft.programme,
        kind=Document.Kind.LETTER,
        state=State.TO_SEAL,
        title=content.title,
        content=content.model_dump(mode="json"),
        as_of=day_of(draft.decided_at),
        number=draft.number,
        letter=draft,
        made_by=draft.decided_by,
        made_at=at,
    )
    document.seal = document.fingerprint
    document.save()
    DocumentStep.objects.bulk_create(
        DocumentStep(
            document=document,
            step=step,
            name=str(draft.decided_by or ""),
            signed_on=day_of(draft.decided_at),
            recorded_by=draft.decided_by,
            recorded_at=draft.decided_at,
        )
        for step in (Step.SIGN, Step.NUMBER)
    )
    return document


@transaction.atomic
def register_letters(draft_ids: Sequence[int], *, by: Actor, at: datetime) -> list[Document]:
    """发文登记 of many in one go, in the order of their release: all of them or none."""
    return [register_letter(pk, by=by, at=at) for pk in registrable(draft_ids, by=by)]


def registrable(draft_ids: Sequence[int], *, by: Actor) -> list[int]:
    """The chosen letters in the order of their release. Raises ``Refused``."""
    if not by.may(Act.ISSUE_DOCUMENT):
        raise NotYours("not_yours", refusal(Act.ISSUE_DOCUMENT))
    if len(draft_ids) > AT_ONCE:
        words = _("At most %(n)d letters are registered in one go.")
        raise Refused("too_many", words % {"n": AT_ONCE})
    if not draft_ids:
        raise Refused("nothing", _("Choose the letters to be registered."))
    rows = EscalationDraft.objects.filter(pk__in=draft_ids).order_by("decided_at", "pk")
    found = list(rows.values_list("pk", flat=True))
    if len(found) < len(set(draft_ids)):
        raise Refused("no_letter", _("This is no letter on paper."))
    return found


def unregistered(city_ids: Collection[int]) -> QuerySet[EscalationDraft]:
    """Released letters that the register does not hold yet."""
    return EscalationDraft.objects.filter(
        programme__city__in=city_ids,
        state=EscalationDraft.State.RELEASED,
        kind__in=ON_PAPER,
        document=None,
    ).select_related("unit", "county")


def content_of(draft: EscalationDraft) -> Content:
    """The letter's text taken apart, and its list as it went out."""
    on = day_of(draft.decided_at) if draft.decided_at else draft.month
    with speaking(LANGUAGE, draft.programme.city_id):
        return _content(draft, on)


def _content(draft: EscalationDraft, on: date) -> Content:
    office = draft.programme.current.pack.units.office
    said: dict[str, list[str]] = {"title": [], "to": [], "text": [], "sign": []}
    for kind, line in parts_of(draft.body):
        said[kind].append(line.replace(BREAK, "").strip())
    annex_mark = pgettext("document", "Annex: ")
    named = [line for line in said["text"] if line.startswith(annex_mark)]
    notes = [line for line in (*said["text"], *said["sign"]) if _is_note(line)]
    lines = annex_of(draft, Actor.system(), on).lines
    title = named[0].removeprefix(annex_mark) if named else _("List of overdue matters")
    counties = [draft.county.name] if draft.county else []
    return Content(
        layout="letter",
        masthead=_masthead(draft) or office.name,
        title=said["title"][0] if said["title"] else draft.get_kind_display(),
        addressee=said["to"][0] if said["to"] else "",
        paragraphs=tuple(line for line in said["text"] if line not in named and line not in notes),
        signer=_signer(said["sign"]) or office.name,
        dated=on,
        note=notes[0] if notes else "",
        annexes=(list_of(title, lines),) if lines else (),
        copies=_copies(draft),
        words=(*counties, draft.programme.city.name),
    )


def _masthead(draft: EscalationDraft) -> str:
    """As the office has set it for letters; their words and number come with the release."""
    styles = HouseStyle.objects.filter(city=draft.programme.city_id, kind=Document.Kind.LETTER)
    style = styles.filter(unit=None).first()
    return style.masthead if style else ""


def addressee_on(draft: EscalationDraft) -> str:
    """主送 of a released letter as its own text says, edited or not; "" where it names nobody."""
    said = next((line for kind, line in parts_of(draft.body) if kind == "to"), "")
    return said.replace(BREAK, "").strip().rstrip("：: ")


def _is_note(line: str) -> bool:
    return line.startswith(("（", "(")) and line.endswith(("）", ")"))


def _signer(lines: list[str]) -> str:
    """The signing body stands over the date."""
    return next((line for line in lines if not _is_note(line) and not line[:4].isdigit()), "")


def _copies(draft: EscalationDraft) -> tuple[CopyList, ...]:
    """抄送: the supervision office where the letter threatens with it, and the county's group."""
    names = []
    supervision = draft.programme.current.pack.units.supervision
    if draft.kind in OF_HEAD and supervision is not None and draft.county is not None:
        names.append(supervision.name)
    if draft.county is not None:
        groups = Unit.objects.filter(
            kind=Unit.Kind.LIAISON_GROUP, paired_counties=draft.county
        ).order_by("id")
        names += [group.name for group in groups]
    label = pgettext("copy block", "Copies")
    return (CopyList(label=label, names=tuple(dict.fromkeys(names))),) if names else ()


def list_of(title: str, lines: Sequence[AnnexLine]) -> Annex:
    """逾期事项清单: a row a firm."""
    columns = [
        (pgettext("annex", "No."), 3.5, "center"),
        (pgettext("annex", "Firm"), 15.5, "left"),
        (pgettext("annex", "Township (park)"), 8, "left"),
        (pgettext("annex", "Step"), 6, "center"),
        (pgettext("annex", "Missing"), 13, "left"),
        (pgettext("annex", "Deadline"), 8, "center"),
        (pgettext("annex", "Late (working days)"), 7.5, "center"),
        (pgettext("annex", "Unit"), 12, "left"),
        (pgettext("annex", "Reminders"), 5, "center"),
        (pgettext("annex", "Remarks"), 5, "left"),
    ]
    return Annex(
        title=title,
        is_wide=True,
        tables=(
            Table(
                columns=tuple(
                    Column.model_validate({"title": title, "share": share, "align": align})
                    for title, share, align in columns
                ),
                rows=tuple(_row(n, firm) for n, firm in enumerate(by_firm(lines), 1)),
            ),
        ),
    )


def _row(n: int, lines: Sequence[AnnexLine]) -> tuple[str, ...]:
    first = lines[0]
    township = first.case.township
    return (
        str(n),
        first.firm,
        township.name if township else "",
        step_of(lines),
        lacking_of(lines),
        first.due_on.isoformat() if first.due_on else "",
        str(first.days_late),
        first.unit,
        str(max(line.reminded for line in lines)),
        "",
    )
