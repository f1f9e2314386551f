"""Verbs of a firm's own people: 咨询 and 评价; and the county's answer to a question.

Only the firm asks and says how content it is; 不满意 opens an issue, which the office follows.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases import engine, permissions, policies
from cases.actions import filling, matters, stages
from cases.actions.matters import Asked
from cases.asking import ANSWERS, FOLLOWS, RATE, kind_for_firms, listing_of
from cases.errors import NotYours, Refused
from cases.models import Case, CaseEvent, FormRecord, ProgrammeFirm
from cases.rulebook import rules_of
from cases.staff import Staff
from enterprises.models import Enterprise
from organisations.days import day_of
from organisations.lengths import check_length, excerpt
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import Programme
from workflows.pack_model import Pack

MOST_OPEN = 10  # questions that wait at a time: whoever has more calls
OF_QUESTION = 500
ISSUE = "issue"


@transaction.atomic
def ask(firm: int, *, text: str, by: Actor, at: datetime, follows: str = "") -> Case:
    """A question of the firm to its county. ``follows``: the number of the one it goes on from."""
    listed = _own(firm, by)
    pack = listed.programme.current.pack
    kind = kind_for_firms(pack)
    if kind is None or not kind.title_from:
        raise Refused("no_procedure", _("Please call your contact; the number stands below."))
    if not text.strip():
        raise Refused("no_text", _("Please write your question."))
    check_length(text, OF_QUESTION)
    known = Case.objects.filter(enterprise=firm, procedure=kind.key)
    if known.open().count() >= MOST_OPEN:
        raise Refused("many", _("Several questions still wait for an answer. Please call."))
    before = [case.number for case in known.select_related("programme")] if follows else []
    answers = {kind.title_from: text.strip()}
    if follows in before:
        answers[FOLLOWS] = follows
    asked = Asked(procedure=kind.key, enterprise_id=firm, answers=answers)
    return matters.open_matter(listed.programme, asked, by=by, at=at)


@transaction.atomic
def answer(question: int, *, text: str, by: Actor, at: datetime) -> Case:
    """The county's answer, with which the question is done; the firm reads it on its page."""
    step = engine.lock_one(question)
    case, stage = step.case, rules_of(step.case).stage
    policies.check_open(case)
    kind = kind_for_firms(rules_of(case).pack)
    if kind is None or kind.key != case.procedure or stage is None or not stage.form:
        raise Refused("no_question", _("This is no question of a firm."))
    if not text.strip():
        raise Refused("no_text", _("Please write the answer."))
    permissions.check_move(by, Act.RECORD_FORM, case, step.item)
    permissions.check(by, stages.act_of(case, "close"), case, step.item)
    data = {next(iter(stage.closes_with)): text.strip()}
    filling.save_draft(question, form=stage.form, data=data, by=by, at=at)
    closed = stages.close(question, by=by, at=at)
    # said to the firm, and no draft any more
    FormRecord.objects.filter(case=question, form=stage.form, is_draft=True).update(is_draft=False)
    return closed


@transaction.atomic
def rate(firm: int, *, satisfied: str, text: str = "", by: Actor, at: datetime) -> Case | None:
    """How content the firm is, on record in its own case; the issue that 不满意 opens.

    Once a day. Raises ``Refused`` where a reason lacks.
    """
    listed = _own(firm, by)
    if satisfied not in ANSWERS:
        raise Refused("no_answer", _("Choose one of the three."))
    check_length(text, OF_QUESTION)
    if satisfied == "no" and not text.strip():
        raise Refused("no_text", _("Please say in a sentence what was not good."))
    _check_first_today(firm, at)
    main = Case.objects.filter(programme=listed.programme, enterprise=firm, is_main=True)
    case = main.exclude(stage="withdrawn").order_by("-pk").first()
    if case is not None:
        _note(case, satisfied, text.strip(), by, at)
    elif satisfied != "no":
        raise Refused("no_case", _("Thank you. There is nothing to rate yet."))
    if satisfied != "no":
        return None
    return _issue(listed, text.strip(), by, at)


def _check_first_today(firm: int, at: datetime) -> None:
    """Where the firm has no case of its own, the issue alone says that it spoke."""
    issue = Q(verb="open", case__procedure=ISSUE, by__clerkships__enterprise=firm)
    told = CaseEvent.objects.filter(issue | Q(verb=RATE), case__enterprise=firm)
    last = told.order_by("-at", "-pk").first()
    if last is not None and day_of(last.at) == day_of(at):
        raise Refused("once_a_day", _("You have told us today already. Thank you."))


def _note(case: Case, satisfied: str, text: str, by: Actor, at: datetime) -> None:
    step = engine.lock_one(case.pk)
    # what was not good is for the office, in its issue: whoever it is about reads this case
    step.verb, step.reason, step.bumps_version = RATE, "" if satisfied == "no" else text, False
    step.data = {"satisfied": satisfied}
    engine.write([step], by=by, at=at)


def _issue(listed: ProgrammeFirm, text: str, by: Actor, at: datetime) -> Case | None:
    """问题 of the firm, with the office: it lies with the city, so that the county whose work it is
    about does not read it. Nothing in a plan that knows no such kind.
    """
    programme: Programme = listed.programme
    pack: Pack = programme.current.pack
    if ISSUE not in pack.procedures or pack.procedure(ISSUE).opening("hand") is None:
        return None
    matter = _("The firm is not satisfied: %(text)s") % {"text": text}
    answers = {
        "matter": excerpt(matter, 100),
        "detail": excerpt(text, OF_QUESTION),
        "grade": "county",
        "found_on": day_of(at).isoformat(),
    }
    asked = Asked(
        procedure=ISSUE,
        enterprise_id=listed.enterprise_id,
        unit=Staff(programme.city_id).office.name,
        answers=answers,
    )
    return matters.open_matter(programme, asked, by=by, at=at, of_firm=True)


def _own(firm: int, by: Actor) -> ProgrammeFirm:
    """The firm's place in the newest plan; only its own people speak for it, one at a time."""
    if firm not in by.enterprise_ids or not by.may(Act.ENTERPRISE_PORTAL):
        raise NotYours("not_yours", _("Only the firm's own people can do this."))
    # two taps at once are two turns: what is counted below is counted anew
    Enterprise.objects.select_for_update(no_key=True).get(pk=firm)
    listed = listing_of(firm)
    if listed is None:
        raise Refused("no_firm", _("Your firm is in no running plan. Please call your contact."))
    return listed
