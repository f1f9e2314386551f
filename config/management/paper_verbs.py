"""The verbs of ``manage.py case`` upon papers (印证材料)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.management import CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, policies, uploads
from cases.actions import evidence, witnessing
from cases.models import Evidence
from cases.rulebook import rules_of
from config.management import arguments
from config.management.talking import disk_words
from config.management.verb_calls import Call, Option, Verb
from workflows.text import localised

REASON: Option = (("--reason",), {"default": "", "help": "why; most verbs need it"})
TEXT: Option = (("--text",), {"default": "", "help": "the words"})
CRITERION: Option = (("--criterion",), {"default": "", "help": "such as staff or spending"})
FILE: Option = (("--file",), {"action": "append", "default": [], "help": "a paper; repeatable"})
PAPER: Option = (("--paper",), {"default": "", "help": "which paper of the pack it is"})
PAPER_ID: Option = (
    ("--evidence",),
    {
        "type": arguments.count,
        "help": "number of the paper; default: the newest one to be reviewed",
    },
)
NUMBER: Option = (
    ("--reason-number",),
    {"type": arguments.count, "default": 0, "help": "its number in the plan"},
)
WITNESS: Option = (("--witness",), {"default": "", "help": "the second person who saw it"})
SEEN: Option = (("--paper-number",), {"default": "", "help": "number and date of the paper"})
DATED: Option = (("--dated",), {"metavar": "DAY", "help": "the date on the paper"})
NOT_SEEN: Option = (("--not-seen",), {"action": "store_true", "help": "he did not see it"})
VALID: Option = (("--valid-until",), {"metavar": "DAY", "help": "its last day, where it has one"})
REPLACES: Option = (
    ("--replaces",),
    {"type": arguments.count, "help": "number of the paper whose place it takes"},
)


def _papers(call: Call) -> list[evidence.Paper]:
    papers = []
    for name in call.options["file"]:
        path = Path(name)
        try:
            content = ContentFile(path.read_bytes(), name=path.name)
        except OSError as wrong:
            raise CommandError(disk_words(wrong)) from wrong
        papers.append(uploads.check(content, path.name))
    return papers


def _paper_id(call: Call, *states: str) -> int:
    """The paper named, of this case; else the newest in one of ``states``."""
    papers = Evidence.objects.filter(case=call.case.parent_id or call.case.pk)
    if call.options["evidence"]:
        papers = papers.filter(pk=call.options["evidence"])
    else:
        papers = papers.filter(state__in=states)
    if call.text("criterion"):
        policies.check_known(call.case, [call.text("criterion")])
        papers = papers.filter(criterion=call.text("criterion"))
    found = papers.order_by("-id").values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(_("This case has no such paper to be reviewed."))
    return found


def criterion_of(call: Call) -> str:
    """The one that was typed, or a remedy's own."""
    given = call.text("criterion") or call.case.criterion
    if not given:
        haves = rules_of(call.case).pack.haves
        known = ", ".join(f"{have.key} {localised(have.label)}" for have in haves)
        words = _("Say for which criterion: --criterion KEY. There are: %(known)s.")
        raise CommandError(words % {"known": known})
    return given


def _submit(call: Call) -> object:
    return evidence.submit(
        call.case.pk,
        criterion=criterion_of(call),
        papers=_papers(call),
        paper=call.text("paper"),
        note=call.text("text"),
        replaces=call.options["replaces"],
        **call.versioned,
    )


def _return(call: Call) -> object:
    pk = _paper_id(call, Evidence.State.SUBMITTED)
    number = call.options["reason_number"]
    return evidence.return_(pk, reason=number, text=call.text("text"), **call.seen)


def _offline(call: Call) -> object:
    return evidence.verify_offline(
        call.case.pk,
        criterion=criterion_of(call),
        witness=call.text("witness"),
        number=call.text("paper_number"),
        dated=_dated(call),
        **call.versioned,
    )


def _dated(call: Call) -> date:
    if not call.options["dated"]:
        raise CommandError(_("Give the date that stands on the paper: --dated DAY."))
    return arguments.day(call.options["dated"])


def _accept(call: Call) -> object:
    given = call.options["valid_until"]
    until = arguments.day(given) if given else None
    pk = _paper_id(call, Evidence.State.SUBMITTED)
    return evidence.accept(pk, valid_until=until, **call.seen)


def _witness(call: Call) -> object:
    saw = not call.options["not_seen"]
    pk = _paper_id(call, Evidence.State.VERIFIED_OFFLINE)
    return witnessing.attest(pk, saw=saw, reason=call.text("text"), **call.seen)


@transaction.atomic
def _take_back(call: Call) -> object:
    engine.lock_one(call.case.pk, call.options["version"])
    return evidence.take_back(
        _paper_id(call, Evidence.State.SUBMITTED, Evidence.State.RETURNED), **call.base
    )


VERBS: dict[str, Verb] = {
    "evidence-submit": Verb(_submit, "hand in papers", (CRITERION, FILE, PAPER, TEXT, REPLACES)),
    "evidence-accept": Verb(_accept, "accept a paper", (PAPER_ID, CRITERION, VALID)),
    "evidence-take-back": Verb(_take_back, "take back what one handed in", (PAPER_ID, CRITERION)),
    "evidence-return": Verb(
        _return, "return a paper with a reason of the plan", (PAPER_ID, CRITERION, NUMBER, TEXT)
    ),
    "evidence-waive": Verb(
        lambda c: evidence.waive(
            c.case.pk, criterion=criterion_of(c), reason=c.text("reason"), **c.versioned
        ),
        "no paper needed: the province has it",
        (CRITERION, REASON),
    ),
    "evidence-offline": Verb(
        _offline, "two people saw the paper", (CRITERION, WITNESS, SEEN, DATED)
    ),
    "evidence-witness": Verb(
        _witness, "the second person says that he saw it", (PAPER_ID, CRITERION, NOT_SEEN, TEXT)
    ),
}
