"""Letters that the ladder drafts, worded from their annex; the office edits before it releases.

A letter speaks the city's language, whatever the reader's screen does. Source of the words:
practice of supervision letters (工作提示 → 提醒函 → 督办函).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils import dateformat, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import Case, EscalationDraft, PhoneReminder
from cases.oversight import AnnexLine
from cases.policies import names_of
from cases.rulebook import calendar, pack_of
from cases.stages import CLOSED, DELISTED, WITHDRAWN
from cases.steps import day_of
from organisations.models import User

LANGUAGE = "zh-hans"
FINISH_WITHIN = 10  # working days from the letter
ANSWER_WITHIN = 5
Kind = EscalationDraft.Kind


@dataclass(frozen=True)
class LetterFacts:
    """What a letter states; every figure as of ``on``."""

    draft: EscalationDraft
    lines: Sequence[AnnexLine]
    on: date
    by: User | None

    @property
    def firms(self) -> int:
        return len({line.case.enterprise_id for line in self.lines})

    def by_phase(self) -> str:
        """其中摸底2家、对接1家、整改6家: each firm once, under its latest step."""
        found: Counter[str] = Counter()
        seen: set[int | None] = set()
        for line in self.lines:
            if line.case.enterprise_id in seen:
                continue
            seen.add(line.case.enterprise_id)
            found[phase_title(line.case, line.item.stage)] += 1
        parts = [_("%(phase)s %(n)d") % {"phase": p, "n": n} for p, n in found.items()]
        return pgettext("list of names", ", ").join(parts)

    def mainly(self) -> str:
        """主要集中在: the two criteria that most firms lack."""
        missing: Counter[str] = Counter()
        for line in self.lines:
            missing.update(line.case.lacking)
        keys = [key for key, _n in missing.most_common(2)]
        return names_of(self.lines[0].case, keys) if keys else ""

    def days(self) -> int:
        """The least lateness of the annex, as the letters say 逾期N个工作日以上."""
        return min((line.days_late for line in self.lines), default=0)


def compose(draft: EscalationDraft, lines: Sequence[AnnexLine], on: date, by: User | None) -> str:
    """The letter's text; a released or dropped one is printed as it was decided."""
    if draft.body:
        return draft.body
    with translation.override(LANGUAGE):
        facts = LetterFacts(draft, lines, on, by)
        words = {
            Kind.WORK_NOTE: _work_note,
            Kind.REMINDER_LETTER: _reminder,
            Kind.SUPERVISION_LETTER: _supervision,
            Kind.COORDINATION_LETTER: _coordination,
            Kind.TALK: _talk,
        }
        return words[Kind(draft.kind)](facts)


def phase_title(case: Case, stage: str) -> str:
    procedure = pack_of(case.pack_version_id).procedure(case.procedure)
    if not procedure.has(stage):
        return ""
    return str(procedure.phase(procedure.stage(stage).phase).title)


def _work_note(facts: LetterFacts) -> str:
    return _(
        "[Work note] To whom it concerns at %(unit)s: as of %(day)s, %(firms)d firms in the "
        "working ledger of full coverage of %(county)s are more than %(days)d working days late, "
        "of them %(phases)s; the list is in the system. Please look into it and coordinate; for "
        "matters that the city must coordinate, please tell %(contact)s of the office, %(phone)s."
    ) % _values(facts)


def _reminder(facts: LetterFacts) -> str:
    return _(
        "Reminder of overdue matters of full R&D coverage\n\n"
        "%(unit)s:\n"
        "As of %(day)s, %(firms)d firms of %(county)s are more than %(days)d working days late in "
        "the working ledger, of them %(phases)s%(mainly)s.%(before)s\n"
        "Please look into each firm's reasons, name who is responsible and finish by "
        "%(finish)s; where that is not possible for objective reasons, please explain firm by "
        "firm. Please report as things are; nobody fills in for a firm.\n\n"
        "Annex: list of overdue matters (working paper, not to be passed on)\n\n"
        "%(office)s\n%(today)s\n(Contact: %(contact)s, %(phone)s)"
    ) % _values(facts)


def _supervision(facts: LetterFacts) -> str:
    return _(
        "Letter urging the handling of overdue matters of full R&D coverage\n\n"
        "%(county)s people's government:\n"
        "Following the city's work plan and the arrangements of its task force, the office went "
        "through the working ledgers of all counties. As of %(day)s your county has %(listed)d "
        "firms in the ledger, %(closed)d are closed, a rate of %(rate)s%%; %(firms)d of the "
        "open ones are more than %(days)d working days late, of them %(phases)s%(mainly)s."
        "%(before)s With the consent of the head of the city's task force we write to you:\n"
        "1. Please analyse the %(firms)d firms of the annex one by one, name the unit, the person "
        "and the time limit, and finish by %(finish)s; where that is not possible for objective "
        "reasons, explain firm by firm and propose what to do.\n"
        "2. Please list what departments of the city must coordinate; the office passes it on "
        "within 3 working days of receipt.\n"
        "3. Please see to it that firms report as things are; nobody fills in for them, nothing "
        "is made up, and no burden is added.\n"
        "Please answer the office in writing with a seal by %(answer)s. What is neither answered "
        "nor finished without good reason goes to the city's task force and, if need be, to the "
        "city government's supervision office.\n\n"
        "Annex: list of overdue matters of %(county)s (working paper, not to be passed on)\n\n"
        "%(office)s\n%(today)s\n(Contact: %(contact)s, %(phone)s)"
    ) % _values(facts)


