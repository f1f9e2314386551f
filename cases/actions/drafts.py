"""Letters of the ladder decided by a person: released, or not sent; and the calls made.

Drafting is the sweep's (``drafting``). What was drafted is judged again when it is released.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import caps, engine, letter_lacks, permissions
from cases.actions import drafting, supervising
from cases.annex import Annex, AnnexLine, judged, rows_of, rung_of
from cases.dates import day_words
from cases.engine import Step
from cases.errors import NotYours, Refused, Stale
from cases.letters import LANGUAGE, compose
from cases.models import DraftLine, EscalationDraft, PhoneReminder, RungFired, WorkItem
from cases.outside_numbers import outside_number
from cases.permissions import refusal
from cases.policies import check_reason
from cases.rulebook import calendar, pack_of
from cases.statements import take_numbers
from cases.steps import moment_of
from organisations.days import day_of
from organisations.heads import is_head
from organisations.lengths import check_length
from organisations.models import Tenure, Unit
from organisations.roles import POLICY, Act
from organisations.scope import Actor
from workflows.calendar import add_months
from workflows.models import Programme
from workflows.pack_parts import UnitPlan
from workflows.packs import Pack
from workflows.wording import speaking

Kind = EscalationDraft.Kind
State = EscalationDraft.State
OF_NUMBER = 40  # characters of a letter's number
# what weighs so much that the office's head sends it: 督办函, 约谈
OF_HEAD: frozenset[str] = frozenset({Kind.SUPERVISION_LETTER, Kind.TALK})


@transaction.atomic
def release(
    draft_id: int, *, by: Actor, at: datetime, body: str, number: str = "", seal: str | None = None
) -> EscalationDraft:
    """Let a draft go out under a person's name; text, number and list are frozen as they went.

    ``seal`` is that of the annex which the person saw: ``Stale`` when it has changed since.
    ``number`` as the registry gave it by hand; else the next of its own series.
    """
    draft, steps = _open_draft(draft_id, by, with_number=bool(number.strip()))
    on = day_of(at)
    rows = rows_of(draft, Actor.system())
    found = judged(draft, rows, on)
    check_release(draft, found, by=by, at=at, body=body, seal=seal)
    _freeze(rows, found, draft.programme.city_id)
    draft.state, draft.body = State.RELEASED, body
    draft.decided_by, draft.decided_at = by.user, at
    draft.month = on.replace(day=1)
    office = _pack(draft, found).units.office
    draft.number = _number(draft, number, office, on)
    draft.save()
    drafting.take_up([draft])
    held = {line.case.pk for line in found.lines}
    supervising.open_by_letter(draft, found.lines, by=by, at=at)
    _tell(draft, [step for step in steps if step.case.pk in held], "release_draft", by, at)
    return draft


def check_release(
    draft: EscalationDraft, found: Annex, *, by: Actor, at: datetime, body: str, seal: str | None
) -> None:
    """What ``release`` asks; a page asks it too before it shows the letter for the last time."""
    on = day_of(at)
    check_head(draft, by, on)
    _check_annex(draft, found, seal)
    if not body.strip():
        raise Refused("no_text", _("The letter has no text."))
    letter_lacks.check_no_blank(draft, body, on, by)
    _check_day(draft, at)
    _check_cap(draft, on)


@transaction.atomic
def drop(draft_id: int, *, by: Actor, at: datetime, reason: str) -> EscalationDraft:
    """Not sent, with a reason. The highest rung is proposed again next month if nothing moves."""
    check_reason(reason)
    draft, steps = _open_draft(draft_id, by)
    rows = rows_of(draft, Actor.system())
    found = judged(draft, rows, day_of(at))
    _freeze(rows, found, draft.programme.city_id)
    if found.lines or draft.cause:
        draft.body = compose(draft, found.lines, day_of(at), by.user)
    draft.state, draft.reason = State.DROPPED, reason.strip()
    draft.decided_by, draft.decided_at = by.user, at
    draft.save()
    _propose_again(found.lines, day_of(at))
    _tell(draft, steps, "drop_draft", by, at, reason)
    return draft


@transaction.atomic
def record_call(reminder_id: int, *, by: Actor, at: datetime, result: str) -> PhoneReminder:
    """电话提醒: what the call brought; one call serves all that the firm's list says is late."""
    if not result.strip():
        raise Refused("no_result", _("Please write down what the call brought."))
    check_length(result)
    row = (
        PhoneReminder.objects.select_related("item__process__programme")
        .filter(pk=reminder_id)
        .first()
    )
    if row is None:
        raise Refused("no_call", _("This line is not on the call list."))
    rows = _of_the_same_firm(row)
    steps = engine.lock({one.item.process_id for one in rows})
    for step in steps:
        permissions.check(by, Act.RELEASE_DRAFT, step.case, step.item)
        step.verb, step.reason, step.bumps_version = "call", result, False
    for one in rows:
        one.result, one.by, one.called_at = result.strip(), by.user, at
    PhoneReminder.objects.bulk_update(rows, ["result", "by", "called_at"])
    engine.write(steps, by=by, at=at)
    return next(one for one in rows if one.pk == row.pk)


