"""What a verb must be told besides a reason, by whichever door it is called."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.errors import Refused
from cases.models import Case, Evidence
from cases.policies import check_reason
from cases.proofs import proves
from cases.rulebook import APPLY, rules_of
from cases.stages import CLOSED
from organisations.models import User
from workflows.packs import Pack
from workflows.text import localised


def check_unmet(case: Case, papers: Iterable[Evidence], state: str, user: User | None) -> None:
    """One row without a file for what is proved: a second submit of a page makes no second one.

    Where nobody applies, a second official may verify what only one has seen (``check_closer``).
    """
    accepted = [paper for paper in papers if proves(rules_of(case).pack, paper)]
    if not accepted:
        return
    seen = {paper.reviewed_by_id for paper in accepted}
    seen |= {paper.submitted_by_id for paper in accepted if paper.on_behalf}
    is_second = len(seen) == 1 and user is not None and user.pk not in seen
    applies = any(stage.leaves_by(APPLY) for stage in rules_of(case).procedure.stages)
    if applies or not is_second or state != Evidence.State.VERIFIED_OFFLINE:
        raise Refused("met", _("This item has been accepted already."))


def check_failing(case: Case, criteria: Collection[str]) -> None:
    """核减销号 names what fails: else every paper counts on and the case closes again at once."""
    if case.stage == CLOSED and rules_of(case).procedure.closes_when and not criteria:
        raise Refused("no_criteria", _("Say which of the criteria fail."))


def is_closing(case: Case) -> bool:
    """Whether papers are looked at where a case stands: in the last phase, of what closes by them.

    An order or an issue is sent back in one's own words; no reason of the plan is about it.
    """
    rules = rules_of(case)
    stage, procedure = rules.stage, rules.procedure
    by_papers = procedure.criteria_for(case.criterion or None) is not None
    return by_papers and stage is not None and stage.phase == procedure.phases[-1].key


def reasons_of(pack: Pack) -> dict[int, str]:
    """The plan's reasons for a return, by number."""
    return {one.number: localised(one.label) for one in pack.return_reasons}


def check_paper(case: Case, criterion: str, paper: str) -> None:
    """A paper that is named is one that the pack asks for."""
    papers = rules_of(case).pack.evidence_for(criterion).papers
    if paper and paper not in {one.key for one in papers}:
        known = pgettext("list of names", ", ").join(
            f"{one.key} {localised(one.label)}" for one in papers
        )
        words = _("“%(name)s” is no paper for this item. There are: %(known)s")
        raise Refused("no_paper", words % {"name": paper, "known": known})


def check_number(pack: Pack, number: int) -> None:
    """A return names one of the plan's reasons."""
    reasons = reasons_of(pack)
    if number not in reasons:
        known = "\n".join(f"  {one} {words}" for one, words in reasons.items())
        words = _("Choose one of the reasons for the return:\n%(known)s")
        raise Refused("no_reason", words % {"known": known})


def words_back(case: Case, number: int, reason: str) -> str:
    """Why a case is sent back: the plan's reason where one is compulsory, and the words behind it:
    "未加盖公章或签字不全。第3页"."""
    pack = rules_of(case).pack
    if number or is_closing(case):
        check_number(pack, number)
    picked = reasons_of(pack).get(number, "")
    said = _(". ").join(filter(None, [picked, reason.strip()]))
    check_reason(said)
    return said
