"""拟稿, 核稿, 会签, 签发, 编号, 用印, 印发, 归档: where a document is and what comes next. Pure."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    """Where a document is, in the words of the registry."""

    DRAFTING = "drafting", pgettext_lazy("document", "Drafting")
    CHECKING = "checking", pgettext_lazy("document", "Checking")
    COUNTERSIGNING = "countersigning", pgettext_lazy("document", "Countersigning")
    TO_SIGN = "to_sign", pgettext_lazy("document", "To be signed")
    TO_NUMBER = "to_number", pgettext_lazy("document", "Signed, to be numbered")
    TO_SEAL = "to_seal", pgettext_lazy("document", "Numbered, to be sealed")
    SEALED = "sealed", pgettext_lazy("document", "Sealed")
    ISSUED = "issued", pgettext_lazy("document", "Issued")
    ARCHIVED = "archived", pgettext_lazy("document", "Archived")
    WITHDRAWN = "withdrawn", pgettext_lazy("document", "Withdrawn")
    DISCARDED = "discarded", pgettext_lazy("document", "Not issued")


class Step(TextChoices):
    """What somebody did to it, with name and date."""

    DRAFT = "draft", pgettext_lazy("document step", "Draft")
    CHECK = "check", pgettext_lazy("document step", "Check")
    COUNTERSIGN = "countersign", pgettext_lazy("document step", "Countersign")
    SIGN = "sign", pgettext_lazy("document step", "Sign")
    NUMBER = "number", pgettext_lazy("document step", "Number")
    SEAL = "seal", pgettext_lazy("document step", "Seal")
    ISSUE = "issue", pgettext_lazy("document step", "Issue")
    ARCHIVE = "archive", pgettext_lazy("document step", "Archive")
    SEND_BACK = "send_back", pgettext_lazy("document step", "Send back")
    WITHDRAW = "withdraw", pgettext_lazy("document step", "Withdraw")
    DISCARD = "discard", pgettext_lazy("document step", "Do not issue")


# the step that leaves each state, and where it leads
FORWARD: dict[State, tuple[Step, State]] = {
    State.DRAFTING: (Step.DRAFT, State.CHECKING),
    State.CHECKING: (Step.CHECK, State.COUNTERSIGNING),
    State.COUNTERSIGNING: (Step.COUNTERSIGN, State.TO_SIGN),
    State.TO_SIGN: (Step.SIGN, State.TO_NUMBER),
    State.TO_NUMBER: (Step.NUMBER, State.TO_SEAL),
    State.TO_SEAL: (Step.SEAL, State.SEALED),
    State.SEALED: (Step.ISSUE, State.ISSUED),
    State.ISSUED: (Step.ARCHIVE, State.ARCHIVED),
}
# before somebody has signed, the text may go back to its author or be given up
UNSIGNED = frozenset({State.DRAFTING, State.CHECKING, State.COUNTERSIGNING, State.TO_SIGN})
OUT = frozenset({State.ISSUED, State.ARCHIVED})
# steps that a signature on the paper form (发文稿纸) may stand for
ON_PAPER = frozenset({Step.CHECK, Step.COUNTERSIGN, Step.SIGN, Step.SEAL})
# what the button says
LABELS = {
    Step.DRAFT: pgettext_lazy("act on a document", "Pass on for checking"),
    Step.CHECK: pgettext_lazy("act on a document", "Checked, pass on"),
    Step.COUNTERSIGN: pgettext_lazy("act on a document", "Countersigned, pass on"),
    Step.SIGN: pgettext_lazy("act on a document", "Sign for issue"),
    Step.NUMBER: pgettext_lazy("act on a document", "Give the number"),
    Step.SEAL: pgettext_lazy("act on a document", "Sealed"),
    Step.ISSUE: pgettext_lazy("act on a document", "Issue"),
    Step.ARCHIVE: pgettext_lazy("act on a document", "Archive"),
}


# what a kind of document may go without; nothing leaves without draft, signature and issue
MAY_SKIP = frozenset({Step.CHECK, Step.NUMBER, Step.SEAL})


def forward(
    state: State, countersigners: str, skips: Collection[str] = ()
) -> tuple[Step, State] | None:
    """The next step and where it leads; countersigning is skipped where nobody is named."""
    found = FORWARD.get(state)
    if found is None:
        return None
    skipped = MAY_SKIP & {Step(one) for one in skips}
    if not countersigners.strip():
        skipped |= {Step.COUNTERSIGN}
    step, to = found
    while to in FORWARD and FORWARD[to][0] in skipped:
        to = FORWARD[to][1]
    return step, to