def _of_the_same_firm(row: PhoneReminder) -> list[PhoneReminder]:
    """The line and what else waits on the list about its firm in its programme."""
    case = row.item.process
    if case.enterprise_id is None:
        return [row]
    others = PhoneReminder.objects.filter(
        item__process__enterprise=case.enterprise_id,
        item__process__programme__city=case.programme.city_id,
        item__finished=None,
        called_at=None,
    ).exclude(pk=row.pk)
    return [row, *others.select_related("item")]


def check_head(draft: EscalationDraft, by: Actor, on: date) -> None:
    """督办函 and 约谈 are the head's to send, where the office's head post is held."""
    if draft.kind not in OF_HEAD or by.is_system:
        return
    city = draft.programme.city
    if any(s.covers(city) and is_head(s.post_name) for s in by.standings_for(Act.RELEASE_DRAFT)):
        return
    heads = heads_of(city.pk, on)
    if heads:
        raise NotYours(
            "needs_head",
            _("Only the head of the office releases this letter: %(names)s.")
            % {"names": pgettext("list of names", ", ").join(heads)},
        )


def heads_of(city_id: int, on: date) -> list[str]:
    """Names of whoever heads the city's office on a day; one statement."""
    roles = [role for role, acts in POLICY.items() if Act.RELEASE_DRAFT in acts]
    held = Tenure.objects.on(on).filter(
        post__unit__kind=Unit.Kind.OFFICE, post__unit__region=city_id, post__role__in=roles
    )
    return [str(t.user) for t in held.select_related("user", "post") if is_head(t.post.name)]


def _open_draft(
    draft_id: int, by: Actor, *, with_number: bool = False
) -> tuple[EscalationDraft, list[Step]]:
    """The draft and the open cases of its annex under lock, in the order of ``drafting``.

    ``with_number``: of two letters that are given one number at once the second finds the first.
    """
    if with_number:
        owner = Programme.objects.select_for_update(of=("self",), no_key=True)
        owner.filter(drafts=draft_id).first()
    lines = DraftLine.objects.filter(draft=draft_id).values_list("item__process", flat=True)
    steps = engine.lock(lines.distinct())
    drafts = EscalationDraft.objects.select_related("programme__city").filter(pk=draft_id)
    if (draft := drafts.first()) is None:
        raise Refused("no_draft", _("This draft does not exist."))
    if not by.may_in(Act.RELEASE_DRAFT, draft.programme.city):
        raise NotYours("not_yours", refusal(Act.RELEASE_DRAFT))
    drafting.hold_trays([drafting.place_of(draft)])
    # as it is now that nobody else decides it
    draft = drafts.get()
    if draft.state != State.DRAFTED:
        raise Refused("decided", _("This draft has been decided already."))
    if set(lines.distinct()) - {step.case.pk for step in steps}:
        raise _annex_changed()
    return draft, [step for step in steps if not step.case.is_finished]


def _annex_changed() -> Stale:
    return Stale(
        "annex_changed",
        _("The list has changed since you opened the letter. Look at it again, then release."),
    )


def _pack(draft: EscalationDraft, found: Annex) -> Pack:
    """The rules under which its list was late; of a letter without a list, those of today."""
    if found.lines:
        return pack_of(found.lines[0].case.pack_version_id)
    return draft.programme.current.pack


def _check_annex(draft: EscalationDraft, found: Annex, seal: str | None) -> None:
    if not found.lines and not draft.cause:
        raise Refused(
            "nothing_left",
            _("Nothing of the list is overdue any more. Choose “Do not send”."),
        )
    if seal is not None and seal != found.seal:
        raise _annex_changed()


