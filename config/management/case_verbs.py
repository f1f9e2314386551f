"""The verbs of ``manage.py case``: what each takes, and the one call behind it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from django.core.management import CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine
from cases.actions import (
    endings,
    extending,
    filling,
    pauses,
    people,
    proposals,
    remarks,
    remedies,
    stages,
)
from cases.rulebook import rules_of
from config.management import arguments, form_answers, paper_verbs
from config.management.verb_calls import Call, Option, Verb
from organisations.models import Post, Region, Unit

REASON: Option = (("--reason",), {"default": "", "help": "why; most verbs need it"})
TO: Option = (("--to",), {"metavar": "STAGE", "help": "where several stages can follow"})
FORM: Option = (
    ("--form",),
    {"metavar": "FILE", "help": "answers of the stage's form: JSON or YAML"},
)
SET: Option = (
    ("--set",),
    {"action": "append", "default": [], "metavar": "KEY=VALUE", "help": "one answer of the form"},
)
UNTIL: Option = (("--until",), {"metavar": "DAY", "help": "until when the case rests"})
KNOWING: Option = (
    ("--knowing",),
    {"action": "store_true", "help": "I have read which children stay open"},
)
ELSEWHERE: Option = (
    ("--knowing",),
    {"action": "store_true", "help": "I have read that the firm lies in another county"},
)
EXTEND_TO: Option = (("--until",), {"metavar": "DAY", "help": "the day that is wished for"})
LEFT_ON: Option = (("--left-on",), {"metavar": "DAY", "help": "default: that day"})
UNIT: Option = (("--unit",), {"default": "", "help": "name of the unit that takes over"})
POST: Option = (("--post",), {"default": "", "help": "name of the post in that unit"})
TEXT: Option = (("--text",), {"default": "", "help": "the words"})
CRITERIA: Option = (("--criteria",), {"default": "", "help": "what fails, such as staff,spending"})


def form_of(call: Call) -> dict[str, Any] | None:
    """``--form`` and ``--set`` together; nothing leaves the saved draft as it is."""
    name = call.options["form"]
    form: dict[str, Any] = form_answers.from_file(name) if name else {}
    for pair in call.options["set"]:
        key, equals, value = pair.partition("=")
        if not equals:
            raise CommandError(_("Write answers as KEY=VALUE, not “%(text)s”.") % {"text": pair})
        form[key] = arguments.typed(value)
    chosen = filling.form_of(call.case)
    if not form or chosen is None:
        return form or None
    whole: dict[str, Any] = form_answers.with_files(call.case, chosen, form, by=call.by, at=call.at)
    return whole


def _target(call: Call) -> dict[str, Any]:
    """Unit or post of a reassignment by name, within the case's city."""
    unit_name, post_name = call.text("unit"), call.text("post")
    city = call.case.programme.city
    units = [
        unit
        for unit in Unit.objects.within(city).select_related("region")
        if unit_name in (unit.name, unit.short_name)
    ]
    if not unit_name and post_name:
        units = list(Unit.objects.filter(pk=call.case.responsible_unit_id))
    if not unit_name and not post_name:
        raise CommandError(_("Say who takes over: --unit NAME, --post NAME or both."))
    if len(units) != 1:
        raise CommandError(_unit_words(unit_name, city, len(units)))
    if not post_name:
        return {"unit": units[0]}
    post = Post.objects.select_related("unit").filter(unit=units[0], name=post_name).first()
    if post is None:
        known = "、".join(units[0].posts.values_list("name", flat=True)) or "—"
        raise CommandError(_("This unit has the posts %(known)s.") % {"known": known})
    return {"post": post}


def _unit_words(name: str, city: Region, found: int) -> str:
    """No unit of this name, or several; the nearest names that there are."""
    if found > 1:
        return _("There are several units “%(name)s”. Write the full name.") % {"name": name}
    units = Unit.objects.within(city)
    names = sorted({n for pair in units.values_list("name", "short_name") for n in pair if n})
    near = [n for n in names if name in n] or get_close_matches(name, names, 5, 0.3)
    words = _("There is no unit “%(name)s” in this city.") % {"name": name}
    if not near:
        return words
    return " ".join([words, _("Perhaps: %(known)s.") % {"known": "、".join(near[:5])}])


def _spawn(call: Call) -> object:
    return remedies.spawn(
        call.case.pk,
        criterion=paper_verbs.criterion_of(call),
        reason=call.text("reason"),
        **call.versioned,
    )


def _delist(call: Call) -> object:
    left_on = arguments.day(call.options["left_on"]) if call.options["left_on"] else None
    return endings.delist(
        call.case.pk, reason=call.text("reason"), left_on=left_on, **call.versioned
    )


def _suspend(call: Call) -> object:
    if not call.options["until"]:
        raise CommandError(_("Say until when: --until DAY."))
    until = arguments.day(call.options["until"])
    return pauses.suspend(call.case.pk, until=until, reason=call.text("reason"), **call.versioned)


