"""The words of a notice: the pack's own text, else ours; both in the recipient's language.

A text names its parts in braces ({firm}, {stage}, {due} …). Its heading stands in 【】, in English
before the first colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.dates import day_words
from cases.models import Case
from cases.rulebook import pack_of
from organisations.days import day_of
from workflows.packs import Pack
from workflows.procedure import Stage
from workflows.text import localised

HEADING = re.compile(r"^【(?P<title>[^】]+)】(?P<body>.*)$", re.DOTALL)
ENGLISH_HEADING = re.compile(r"^(?P<title>[^:“]{1,40}): (?P<body>.*)$", re.DOTALL)
# what a firm is called in a line that must stay short: its name without the legal form
LEGAL_FORM = re.compile(r"(集团)?(股份有限公司|有限责任公司|有限公司)")

# what a text says of what lacks, for when nothing does
LACK = re.compile(r"[，；;,]\s*(还差：|still missing: )\{missing\}")
SENTENCE = re.compile(r"[。！？；]|[.!?;](?=\s)")
CLAUSE = re.compile(r"[，、：]|,(?=\s)")
LETTER = 300  # characters of a letter in its notice

# what packs need not say; a pack's text of the same key comes first
DEFAULTS: dict[str, Promise] = {
    "reviewed": gettext_lazy(
        "To confirm: {county}, closings passed by its review: {count}; please confirm by {due}."
    ),
    "handed": gettext_lazy("To do: {firm} came to “{stage}”; please finish by {due}."),
    "reassigned": gettext_lazy(
        "Reassigned: {firm} goes from {from_unit} to {to_unit}: {reason}. The clock runs on, "
        "the deadline is {due}."
    ),
    "reassigned_many": gettext_lazy(
        "Reassigned: {count} firms go from {from_unit} to {to_unit}: {reason}. The clock runs on."
    ),
    "reassign_undone": gettext_lazy(
        "Reassignment taken back: {firm} stays with {to_unit}; the clock runs on, the deadline is "
        "{due}."
    ),
    "reassign_undone_many": gettext_lazy(
        "Reassignment taken back: {count} firms stay with {to_unit}; the clock runs on."
    ),
    "handler_changed": gettext_lazy(
        "Handler changed: {firm} goes from {from_name} to {to_name}: {reason}. The clock runs on, "
        "the deadline is {due}."
    ),
    "handler_changed_many": gettext_lazy(
        "Handler changed: {count} firms go from {from_name} to {to_name}: {reason}. The clock "
        "runs on."
    ),
    "due_soon_last": gettext_lazy(
        "Due soon: “{stage}” of {firm} is due on {due} ({working_days} left); still missing: "
        "{missing}. Whoever needs an extension asks for it today."
    ),
    "due_soon_review": gettext_lazy(
        "Due soon: “{stage}” of {firm} is to be decided by {due} ({working_days} left)."
    ),
    # papers that wait for their review: to whoever reviews them
    "review_due_soon": gettext_lazy(
        "Due soon: papers on “{paper}” of {firm} wait for review; please review them by {due} "
        "({working_days} left)."
    ),
    "review_due_today": gettext_lazy(
        "Due today: papers on “{paper}” of {firm} wait for review; please review them today. From "
        "tomorrow they count as overdue."
    ),
    "review_overdue": gettext_lazy(
        "Overdue: papers on “{paper}” of {firm} wait for review ({working_days} late). "
        "Please review them soon."
    ),
    "phone_list": gettext_lazy(
        "Phone calls: {count} firms are to be called about today, {total} on the list in all; "
        "please note what each call brings."
    ),
    "tell_lacking": gettext_lazy(
        "Tell the firm: {firm} has no account, please tell it by phone: {count} papers are still "
        "needed: {missing}; please have them ready by {due}."
    ),
    "hand_over": gettext_lazy(
        "Handed over: from {day} on {to} holds “{post}”, which {from} had; {count} items are open, "
        "all of them in the to-do list."
    ),
    "left_empty": gettext_lazy(
        "Post left empty: from {day} on nobody holds “{post}”; {count} items are open."
    ),
    "delegate": gettext_lazy(
        "Stand-in: from {day} to {until} {to} stands in for “{post}” ({reason}); {count} items "
        "are open. It ends by itself."
    ),
    "declined": gettext_lazy(
        "Reassignment asked: {unit} asks for {firm} to be reassigned: {reason}. Please decide."
    ),
    "matter_given": gettext_lazy(
        "Assigned: {kind} {firm}, “{stage}” lies with {unit}; please finish it by {due}."
    ),
    # signing for it (签收) is the step: a stage's name is no verb
    "matter_given_to_sign": gettext_lazy(
        "Assigned: {kind} {firm} lies with {unit}; please acknowledge it by {due}."
    ),
    "matter_given_ongoing": gettext_lazy(
        "Assigned: {kind} {firm}, “{stage}” lies with {unit}; it has no end date."
    ),
    "matter_helps": gettext_lazy("Assigned: {kind} {firm} lies with {unit}; {helpers} help."),
    "matter_done": gettext_lazy("{ended}: {kind} {firm}, {ended} on {day}."),
    "sent_back": gettext_lazy(
        "Returned: “{stage}” of {firm} was sent back: {reason}. Please correct it by {due}."
    ),
    "suspended": gettext_lazy(
        "Suspended: “{stage}” of {firm} rests, the clock stands: {reason}. It goes on on {until}."
    ),
    "suspension_proposed": gettext_lazy(
        "Suspension proposed: {firm}: {reason} Please look into it, then suspend the case or say "
        "why it goes on."
    ),
    "resumed": gettext_lazy(
        "Resumed: “{stage}” of {firm} goes on; the deadline moves by {working_days} to {due}."
    ),
    # late stays late: as the case page says it
    "resumed_late": gettext_lazy(
        "Resumed: “{stage}” of {firm} goes on; a suspension of {working_days} is not counted: "
        "the original deadline moves to {due}, {working_late} overdue."
    ),
    "resumed_undated": gettext_lazy("Resumed: “{stage}” of {firm} goes on."),
    "carried_in": gettext_lazy(
        "Carried over: {count} firms of {county} go on in {year}; the time of each begins anew."
    ),
    "carried_in_matters": gettext_lazy(
        "Carried over: {count} matters go on in {year}; the time of each begins anew."
    ),
    "extension_asked": gettext_lazy(
        "Extension asked for: “{stage}” of {firm} is due on {old}; an extension to {due} "
        "({working_days}) is asked for: {reason}. Please decide before the due date."
    ),
    "extension_granted": gettext_lazy(
        "Extension granted: “{stage}” of {firm} is now due on {due}. {reason}"
    ),
    "extension_refused": gettext_lazy(
        "Extension not granted: “{stage}” of {firm} stays due on {old}: {reason}."
    ),
    "urged": gettext_lazy(
        "Reminder: {name} asks you to go on with “{stage}” of {firm}; still missing: {missing}; "
        "deadline {due}. {text}"
    ),
    "instruction": gettext_lazy("Instruction: {name} on {firm}: {text}"),
    "submitted": gettext_lazy("For review: {firm} handed in “{paper}”; please review it."),
    "witnessed": gettext_lazy(
        "Seen offline: {name} put you down as the second person who saw “{text}” of {firm} "
        "({paper}). Please say on the paper's page whether you saw it; the closing waits for that."
    ),
    "offline_denied": gettext_lazy(
        "Not seen: {name} did not see “{paper}” of {firm}. Its verification offline is void; "
        "please verify it anew or hand in the paper."
    ),
    "recheck_failed": gettext_lazy(
        "Recheck of papers: that of {firm} failed: {reason}. You may explain until {due}; without "
        "an explanation the closing is taken back."
    ),
    "recheck_explained": gettext_lazy(
        "Recheck of papers: the county explained on {firm}: {text}. Please decide."
    ),
    "evidence_ends": gettext_lazy(
        "Ends soon: “{paper}” of {firm} is valid until {due}; please ask for a newer one in time."
    ),
    "paper_infected": gettext_lazy(
        "Infected file: a paper for “{paper}” of {firm}, whose case is finished, holds a virus and "
        "was put away. Please ask for a clean one, or take the case up again."
    ),
    "expire_evidence": gettext_lazy(
        "Expired: “{paper}” of {firm} was valid until {due} and proves nothing any more; please "
        "hand in a newer one."
    ),
    "reopened": gettext_lazy("Reopened: {firm} goes on at “{stage}”: {reason}. Due on {due}."),
    "delisted": gettext_lazy(
        "Left the register: {firm} left on {day}: {reason}. The case has ended."
    ),
    "withdrawn": gettext_lazy("Withdrawn: the case of {firm} was opened by mistake: {reason}."),
    "released_work_note": gettext_lazy("Work note: {number}{text}"),
    "released_reminder_letter": gettext_lazy("Reminder letter: {number}{text}"),
    "released_supervision_letter": gettext_lazy("Supervision letter: {number}{text}"),
    "released_coordination_letter": gettext_lazy("Coordination letter: {number}{text}"),
    "released_talk": gettext_lazy("Talk or transfer: {number}{text}"),
    # to firms, who never read of rectification, lateness or striking off
    "firm_lacking": gettext_lazy(
        "Science service of {city}: {firm}: {count} papers are still needed: {missing}; please "
        "have them ready by {due}. Samples, and where to hand them in: {link}. Contact {name} "
        "{phone}. No fees are charged."
    ),
    "firm_returned": gettext_lazy(
        "{firm}: your “{paper}” needs to be completed: {reason}. A sample: {link}; questions to "
        "{name} {phone}."
    ),
    "question_asked": gettext_lazy("Question of a firm: {firm}: “{text}”. Please answer by {due}."),
    "dissatisfied": gettext_lazy(
        "A firm's opinion: {firm} is not satisfied. The city's office asks why and follows it."
    ),
    "firm_answered": gettext_lazy(
        "{firm}: your question “{text}” is answered: {answer}. It stands here: {link}; questions "
        "to {name} {phone}."
    ),
    "firm_closed": gettext_lazy(
        "Science service of {city}: {firm}: completed on {day}. Thank you for your cooperation."
    ),
}


class _Parts(dict[str, str]):
    """A part that a pack's text names and nobody fills stays empty: a text never stops the post."""

    def __missing__(self, key: str) -> str:
        return ""


