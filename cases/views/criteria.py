"""The closing criteria of a case page with their papers: what is missing, returned, accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases import paper_files
from cases.dates import day_words
from cases.lasting import until_words
from cases.models import Evidence, PaperFile
from cases.proofs import proves
from cases.rulebook import questions_of
from cases.sheet import Sheet, local_day, of_criterion
from cases.views.pager import onward
from cases.views.until_drawn import waiting
from cases.witnesses import is_awaited
from organisations import clock
from workflows.pack_model import Pack
from workflows.text import localised

State = Evidence.State
Part = dict[str, Any]


def criterion_rows(
    sheet: Sheet,
    *,
    may_upload: bool,
    reviewable: list[Evidence] | None,
    contact: str,
    query: str = "",
    may_waive: bool = False,
) -> list[Part]:
    """The closing criteria, unmet first, each with its papers; links keep the way back."""
    rule = sheet.rules.procedure.criteria_for(sheet.case.criterion or None)
    if rule is None:
        return []
    haves = {have.key: localised(have.label) for have in sheet.rules.pack.haves}
    files = paper_files.known(sheet.papers)
    rows = []
    for key in rule.named():
        papers = of_criterion(sheet.papers, key)
        row = _criterion(haves.get(key, key), papers, contact, sheet.rules.pack)
        row["key"] = key
        row["evidence"] = [evidence_item(paper, query, files) for paper in papers]
        mine = [p for p in reviewable or [] if p.criterion == key]
        row["act"] = _criterion_act(sheet, key, row, may_upload, mine, query)
        open_ = reviewable is not None and row["state"] != "met"
        row["also"] = _also(sheet, key, query, may_waive=may_waive) if open_ else []
        row["text"] = _surveyed(sheet, key) if not papers else ""
        rows.append(row)
    order = {"returned": 0, "missing": 1, "waiting": 2, "met": 3}
    return sorted(rows, key=lambda row: order[row["state"]])


def _criterion(name: str, papers: list[Evidence], contact: str, pack: Pack) -> Part:
    accepted = [p for p in papers if p.state in Evidence.ACCEPTED]
    waiting = [p for p in papers if p.state == State.SUBMITTED]
    returned = [p for p in papers if p.state == State.RETURNED]
    reason = " ".join(return_words(paper, pack, contact) for paper in returned)
    proof = [p for p in accepted if proves(pack, p)]
    if proof:
        return {
            "name": name,
            "state": "met",
            "words": _accepted_words(proof[0], pack),
            "reason": "",
        }
    if waiting:
        n = len(waiting)
        words = ngettext("%(n)d to be reviewed", "%(n)d to be reviewed", n) % {"n": n}
        return {"name": name, "state": "waiting", "words": words, "reason": reason}
    if returned:
        words = str(State.RETURNED.label)
        return {"name": name, "state": "returned", "words": words, "reason": reason}
    words = _("Only supporting papers so far; the main one is missing")
    return {
        "name": name,
        "state": "missing",
        "words": words if accepted else _("Not handed in"),
        "reason": "",
    }


def _accepted_words(paper: Evidence, pack: Pack) -> str:
    """With its last day, where it has one: "县级已审 · 陈蔚 8月11日，有效期至5月31日"."""
    until = until_words(paper, pack, clock.today())
    told = [acceptance_words(paper), until]
    if is_awaited(paper, None):
        told.append(_("%(name)s has to confirm it yet") % {"name": paper.offline_witness})
    return pgettext("list of names", ", ").join(filter(None, told))


def acceptance_words(paper: Evidence) -> str:
    """Which levels accepted it, and who: "县级已审 · 陈蔚 8月11日，市级认可 · 喻婷 8月30日"."""
    told = []
    for words, who, when in paper.levels():
        day = day_words(local_day(when), clock.today()) if when is not None else ""
        told.append(f"{words} · {who or ''} {day}" if day else words)
    return pgettext("between two parts of a sentence", ", ").join(told)


def return_words(paper: Evidence, pack: Pack, contact: str) -> str:
    """The whole reason of a return: one of ten, the free text, by when, whom to ask."""
    labels = {r.number: localised(r.label) for r in pack.return_reasons}
    reason = labels.get(paper.return_reason or 0, "")
    if reason and paper.return_text:
        reason = _("%(reason)s. In detail: %(text)s") % {
            "reason": reason, "text": paper.return_text
        }  # fmt: skip
    parts = [
        _("Returned on %(day)s by %(who)s: %(reason)s.")
        % {
            "day": day_words(local_day(paper.reviewed_at), clock.today()),
            "who": paper.reviewed_by or "",
            "reason": reason or paper.return_text.rstrip("。. "),
        }
    ]
    if paper.correct_by:
        parts.append(
            _("Please correct it by %(day)s; questions: %(contact)s.")
            % {"day": day_words(paper.correct_by, clock.today()), "contact": contact}
        )
    return " ".join(parts) if not contact else "".join(parts)


STATE_KINDS = {
    State.SUBMITTED: "wait",
    State.RETURNED: "bad",
    State.EXPIRED: "bad",
    State.COUNTY_ACCEPTED: "good",
    State.CITY_ACCEPTED: "good",
    State.WAIVED: "good",
    State.VERIFIED_OFFLINE: "good",
}


def evidence_item(
    paper: Evidence, query: str = "", files: Mapping[str, PaperFile] | None = None
) -> Part:
    note = _("handed in on %s") % day_words(local_day(paper.submitted_at), clock.today())
    if paper.on_behalf and paper.file:
        note = _("%(note)s, for the firm") % {"note": note}
    return {
        "name": paper_name(paper),
        "note": note,
        "url": onward(reverse("evidence", args=[paper.pk]), query),
        "state": paper.get_state_display(),
        "state_kind": STATE_KINDS.get(State(paper.state), ""),
        "picture": _picture(paper),
        **_small(paper, files or {}),
    }


def paper_name(paper: Evidence) -> str:
    if paper.file_name:
        return paper.file_name
    if paper.state == State.VERIFIED_OFFLINE:
        return _("Seen offline: %s") % paper.offline_number
    return paper.note or paper.get_state_display()


def _picture(paper: Evidence) -> str:
    if paper.media_type.startswith("image/"):
        return "photo"
    return "table" if "sheet" in paper.media_type else "sheet"


def _small(paper: Evidence, files: Mapping[str, PaperFile]) -> Part:
    """Its first page: ``small`` where it was drawn, or asks for itself while it is being drawn."""
    file = files.get(paper.sha256)
    if file is None or not paper_files.is_drawable(paper, file):
        return {}
    if paper_files.is_being_drawn(paper, file):
        return {"small": waiting("small", reverse("evidence_look", args=[paper.pk]))}
    return {"small": {"url": reverse("evidence_picture", args=[paper.pk, 0])}}


def _criterion_act(
    sheet: Sheet, key: str, row: Part, may_upload: bool, mine: list[Evidence], query: str
) -> Part | None:
    """Review what waits for this person, else upload what is missing."""
    name = row["name"]
    if mine:
        return {
            "url": onward(f"{reverse('evidence', args=[mine[0].pk])}?from=case", query),
            "label": _("Review"),
            "heard": _("Review papers: %s") % name,
        }
    if not may_upload or row["state"] == "met":
        return None
    return {
        "url": onward(f"{reverse('evidence_add', args=[sheet.root_id])}?criterion={key}", query),
        "label": _("Upload"),
        "heard": _("Upload a paper: %s") % name,
    }


def _also(sheet: Sheet, key: str, query: str, *, may_waive: bool) -> list[Part]:
    """Ways without a file: waive (its dialog says why not), verify offline."""
    ways = [("waive", _("Waive"))] if may_waive else []
    return [
        {
            "url": onward(
                f"{reverse('case_act', args=[sheet.root_id, verb])}?criterion={key}", query
            ),
            "label": label,
        }
        for verb, label in (*ways, ("offline", _("Verify offline")))
    ]


def _surveyed(sheet: Sheet, key: str) -> str:
    """What the survey said about a have: "无：设备都是外购的"."""
    for record in sheet.records:
        answer = (record.data.get("haves") or {}).get(key) if not record.is_draft else None
        if answer and answer.get("state"):
            _pack, form = questions_of(record, sheet.case)
            choice = form.field("haves").choice(answer["state"])
            words = localised(choice.label) if choice else answer["state"]
            said = f"{words}{_(': ')}{answer['note']}" if answer.get("note") else words
            return _("Survey: %s") % said
    return ""