def _check_day(draft: EscalationDraft, at: datetime) -> None:
    """One letter a day about one county, whatever its kind."""
    if draft.county_id is None:
        return
    sent = EscalationDraft.objects.filter(
        programme=draft.programme_id, county=draft.county_id, state=State.RELEASED
    ).order_by("-decided_at")
    last = sent.first()
    if last is not None and last.decided_at is not None and day_of(last.decided_at) == day_of(at):
        raise Refused(
            "same_day",
            _("Another letter about this county went out today. Release this one tomorrow."),
        )


def _check_cap(draft: EscalationDraft, on: date) -> None:
    """None in a quiet period, and so many of a kind per addressee and month as the plan says."""
    held = caps.held_back(EscalationDraft.objects.filter(pk=draft.pk), on).get(draft.pk)
    if held is None:
        return
    if held.season:
        words = _("No letters go out in the quiet period “%(season)s”. Release it on %(day)s.")
        raise Refused("quiet", words % {"season": held.season, "day": day_words(held.until, on)})
    raise Refused(
        "cap",
        _("One such letter has gone to this addressee this month. Release it next month."),
    )


def _freeze(rows: Sequence[DraftLine], found: Annex, city_id: int) -> None:
    """The list as it goes out, in the letter's language; what fell out keeps its reason."""
    with speaking(LANGUAGE, city_id):
        sent = {line.item.pk: line.frozen() for line in found.lines}
    gone = {line.item.pk: code for line, code in found.gone}
    for row in rows:
        row.sent, row.gone = sent.get(row.item_id, {}), gone.get(row.item_id, "")
    DraftLine.objects.bulk_update(rows, ["sent", "gone"])


def _number(draft: EscalationDraft, by_hand: str, office: UnitPlan, on: date) -> str:
    """洛研专办函〔2026〕6号: as given, else the next of its series of the year.

    All letters of the office share one series, whatever their kind; work notes have their own.
    """
    check_length(" ".join(by_hand.split()), OF_NUMBER)
    given = outside_number(by_hand, on)
    like = EscalationDraft.objects.filter(programme=draft.programme_id)
    if given and like.filter(number=given).exists():
        raise Refused("number_taken", _("Another letter has this number already."))
    while not given:
        words = _numbered(draft, office, on)
        given = "" if like.filter(number=words).exists() else words
    return given


def _numbered(draft: EscalationDraft, office: UnitPlan, on: date) -> str:
    is_note = draft.kind == Kind.WORK_NOTE
    serial = take_numbers(draft.programme_id, f"{'notes' if is_note else 'letters'}-{on.year}", 1)
    parts = {"mark": office.mark or office.short_name[:20], "year": on.year, "n": serial}
    with translation.override(LANGUAGE):
        if is_note:
            return _("%(mark)s note (%(year)d) no. %(n)d") % parts
        return _("%(mark)s letter (%(year)d) no. %(n)d") % parts


def _propose_again(lines: Sequence[AnnexLine], on: date) -> None:
    """A case whose last rung was not sent must not fall silent: it speaks again next month."""
    top = [line for line in lines if _is_top(line)]
    if not top:
        return
    RungFired.objects.filter(
        item__in=[line.item.pk for line in top], rung__in={line.rung for line in top}
    ).delete()
    again = moment_of(calendar().on_or_after(add_months(on, 1)))
    items = [line.item for line in top]
    for item in items:
        item.next_check_at = again
    WorkItem.objects.bulk_update(items, ["next_check_at"])


def _is_top(line: AnnexLine) -> bool:
    rung = rung_of(line)
    if rung is None:
        return False
    pack = pack_of(line.case.pack_version_id)
    ladder = pack.ladder(str(pack.procedure(line.case.procedure).stage(line.item.stage).ladder))
    return rung is ladder.rungs[-1]


def _tell(
    draft: EscalationDraft,
    steps: Sequence[Step],
    verb: str,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """A line in the timeline of every case in the annex that is still open."""
    for step in steps:
        step.verb, step.reason, step.bumps_version = verb, reason, False
        step.data = {"draft": draft.pk, "kind": draft.kind, "number": draft.number}
    engine.record(steps, by=by, at=at)