def compose(key: str, case: Case, parts: Mapping[str, str]) -> tuple[str, str]:
    """Heading and body in the active language."""
    text = pack_of(case.pack_version_id).texts.get(key)
    words = localised(text) if text is not None else str(DEFAULTS.get(key, ""))
    if parts.get("missing") == "":
        words = LACK.sub(_(", the papers are complete"), words)
    elif clause := parts.get("undone"):
        words = LACK.sub(clause, words)
    filled = words.format_map(_Parts({**parts, **_in_words(parts)})).strip()
    match = HEADING.match(filled) or ENGLISH_HEADING.match(filled)
    if match is None:
        return _("Science service of %(city)s") % {"city": case.programme.city}, filled
    return match["title"], match["body"]


def _in_words(parts: Mapping[str, str]) -> dict[str, str]:
    """``{working_days}`` beside ``{days}``: "1 working day", "3 working days"."""
    numbers = {key: int(parts[key]) for key in ("days", "late") if parts.get(key, "").isdecimal()}
    return {
        f"working_{key}": ngettext("%(n)d working day", "%(n)d working days", n) % {"n": n}
        for key, n in numbers.items()
    }


def letter_in_short(text: str) -> str:
    """What a letter says, for its notice: whole sentences without heading, title and annex."""
    match = HEADING.match(text.strip())
    if match:
        return shorten(" ".join(match["body"].split()), LETTER)
    blocks = [block for block in text.strip().split("\n\n") if block.strip()]
    said = blocks[1] if len(blocks) > 1 else text
    lines = said.split("\n")
    if len(lines) > 1 and lines[0].rstrip().endswith(("：", ":")):
        lines = lines[1:]  # the addressee reads it
    return shorten(" ".join(" ".join(lines).split()), LETTER)