def _coordination(facts: LetterFacts) -> str:
    return _(
        "Letter on coordinating matters of full R&D coverage\n\n"
        "%(unit)s:\n"
        "As of %(day)s, %(firms)d matters that lie with your unit are more than %(days)d working "
        "days late, of them %(phases)s. Please handle them by %(finish)s, or tell us what needs "
        "coordinating.\n\n"
        "Annex: list of matters (working paper, not to be passed on)\n\n"
        "%(office)s\n%(today)s\n(Contact: %(contact)s, %(phone)s)"
    ) % _values(facts)


def _talk(facts: LetterFacts) -> str:
    return _(
        "Proposal: talk, or transfer to the supervision office\n\n"
        "As of %(day)s, %(firms)d firms of %(county)s are more than %(days)d working days late, "
        "of them %(phases)s%(mainly)s.%(before)s It is proposed to hold a talk with %(unit)s, or "
        "to transfer the matter to the city government's supervision office. Please decide."
    ) % _values(facts)


def _values(facts: LetterFacts) -> dict[str, object]:
    draft, day = facts.draft, facts.on
    mainly = facts.mainly()
    return {
        "unit": draft.unit.name,
        "county": draft.county.name if draft.county else draft.unit.name,
        "day": _long(day),
        "today": _long(day),
        "firms": facts.firms,
        "days": facts.days(),
        "phases": facts.by_phase(),
        "mainly": _(", mainly %(what)s") % {"what": mainly} if mainly else "",
        "before": _before(draft, facts.lines),
        "finish": _long(calendar().add(day, FINISH_WITHIN)),
        "answer": _long(calendar().add(day, ANSWER_WITHIN)),
        "office": _office_name(facts),
        "contact": str(facts.by) if facts.by else "____",
        "phone": (facts.by.phone if facts.by else "") or "____",
        **_standing(draft),
    }


def _standing(draft: EscalationDraft) -> dict[str, object]:
    """建档、销号、销号率 of the county: the ledger's own figures.

    No distance to the planned line: that line is of coverage in the filing, another truth.
    """
    cases = Case.objects.filter(programme=draft.programme_id, parent=None, county=draft.county_id)
    listed = cases.exclude(stage__in=(DELISTED, WITHDRAWN)).count()
    closed = cases.filter(stage=CLOSED).count()
    rate = Decimal(100 * closed) / listed if listed else Decimal(0)
    return {
        "listed": listed,
        "closed": closed,
        "rate": str(rate.quantize(Decimal("0.1"), ROUND_HALF_UP)),
    }


def _before(draft: EscalationDraft, lines: Sequence[AnnexLine]) -> str:
    """What was done before: the call, the work note, the reminder; with their days."""
    called = (
        PhoneReminder.objects.filter(
            item__in=[line.item for line in lines], called_at__isnull=False
        )
        .order_by("called_at")
        .values_list("called_at", flat=True)
        .first()
    )
    done = []
    if called is not None:
        done.append(_("a call on %(day)s") % {"day": _short(day_of(called))})
    earlier = EscalationDraft.objects.filter(
        programme=draft.programme_id, unit=draft.unit_id, state=EscalationDraft.State.RELEASED
    )
    names = {
        Kind.WORK_NOTE.value: _("a work note on %(day)s"),
        Kind.REMINDER_LETTER.value: _("a reminder letter on %(day)s"),
    }
    for letter in earlier.filter(kind__in=names).exclude(kind=draft.kind).order_by("decided_at"):
        if letter.decided_at is not None:
            done.append(names[letter.kind] % {"day": _short(day_of(letter.decided_at))})
    if not done:
        return ""
    joined = pgettext("list of names", ", ").join(done)
    return _(" The office has sent: %(what)s.") % {"what": joined}


def _office_name(facts: LetterFacts) -> str:
    newest = facts.draft.programme.versions.order_by("-number").first()
    return newest.pack.units.office.name if newest else ""


def _long(day: date) -> str:
    return dateformat.format(day, pgettext("date format", "j M Y"))


def _short(day: date) -> str:
    return dateformat.format(day, pgettext("date format", "j M"))
