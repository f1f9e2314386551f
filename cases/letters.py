"""Letters that the ladder drafts, worded from their annex; the office edits before it releases.

A letter speaks the city's language, whatever the reader's screen does. One firm is named, several
are counted. Source of the words: practice of supervision letters (工作提示 → 提醒函 → 督办函).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from cases.annex import AnnexLine
from cases.letter_facts import LetterFacts, is_of_head, values_of
from cases.letters_of_county import after_letters, behind_line, pace_of, signature
from cases.models import EscalationDraft
from organisations.models import User
from workflows.wording import speaking

LANGUAGE = "zh-hans"
Kind = EscalationDraft.Kind


def compose(draft: EscalationDraft, lines: Sequence[AnnexLine], on: date, by: User | None) -> str:
    """The text as it is proposed; of a letter that was decided, as it was then, never anew."""
    if draft.body or draft.state != EscalationDraft.State.DRAFTED:
        return draft.body
    with speaking(LANGUAGE, draft.programme.city_id):
        facts = LetterFacts(draft, lines, on, by)
        words = {
            Kind.WORK_NOTE: _work_note,
            Kind.REMINDER_LETTER: _reminder,
            Kind.SUPERVISION_LETTER: _supervision,
            Kind.COORDINATION_LETTER: _coordination,
            Kind.TALK: _talk,
        }
        return words[Kind(draft.kind)](facts)


# --- one kind of letter each ---------------------------------------------------------------------
def _work_note(facts: LetterFacts) -> str:
    many = _(
        "%(firms)d firms have passed their limit by more than %(days)d working days%(phases)s; see "
        "the list in the system"
    )
    one = _(
        "1 firm (%(firm)s) has passed its limit by more than %(days)d working days, at the step "
        "%(phase)s; see the system for details"
    )
    return _(
        "[Work note] To whom it concerns at %(unit)s: as of %(day)s, in the working ledger of full "
        "coverage of %(county)s %(late)s. Please look into it and "
        "coordinate; for matters that the city must coordinate, please tell %(contact)s of the "
        "office, %(phone)s."
    ) % values_of(facts, many, one)


def _reminder(facts: LetterFacts) -> str:
    values = values_of(facts)
    if facts.firms == 1:
        values["ask"] = _(
            "Please look into the reasons, name who is responsible and finish by %(finish)s; where "
            "that is not possible for objective reasons, please explain."
        )
    else:
        values["ask"] = _(
            "Please look into each firm's reasons, name who is responsible and finish by "
            "%(finish)s; where that is not possible for objective reasons, please explain firm by "
            "firm."
        )
    values["ask"] = str(values["ask"]) % values
    return (
        _(
            "Reminder of overdue matters of full R&D coverage\n\n"
            "%(unit)s:\n"
            "As of %(day)s, in the working ledger of full coverage of %(county)s "
            "%(late)s.%(before)s\n"
            "%(ask)s Please report as things are; nobody fills in for a firm.\n\n"
            "Annex: list of overdue matters (working paper, not to be passed on)\n\n"
        )
        + signature()
    ) % values


def _supervision(facts: LetterFacts) -> str:
    if not facts.lines:
        return behind_line(facts)
    values = values_of(facts)
    values["pace"] = pace_of(facts)
    if is_of_head(facts):
        values["writes"] = _(
            "With the consent of the head of the city's task force we write to you:"
        )
    else:
        values["writes"] = _("We write to you:")
    if facts.firms == 1:
        ask = _(
            "1. Please look into why this firm is late, name the unit, the person and the time "
            "limit, and finish by %(finish)s; where that is not possible for objective reasons, "
            "explain and propose what to do."
        )
    else:
        ask = _(
            "1. Please analyse the %(firms)d firms of the annex one by one, name the unit, the "
            "person and the time limit, and finish by %(finish)s; where that is not possible for "
            "objective reasons, explain firm by firm and propose what to do."
        )
    values["ask"] = ask % values
    return (
        _(
            "Letter urging the handling of overdue matters of full R&D coverage\n\n"
            "%(unit)s:\n"
            "Following the city's work plan and the arrangements of its task force, the office "
            "went through the working ledgers of all counties. As of %(day)s %(your)s has "
            "%(listed)d firms in the ledger, %(closed)d are closed, a rate of %(rate)s%%;%(pace)s "
            "of the open ones %(late)s.%(before)s %(writes)s\n"
            "%(ask)s\n"
            "2. Please list what departments of the city must coordinate; the office passes it on "
            "within 3 working days of receipt.\n"
            "3. Please see to it that firms report as things are; nobody fills in for them, "
            "nothing is made up, and no burden is added.\n"
            "Please tell the office in writing with a seal by %(answer)s who is responsible for "
            "what and how far it is, and again when all is finished. What is neither "
            "answered nor finished without good reason goes to the city's task force and, if need "
            "be, to the city government's supervision office.\n"
            "Hereby written.\n\n"
            "Annex: list of overdue matters of %(county)s (working paper, not to be passed on)\n\n"
        )
        + signature()
    ) % values


def _coordination(facts: LetterFacts) -> str:
    many = _(
        "matters of %(firms)d firms that lie with your unit are more than %(days)d working days "
        "late%(phases)s"
    )
    one = _(
        "the matter of %(firm)s that lies with your unit is %(late_days)d working days late at "
        "the step %(phase)s"
    )
    return (
        _(
            "Letter on coordinating matters of full R&D coverage\n\n"
            "%(unit)s:\n"
            "As of %(day)s, %(late)s. Please handle it by %(finish)s, or tell us what needs "
            "coordinating.\n\n"
            "Annex: list of matters (working paper, not to be passed on)\n\n"
        )
        + signature()
    ) % values_of(facts, many, one)


def _talk(facts: LetterFacts) -> str:
    if not facts.lines:
        return after_letters(facts)
    values = values_of(facts)
    if is_of_head(facts):
        values["asks"] = _("With the consent of the head of the city's task force we ask you")
    else:
        values["asks"] = _("We ask you")
    return (
        _(
            "Letter asking for a talk, or for taking overdue matters over\n\n"
            "%(unit)s:\n"
            "As of %(day)s, in %(county)s %(late)s.%(before)s It is still not finished. "
            "%(asks)s to hold a talk with those responsible in %(county)s, or to take the matter "
            "over. Please tell the office what comes of it.\n\n"
            "Annex: list of overdue matters of %(county)s (working paper, not to be passed on)\n\n"
        )
        + signature()
    ) % values