def shorten(text: str, most: int) -> str:
    """At most so many characters, cut behind a sentence or a clause, never inside a date."""
    if len(text) <= most:
        return text
    more = _(" … (open it to read on)")
    room = text[: most - len(more)]
    for ends in (SENTENCE, CLAUSE):
        places = [match.end() for match in ends.finditer(room)]
        if places and places[-1] >= len(room) // 3:
            return room[: places[-1]].rstrip(" ，,、") + more
    return room.rsplit(" ", 1)[0] + more


def numbered(number: str) -> str:
    """A letter's number before its text; nothing before that of a letter without one."""
    return _("%(number)s: ") % {"number": number} if number else ""


def by_phone(has_account: bool) -> str:
    """Behind what a county's handler reads about a firm that reads nothing here."""
    return "" if has_account else _(" The firm has no account: please tell it by phone.")


def names(people: list[str]) -> str:
    return _(", ").join(people) or _("nobody yet")


def day(value: date | str | None, said_at: datetime) -> str:
    """A date as 9月10日 (10 Sep), with its year where it is said in another; nothing as a dash."""
    if not value:
        return "—"
    moment = date.fromisoformat(value) if isinstance(value, str) else value
    return day_words(moment, day_of(said_at))


def short_name(name: str) -> str:
    """企业简称: "洛阳示例有限公司" → "洛阳示例"."""
    return LEGAL_FORM.sub("", name).strip() or name


