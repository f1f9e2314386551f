"""The wording of to-dos: what is missing, what happened to the paper, the one act next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases import wording
from cases.columns import Row, address_of, item_of, sees_counties
from cases.kinds import DASH
from cases.models import Case, Evidence
from cases.outdoors import VISITING
from cases.rulebook import pack_of, rules_of
from cases.workbench import papers_of, phones
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows.text import localised

FIRST = 3


class Todos:
    """Cases and their rows, worded for one actor; two statements: papers under way, phones."""

    def __init__(
        self,
        actor: Actor,
        on: date,
        cases: Sequence[Case],
        rows: Sequence[Row],
        query: str = "",
        firms: Iterable[int] = (),
    ) -> None:
        """``firms``: whose numbers are asked for beside those of the cases."""
        self.actor, self.on, self.query = actor, on, query
        self.cases, self.rows = cases, rows
        self.papers = papers_of(cases) if cases else {}
        called = {*firms, *(case.firm_id for case in cases if case.enterprise_id)}
        self.phones = phones(called) if called else {}

    def pressing(self) -> int:
        """How many of the list are late, due within three working days or sent back."""
        return sum(row.light.kind in ("overdue", "soon") for row in self.rows)

    def first(self) -> list[dict[str, Any]]:
        """The three that come first, each with one act; only the first is primary."""
        shown = list(zip(self.cases, self.rows, strict=True))[: min(FIRST, self.pressing())]
        return [
            {
                "firm": row.firm,
                "remedy": row.remedy,
                "url": self._back(row.url),
                "light": row.light_dict,
                "words": self._words(case, row),
                "act": self._with_way(self._act(case, row)) | {"primary": place == 0},
            }
            for place, (case, row) in enumerate(shown)
        ]

    def _back(self, url: str) -> str:
        """An address of ours that leads back to this list."""
        if not self.query or not url.startswith("/"):
            return url
        return f"{url}{'&' if '?' in url else '?'}{self.query}"

    def _with_way(self, act: dict[str, str]) -> dict[str, Any]:
        return act | {"url": self._back(act["url"])}

    def _paper(self, case: Case) -> Evidence | None:
        """A paper under way for the criterion of a remedy, or any of a firm's own case."""
        root = case.parent_id or case.pk
        if case.criterion:
            return self.papers.get((root, case.criterion))
        mine = [paper for (owner, _key), paper in self.papers.items() if owner == root]
        return mine[-1] if mine else None

    def _words(self, case: Case, row: Row) -> SafeString:
        """Stage · what is missing, and what happened to the paper."""
        stage = self._stage(case)
        need, more = self._need(case, row), self._more(case, row)
        if not need:
            return format_html("{} {}", stage, more)
        lack = _("%(sentence)s.") % {"sentence": need}
        if not case.is_matter and not row.is_lacking and stage in need:
            return format_html("{} {}", lack, more)  # it names the stage itself
        return format_html('{}<span class="sep">·</span>{} {}', stage, lack, more)

    def _need(self, case: Case, row: Row) -> str:
        """What is missing; what was handed in waits for the reviewer, nobody need chase it. Empty
        where the step itself is all that is asked for."""
        if row.lack == DASH:
            return ""
        paper = self._paper(case)
        if paper is not None and paper.state == Evidence.State.RETURNED and not row.is_lacking:
            return _("Correct what was sent back")
        if self._in_review(case):
            return _("waits for review: %(what)s") % {"what": row.lack}
        return row.lack_words[:1].upper() + row.lack_words[1:]

    def _in_review(self, case: Case) -> bool:
        """Whether a paper lies with the reviewer for everything that is still missing."""
        root = case.parent_id or case.pk
        missing = [case.criterion] if case.criterion else case.lacking
        found = [self.papers.get((root, key)) for key in missing]
        return bool(found) and all(p and p.state == Evidence.State.SUBMITTED for p in found)

    def _stage(self, case: Case) -> str:
        procedure = pack_of(case.pack_version_id).procedure(case.procedure)
        stage = procedure.stage(case.stage)
        if stage.leaves_by("acknowledge"):
            return localised(stage.title)
        return localised(procedure.phase(stage.phase).title)

    def _more(self, case: Case, row: Row) -> str:
        paper, item = self._paper(case), item_of(case)
        if case.proposal and item is not None and not item.is_suspended:
            return _("Suspension proposed: %(why)s") % {"why": case.proposal_reason}
        if paper is not None and paper.state == Evidence.State.RETURNED:
            return _("Returned: %(why)s.") % {"why": self._return_reason(case, paper)}
        if item is not None and item.is_correction and item.return_reason:
            return _("Returned: %(why)s.") % {"why": item.return_reason}
        if self._awaits_me(paper):
            assert paper is not None
            return _("Handed in on %(day)s, waits for your review.") % {
                "day": wording.short_day(day_of(paper.submitted_at), self.on)
            }
        if paper is not None and self._in_review(case):
            return _("Handed in on %(day)s, the county's reviewer has it.") % {
                "day": wording.short_day(day_of(paper.submitted_at), self.on)
            }
        if row.due_on == self.on:
            return _("If it is not done today it counts as overdue from tomorrow.")
        return ""

    def _return_reason(self, case: Case, paper: Evidence) -> str:
        reasons = pack_of(case.pack_version_id).return_reasons
        words = [localised(r.label) for r in reasons if r.number == paper.return_reason]
        if paper.return_text:
            words.append(paper.return_text)
        told = _(", ").join(words)
        if not paper.correct_by:
            return told
        day = wording.short_day(paper.correct_by, self.on)
        return _("%(reason)s; please correct it by %(day)s") % {"reason": told, "day": day}

    def _awaits_me(self, paper: Evidence | None) -> bool:
        user = self.actor.user
        return (
            paper is not None
            and paper.state == Evidence.State.SUBMITTED
            and user is not None
            and paper.submitted_by_id != user.pk
            and self.actor.may(Act.REVIEW_EVIDENCE)
        )

    def _act(self, case: Case, row: Row) -> dict[str, str]:
        """The one thing to do next."""
        paper = self._paper(case)
        if self._awaits_me(paper):
            assert paper is not None
            url = address_of("evidence", paper.pk)
            return {"label": _("Review the paper"), "url": url or row.url}
        rules = rules_of(case)
        if case.stage in rules.procedure.reviews:
            return {"label": _("Review"), "url": row.url}
        if rules.stage is None or rules.stage.leaves_by("acknowledge"):
            return {"label": _("Acknowledge"), "url": row.url}
        if paper is not None and self._in_review(case):
            return {
                "label": _("See the paper"),
                "url": address_of("evidence", paper.pk) or row.url,
            }
        returned = paper is not None and paper.state == Evidence.State.RETURNED
        phone = self.phones.get(case.enterprise_id or 0)
        if phone and (returned or row.light.kind == "overdue"):
            return {"label": _("Call"), "url": f"tel:{phone[1]}"}
        form = rules.pack.form_for(rules.stage, case.criterion or None)
        if form is not None and rules.stage.leaves_by("advance"):
            label = _("Fill in: %(form)s") % {"form": localised(form.title)}
            return {"label": label, "url": self._form(case, row)}
        if case.is_matter:
            return {"label": _("Deal with it"), "url": row.url}
        return {"label": _("Upload papers"), "url": self._upload(case, row)}

    def _form(self, case: Case, row: Row) -> str:
        return address_of("case_form", case.pk) or row.url

    def _upload(self, case: Case, row: Row) -> str:
        """Papers lie with the firm's own case; the criterion is chosen already."""
        url = address_of("evidence_add", case.parent_id or case.pk)
        if not url:
            return row.url
        return f"{url}?criterion={case.criterion}" if case.criterion else url

    def _note(self, case: Case) -> str:
        """通话小结, where one comes back to after a call."""
        if case.enterprise_id is None or not any(self.actor.may(act) for act in VISITING):
            return ""
        return address_of("call_new", case.enterprise_id)

    def jobs(self) -> list[dict[str, Any]]:
        """The cards of the phone."""
        found = []
        for case, row in zip(self.cases, self.rows, strict=True):
            phone = self.phones.get(case.enterprise_id or 0)
            lacks = row.is_lacking and not self._in_review(case)
            more = self._more(case, row)
            found.append(
                {
                    "firm": row.firm,
                    "remedy": row.remedy,
                    "url": self._back(row.url),
                    "light": row.light_dict,
                    "stage": self._stage(case),
                    "place": row.county if sees_counties(self.actor) else row.township,
                    "lack": row.lack if lacks else "",
                    "more": more if lacks else f"{self._need(case, row)} {more}".strip(),
                    "phone": phone[1] if phone else "",
                    "call_url": self._note(case),
                    "upload_url": self._back(self._upload(case, row))
                    if self.actor.may(Act.SUBMIT_EVIDENCE)
                    else "",
                }
            )
        return found