def _extend(call: Call) -> object:
    if not call.options["until"]:
        raise CommandError(_("Say until when: --until DAY."))
    until = arguments.day(call.options["until"])
    reason = call.text("reason")
    return extending.request(call.case.pk, until=until, reason=reason, **call.versioned)


def _reopen(call: Call) -> object:
    criteria = [key.strip() for key in call.text("criteria").split(",") if key.strip()]
    return endings.reopen(
        call.case.pk, reason=call.text("reason"), criteria=criteria, **call.versioned
    )


def _reassign(call: Call) -> object:
    knowing = call.options["knowing"]
    return people.reassign(
        call.case.pk, reason=call.text("reason"), knowing=knowing, **_target(call), **call.versioned
    )


def _advance(call: Call) -> object:
    return stages.advance(
        call.case.pk,
        to=call.options["to"],
        form=form_of(call),
        reason=call.text("reason"),
        **call.versioned,
    )


@transaction.atomic
def _fill(call: Call) -> object:
    """The answers of the stage's form, kept as the page keeps them before a move."""
    rules = rules_of(call.case)
    chosen = rules.pack.form_for(rules.stage, call.case.criterion or None) if rules.stage else None
    form = form_of(call)
    if chosen is None:
        raise CommandError(_("This stage has no form."))
    if form is None:
        raise CommandError(_("Give the answers: --set KEY=VALUE, or --form FILE.json."))
    engine.lock_one(call.case.pk, call.options["version"])
    return filling.save_draft(call.case.pk, form=chosen.key, data=form, by=call.by, at=call.at)


@transaction.atomic
def _close(call: Call) -> object:
    """A stage may ask for answers before the end (closes_with): both at once, or neither."""
    if form_of(call) is not None:
        _fill(call)
    return stages.close(call.case.pk, **call.versioned)


VERBS: dict[str, Verb] = {
    "acknowledge": Verb(lambda c: stages.acknowledge(c.case.pk, **c.versioned), "sign for it"),
    "advance": Verb(_advance, "finish the stage and enter the next", (TO, FORM, SET, REASON)),
    "send_back": Verb(
        lambda c: stages.send_back(
            c.case.pk,
            reason=c.text("reason"),
            number=c.options["reason_number"],
            to=c.options["to"],
            **c.versioned,
        ),
        "send it back",
        (TO, REASON, paper_verbs.NUMBER),
    ),
    "apply_for_closure": Verb(
        lambda c: stages.apply_for_closure(
            c.case.pk, form=form_of(c), knowing=c.options["knowing"], **c.versioned
        ),
        "apply for closure",
        (FORM, SET, KNOWING),
    ),
    # the county's review is an advance out of the reviewer's stage
    "review": Verb(
        lambda c: stages.advance(c.case.pk, reason=c.text("reason"), **c.versioned),
        "pass the county's review",
        (REASON,),
    ),
    "fill": Verb(_fill, "keep answers of the stage's form, without moving on", (FORM, SET)),
    "close": Verb(_close, "confirm the closing", (FORM, SET)),
    "suspend": Verb(_suspend, "let the clock stand", (UNTIL, REASON)),
    "extend": Verb(_extend, "ask for more time, before the due date", (EXTEND_TO, REASON)),
    "drop_proposal": Verb(
        lambda c: proposals.drop_proposal(c.case.pk, reason=c.text("reason"), **c.versioned),
        "do not suspend what was proposed for it",
        (REASON,),
    ),
    "resume": Verb(lambda c: pauses.resume(c.case.pk, **c.versioned), "let the clock run again"),
    "reassign": Verb(
        _reassign,
        "give it to another unit or post",
        (UNIT, POST, REASON, ELSEWHERE),
    ),
    "decline": Verb(
        lambda c: people.decline(c.case.pk, reason=c.text("reason"), **c.versioned),
        "ask for another unit",
        (REASON,),
    ),
    "comment": Verb(
        lambda c: remarks.comment(c.case.pk, text=c.text("text"), **c.versioned),
        "leave a remark",
        (TEXT,),
    ),
    "urge": Verb(
        lambda c: remarks.urge(c.case.pk, text=c.text("text"), **c.versioned),
        "remind whoever owes it",
        (TEXT,),
    ),
    "withdraw": Verb(
        lambda c: endings.withdraw(c.case.pk, reason=c.text("reason"), **c.versioned),
        "take back what was opened by mistake",
        (REASON,),
    ),
    "delist": Verb(_delist, "the firm left the register", (LEFT_ON, REASON)),
    "reopen": Verb(_reopen, "take up a finished case again", (CRITERIA, REASON)),
    "spawn": Verb(
        _spawn, "open a remedy by hand for what is missing", (paper_verbs.CRITERION, REASON)
    ),
    **paper_verbs.VERBS,
}