def firm(case: Case) -> str:
    """The firm in short; of a firm's matter what it is about as well, of any other that alone."""
    if case.enterprise is None:
        return case.title
    name = short_name(case.enterprise.name)
    if not case.is_matter or not case.title:
        return name
    return _("%(firm)s “%(matter)s”") % {"firm": name, "matter": case.title}


def full_name(case: Case) -> str:
    return str(case.enterprise.name) if case.enterprise else str(case.title)


def stage(case: Case, key: str) -> str:
    """The name of a stage as the pack prints it; one that ends by signing is called by that deed
    (签收): 待签收 is a state, nothing that anybody does."""
    found = _stage_of(case, key)
    if found is None:
        return ""
    signing = next((move for move in found.moves if move.verb == "acknowledge"), None)
    return localised(signing.label if signing else found.title)


def is_signed_for(case: Case, key: str) -> bool:
    """Whether a stage ends by signing for it (签收)."""
    found = _stage_of(case, key)
    return found is not None and found.leaves_by("acknowledge")


def _stage_of(case: Case, key: str) -> Stage | None:
    procedure = pack_of(case.pack_version_id).procedure(case.procedure)
    return next((s for s in procedure.stages if s.key == key), None)


def missing(case: Case, lacking: list[str], at_stage: str) -> dict[str, str]:
    """What is still missing, in words: criteria, else what the stage itself waits for; "" for
    nothing. ``undone``: the clause that says it, where it is no paper that lacks."""
    pack = pack_of(case.pack_version_id)
    if lacking:
        return {"missing": criteria(pack, lacking)}
    if is_signed_for(case, at_stage):
        return {"missing": _("acknowledgement"), "undone": _(", not acknowledged yet")}
    if case.is_matter:  # an order, a report, a measure: it has no papers to be complete
        return {"missing": stage(case, at_stage), "undone": _(", not finished yet")}
    if not case.grade and pack.grades and not case.is_matter:
        return {"missing": _("the survey"), "undone": _(", the survey is not finished")}
    return {"missing": ""}


def criteria(pack: Pack, keys: list[str]) -> str:
    labels = {have.key: localised(have.label) for have in pack.haves}
    return _(", ").join(labels.get(key, key) for key in keys)


def also_told(names: list[str]) -> str:
    return _(" (Also sent to %(names)s)") % {"names": _(", ").join(names)} if names else ""


def sent_before(kind: str, times: int) -> str:
    """How often the addressee has had such a letter within a month (work notes only)."""
    if kind != "work_note":
        return ""
    return _(" (%(n)d sent within a month)") % {"n": times}


def paper_of(case: Case, stage_key: str) -> str:
    """What a firm calls the papers that came back from a review."""
    return _("papers") if case.enterprise_id else stage(case, stage_key)


def joined(parts: Iterable[str]) -> str:
    return _("; ").join(parts)
