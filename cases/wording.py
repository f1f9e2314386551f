"""One line of the timeline per verb, in the exact words of officials; both languages.

The ledger's 最近进展 and the case page read the same sentences. ``Names`` looks up units, posts and
their holders for many events at once; ``words_of`` never queries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases import field_words, note_words, paper_words, people_words, spot_words, time_words
from cases.asking import QUESTION
from cases.labels import (
    advanced_words,
    closing_number,
    criterion_label,
    left_reason,
    letter_label,
    stage_title,
)
from cases.models import CaseEvent
from cases.names import Names
from cases.people_words import short_day as short_day
from cases.resumption import resumption
from cases.rulebook import pack_of
from cases.stages import CLOSED, DELISTED
from organisations.days import day_of
from organisations.roles import Role
from workflows.packs import Pack
from workflows.text import localised

# what the ladder or a person did that moved the case, for the dot of the timeline
MOVES = frozenset(
    {
        "open", "acknowledge", "advance", "send_back", "apply_for_closure",
        "close", "delist", "withdraw", "undo_import", "carry_over", "carry_in", "reopen",
        "undo_carry", "end_with",
    }
)  # fmt: skip
RUNGS = ("rung", "review_rung", "evidence_ends", "expire_evidence")  # what the ladder said
# the sentence holds the reason already
SAYS_REASON = frozenset(
    {
        "decline", "send_back", "suspend", "reassign", "delist", "withdraw", "carry_over",
        "comment", "urge", "call", "drop_draft", "return_evidence", "reopen", "undo_import",
        "propose_suspension", "drop_proposal", "request_extension", "decide_extension",
        "undo_carry", "satisfaction",
    }
)  # fmt: skip


def line_of(event: CaseEvent, names: Names) -> dict[str, Any]:
    """What components/timeline.html takes: ``at``, ``words``, ``said``, ``kind``."""
    kind = "move" if event.verb in MOVES else "warn" if event.verb in RUNGS else ""
    said = "" if event.verb in SAYS_REASON else event.reason
    return {"at": event.at, "words": words_of(event, names), "said": said, "kind": kind}


def words_of(event: CaseEvent, names: Names | None = None) -> str:
    """One event as a sentence; needs ``case``, ``by`` and ``by_post__unit`` loaded to be quick."""
    say = SENTENCES.get(event.verb)
    words = say(event, names or Names()) if say else event.verb
    return people_words.for_another(event, words, _who(event)) if event.data.get("for") else words


# --- pieces --------------------------------------------------------------------------------------
def _pack(event: CaseEvent) -> Pack:
    return pack_of(event.case.pack_version_id)


def _who(event: CaseEvent) -> str:
    return str(event.by) if event.by else _("The system")


def _unit(event: CaseEvent) -> str:
    """The unit that acted; the person where the post is unknown."""
    if event.by_post is None:
        return _who(event)
    return event.by_post.unit.short_name or event.by_post.unit.name


def _stage(event: CaseEvent, key: str) -> str:
    return stage_title(_pack(event), event.case.procedure, key)


def _criterion(event: CaseEvent) -> str:
    return criterion_label(_pack(event), str(event.data.get("criterion", "")))


def _reasoned(words: str, reason: str) -> str:
    if not reason:
        return words
    return _("%(words)s: %(reason)s") % {"words": words, "reason": reason}


# --- one sentence per verb -----------------------------------------------------------------------
def _open(event: CaseEvent, names: Names) -> str:
    unit = names.unit(event.data.get("unit"))
    words = {"by": _unit(event), "day": short_day(day_of(event.at)), "unit": unit}
    if event.case.procedure == QUESTION:
        return _("%(by)s asked on %(day)s; %(unit)s answers") % words
    if not unit:
        return _("%(by)s opened the case on %(day)s") % words
    return _("%(by)s opened the case on %(day)s and handed it to %(unit)s") % words


def _import(event: CaseEvent, names: Names) -> str:
    return _("Taken over from the running ledger at “%(stage)s”") % {
        "stage": _stage(event, event.to_stage)
    }


def _acknowledge(event: CaseEvent, names: Names) -> str:
    return _("%(who)s acknowledged") % {"who": _who(event)}


def _decline(event: CaseEvent, names: Names) -> str:
    return _reasoned(_("%(unit)s asks for a reassignment") % {"unit": _unit(event)}, event.reason)


def _advance(event: CaseEvent, names: Names) -> str:
    pack, kind = _pack(event), event.case.procedure
    if event.from_stage in pack.procedure(kind).reviews:
        return _("The county's review passed")
    return advanced_words(pack, kind, event.from_stage, event.to_stage)


def _send_back(event: CaseEvent, names: Names) -> str:
    return _reasoned(_("%(who)s sent it back") % {"who": _who(event)}, event.reason)


def _suspend(event: CaseEvent, names: Names) -> str:
    return _("Suspended, the clock stands still: %(reason)s; to be resumed on %(day)s") % {
        "reason": event.reason,
        "day": short_day(event.data.get("until"), day_of(event.at)),
    }


def _resume(event: CaseEvent, names: Names) -> str:
    found, on = resumption(event), day_of(event.at)
    if found.due_on is None:
        return _("Resumed")
    day = short_day(found.due_on.isoformat(), on)
    if found.late:
        # late stays late: the days of rest are taken off, the date lies behind all the same
        words = _(
            "Resumed, %(n)d working days of suspension not counted: the original date moves to"
            " %(day)s, %(late)d working days overdue"
        )
        return words % {"n": found.days, "day": day, "late": found.late}
    return ngettext(
        "Resumed, the date moves by %(n)d working day to %(day)s",
        "Resumed, the date moves by %(n)d working days to %(day)s",
        found.days,
    ) % {"n": found.days, "day": day}


def _reassign(event: CaseEvent, names: Names) -> str:
    data = event.data
    if data.get("from_unit") and data.get("from_unit") == data.get("to_unit"):
        return _("The handler changed from %(old)s to %(new)s") % {
            "old": names.holder(data.get("from_post")),
            "new": names.holder(data.get("to_post")),
        }
    old, new = names.unit(data.get("from_unit")), names.unit(data.get("to_unit"))
    if not old or not new:
        return _reasoned(_("Reassigned"), event.reason)
    words = _("Reassigned from %(old)s to %(new)s") % {"old": old, "new": new}
    return _reasoned(words, event.reason)


def _redate(event: CaseEvent, names: Names) -> str:
    words = (
        _("Time for the correction, to %(day)s")
        if event.data.get("correction")
        else _("The date follows the remedies, to %(day)s")
    )
    return words % {"day": short_day(event.data.get("new_due"), day_of(event.at))}


def _migrate(event: CaseEvent, names: Names) -> str:
    data = event.data
    words = _("Moved from version %(old)s of the programme to version %(new)s") % {
        "old": data.get("from_version", ""),
        "new": data.get("to_version", ""),
    }
    if event.from_stage != event.to_stage:
        old, new = _stage(event, event.from_stage), _stage(event, event.to_stage)
        words += _(", “%(old)s” is now “%(new)s”") % {"old": old, "new": new}
    if data.get("new_due") and data.get("new_due") != data.get("old_due"):
        words += _(", due on %(day)s") % {"day": short_day(data.get("new_due"), day_of(event.at))}
    return words


def _calendar(event: CaseEvent, names: Names) -> str:
    data = event.data
    day = day_of(event.at)
    days = {"old": short_day(data.get("old_due"), day), "new": short_day(data.get("new_due"), day)}
    if data.get("old_due") != data.get("new_due"):
        return _("The working days changed: due on %(new)s instead of %(old)s") % days
    return _("The working days were announced: due on %(new)s is now firm") % days


def _urge(event: CaseEvent, names: Names) -> str:
    return _reasoned(_("%(who)s urged") % {"who": _who(event)}, event.reason)


def _apply(event: CaseEvent, names: Names) -> str:
    return _("%(unit)s applied for closure") % {"unit": _unit(event)}


def _close(event: CaseEvent, names: Names) -> str:
    serial = event.data.get("closing_serial")
    if serial is None:
        label = criterion_label(_pack(event), event.case.criterion)
        words = _("The remedy “%(what)s” is done") % {"what": label}
        return words if label else _pack(event).procedure(event.case.procedure).closed_words
    return _("The city confirmed the closure, number %(number)s") % {
        "number": closing_number(_pack(event).statistical_year, int(serial))
    }


def _delist(event: CaseEvent, names: Names) -> str:
    return _("Left the register (%(reason)s), not counted in the base from %(day)s") % {
        "reason": left_reason(event.reason),
        "day": short_day(event.data.get("left_on"), day_of(event.at)),
    }


def _withdraw(event: CaseEvent, names: Names) -> str:
    return _reasoned(_("Withdrawn, it was opened by mistake"), event.reason)


def _undo_import(event: CaseEvent, names: Names) -> str:
    return _("Withdrawn: import no. %(id)s, which had opened it, was undone") % {
        "id": event.data.get("import", "")
    }


def _reopen(event: CaseEvent, names: Names) -> str:
    if "import" in event.data:
        return time_words.import_undone(event)
    if event.data.get("from") == DELISTED:
        return _reasoned(_("Resumed after it had left the register"), event.reason)
    if event.from_stage == CLOSED and event.case.is_main:
        words = _("On review the criteria are not met; resumed, one closure deducted this month")
        return _reasoned(words, event.reason)
    return _reasoned(_("Resumed"), event.reason)


def _spawn(event: CaseEvent, names: Names) -> str:
    key = event.case.criterion or str(event.data.get("criterion", ""))
    if key:
        return _("New remedy: %(what)s") % {"what": criterion_label(_pack(event), key)}
    kind = localised(_pack(event).procedure(event.case.procedure).title)
    return _("Opened: %(kind)s %(what)s") % {"kind": kind, "what": event.case.title}


def _comment(event: CaseEvent, names: Names) -> str:
    leader = event.by_post is not None and event.by_post.role == Role.LEADER
    words = _("%(who)s instructed") if leader else _("%(who)s remarked")
    return _reasoned(words % {"who": _who(event)}, event.reason)


def _submit_evidence(event: CaseEvent, names: Names) -> str:
    words = {"who": _who(event), "paper": _criterion(event)}
    if event.data.get("reused_from"):
        words["number"] = event.data["reused_from"]
        return _("%(who)s handed in “%(paper)s” again, accepted in %(number)s") % words
    return _("%(who)s handed in “%(paper)s”") % words


def _accept_evidence(event: CaseEvent, names: Names) -> str:
    return _("%(who)s reviewed “%(paper)s” for the county") % {
        "who": _who(event),
        "paper": _criterion(event),
    }


def _return_evidence(event: CaseEvent, names: Names) -> str:
    number = event.data.get("reason")
    reasons = {r.number: localised(r.label) for r in _pack(event).return_reasons}
    parts = [part for part in (reasons.get(number), event.reason) if part]
    words = _("%(who)s returned “%(paper)s”") % {"who": _who(event), "paper": _criterion(event)}
    return _reasoned(words, pgettext("between two reasons", "; ").join(parts))


def _take_back(event: CaseEvent, names: Names) -> str:
    return _("%(who)s took back “%(paper)s”") % {"who": _who(event), "paper": _criterion(event)}


def _rung(event: CaseEvent, names: Names) -> str:
    words = {
        "first_contact": _("The system reminded of the first contact"),
        "due_soon": _("The system sent a reminder before the due date"),
        "due_today": _("The system sent a reminder on the due date"),
        "overdue": _("The system sent an overdue notice"),
        "phone": _("Put on the office's call list"),
    }.get(str(event.data.get("text")))
    if words is None and event.data.get("act") == "draft":
        words = _("The system drafted the %(letter)s for the office to decide") % {
            "letter": letter_label(str(event.data.get("kind") or event.data.get("text", "")))
        }
    if words is None:
        words = _("The system reminded")
    if "county_lead" in event.data.get("audience", ()):
        return _("%(words)s, to the county's reviewer too") % {"words": words}
    return words


def _review_rung(event: CaseEvent, names: Names) -> str:
    """A paper that waits for its review; the reviewer is reminded, not whoever handles the case."""
    label = criterion_label(_pack(event), str(event.data.get("criterion", "")))
    late = int(event.data.get("days_late") or 0)
    if late > 0:
        words = _("The review of the papers on “%(what)s” is late, the reviewer was reminded")
    else:
        words = _("The reviewer was reminded of the papers on “%(what)s”")
    return words % {"what": label}


def _release_draft(event: CaseEvent, names: Names) -> str:
    letter = letter_label(str(event.data.get("kind", "")))
    return _("%(unit)s released the %(letter)s") % {
        "unit": _unit(event),
        "letter": f"{letter}{event.data.get('number', '')}",
    }


def _drop_draft(event: CaseEvent, names: Names) -> str:
    letter = letter_label(str(event.data.get("kind", "")))
    return _reasoned(_("The %(letter)s is not sent") % {"letter": letter}, event.reason)


def _call(event: CaseEvent, names: Names) -> str:
    return _reasoned(_("Reminded by phone"), event.reason)


SENTENCES: dict[str, Callable[[CaseEvent, Names], str]] = {
    "open": _open,
    "import": _import,
    "acknowledge": _acknowledge,
    "decline": _decline,
    "advance": _advance,
    "send_back": _send_back,
    "suspend": _suspend,
    "resume": _resume,
    "request_extension": time_words.requested,
    "decide_extension": time_words.decided,
    "withdraw_extension": time_words.taken_back,
    "draft_supervision": lambda _e, _n: _("Put on the supervision letter that waits in the tray"),
    "propose_suspension": lambda e, _n: _reasoned(_("Suspension proposed"), e.reason),
    "drop_proposal": lambda e, _n: _reasoned(_("It goes on, no suspension"), e.reason),
    "reassign": _reassign,
    "redate": _redate,
    "migrate": _migrate,
    "calendar": _calendar,
    **people_words.SENTENCES,
    "urge": _urge,
    "apply_for_closure": _apply,
    "close": _close,
    "delist": _delist,
    "withdraw": _withdraw,
    "undo_import": _undo_import,
    "carry_over": time_words.carried_over,
    "carry_in": time_words.carried_in,
    "undo_carry": time_words.carry_undone,
    "end_with": time_words.ended_with,
    "reopen": _reopen,
    **spot_words.SENTENCES,
    "spawn": _spawn,
    "comment": _comment,
    **note_words.SENTENCES,
    "visit": field_words.visit,
    "call_note": field_words.call_note,
    "submit_evidence": _submit_evidence,
    "accept_evidence": _accept_evidence,
    "return_evidence": _return_evidence,
    "withdraw_evidence": _take_back,
    "evidence_waived": paper_words.waived,
    "evidence_verified_offline": paper_words.verified_offline,
    "offline_witnessed": paper_words.witnessed,
    "offline_denied": paper_words.denied,
    "evidence_ends": paper_words.ends,
    "expire_evidence": paper_words.ended,
    "paper_infected": paper_words.infected,
    "rung": _rung,
    "review_rung": _review_rung,
    "release_draft": _release_draft,
    "drop_draft": _drop_draft,
    "supervise": lambda e, _n: _("Supervision order %(number)s comes of it") % e.data,
    "call": _call,
}
