"""What the dialogs of a case ask and say first: fields and leads, from the pack and the posts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import returning, witnesses
from cases.compulsory import is_closing, reasons_of
from cases.dates import day_words
from cases.desks import fits
from cases.models import Evidence
from cases.policies import names_of
from cases.sheet import Sheet
from cases.stages import CLOSED
from cases.views.hands import hands
from organisations.models import Post, Unit
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows.procedure import Move
from workflows.text import localised

Field = dict[str, Any]
State = Evidence.State
NO_CASE_WORK = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


# --- fields --------------------------------------------------------------------------------------
def reason_field(label: str = "", *, required: bool = True, hint: str = "") -> Field:
    return {
        "kind": "textarea",
        "name": "reason",
        "label": label or _("Reason"),
        "required": required,
        "hint": hint,
    }


def send_back_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    if not is_closing(sheet.case):
        return (reason_field(),)
    return (
        {
            "kind": "select",
            "name": "number",
            "label": _("Reason of the return"),
            "choices": [(str(n), w) for n, w in reasons_of(sheet.rules.pack).items()],
            "required": True,
        },
        reason_field(_("In detail"), required=False),
    )


def reassign_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    choice = {
        "kind": "select",
        "name": "target",
        "label": _("Reassign to") if actor.has_role(Role.OFFICE) else _("Who takes over"),
        "choices": targets(sheet, actor),
    }
    return (choice, reason_field())


def targets(sheet: Sheet, actor: Actor) -> list[tuple[str, str]]:
    """Units (改派) and posts (调整经办人) that this person may hand the case to."""
    case, item = sheet.case, sheet.item
    posts = Post.objects.exclude(role__in=NO_CASE_WORK).select_related("unit")
    posts = posts.order_by("unit__position", "unit_id", "position")
    here = item.unit_id if item else case.responsible_unit_id
    own = posts.filter(unit_id__in=actor.unit_ids | {here})
    if not actor.has_role(Role.OFFICE):
        regions = [s.region_id for s in actor.standings_for(Act.REASSIGN)]
        own = posts.filter(unit_id__in=actor.unit_ids) | posts.filter(
            unit__region_id__in=[*regions, case.township_id],
            unit__kind__in=[Unit.Kind.TASK_FORCE, Unit.Kind.TOWNSHIP],
        )
    stage = sheet.rules.stage
    able = [
        post
        for post in own
        if stage is not None
        and fits(post, stage.owner)
        and not (item and item.post_id == post.pk and not item.is_declined)
    ]
    found = hands(able, sheet.on, with_unit=len({post.unit_id for post in able}) > 1)
    if not actor.has_role(Role.OFFICE):
        return found
    units = Unit.objects.filter(
        # a county's own bureau only reads what is written to it
        Q(kind=Unit.Kind.TASK_FORCE) | Q(kind=Unit.Kind.DEPARTMENT, region=case.programme.city_id),
        region__path__startswith=case.programme.city.path,
        posts__isnull=False,
    ).exclude(pk=here)
    rows = units.distinct().order_by("kind", "position", "id")
    return [(f"unit-{u.pk}", u.short_name or u.name) for u in rows] + found


def suspend_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    until: Field = {
        "kind": "date",
        "name": "until",
        "label": _("Rests until"),
        "min": sheet.on + timedelta(days=1),
    }
    return (until, reason_field())


def delist_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    left: Field = {
        "kind": "date",
        "name": "left_on",
        "label": _("Left the register on"),
        "value": (sheet.stays[-1][1] if sheet.stays else None) or sheet.on,
        "max": sheet.on,
    }
    return (left, reason_field())


def reopen_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    rule = sheet.rules.procedure.criteria_for(None)
    if sheet.case.stage != CLOSED or rule is None:
        return (reason_field(),)
    named = rule.named()
    labels = {have.key: localised(have.label) for have in sheet.rules.pack.haves}
    failing: Field = {
        "kind": "many",
        "name": "criteria",
        "label": _("What fails"),
        "hint": _("Its papers are returned and its remedy is opened again."),
        "choices": [(key, labels.get(key, key)) for key in named],
    }
    return (failing, reason_field())


def spawn_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    labels = {have.key: localised(have.label) for have in sheet.rules.pack.haves}
    open_ones = {child.case.criterion for child in sheet.children if not child.case.is_finished}
    lacking = [key for key in sheet.case.lacking if key not in open_ones]
    choice: Field = {
        "kind": "select",
        "name": "criterion",
        "label": _("What is missing"),
        "choices": [(key, labels.get(key, key)) for key in lacking],
    }
    return (choice, reason_field(_("Measure")))


def offline_fields(sheet: Sheet, actor: Actor) -> Sequence[Field]:
    return (
        {"kind": "text", "name": "number", "label": _("Number or title of the paper")},
        {
            "kind": "date",
            "name": "dated",
            "label": _("Date of the paper"),
            "max": sheet.on,
            "hint": _("As it stands on the paper."),
        },
        {
            "kind": "text",
            "name": "witness",
            "label": _("Second person who saw it"),
            "offers": witnesses.offered(sheet.case, actor.user, sheet.on),
            "hint": _(
                "Two people look at the paper; nothing is uploaded. Choose a colleague, who is "
                "told of it, or write the name; where the second has no account, somebody else "
                "confirms the closing."
            ),
        },
    )


# --- leads ---------------------------------------------------------------------------------------
def send_back_lead(sheet: Sheet, to: str, actor: Actor) -> str:
    move = sheet.rules.procedure.move(sheet.case.stage, "send_back", to or None, sheet.case.grade)
    if move is not None and returning.is_own(actor, sheet.case, sheet.item, move):
        return _own_lead(sheet, move)
    phrase = move.time if move else None
    if phrase is None and move is not None:
        phrase = sheet.rules.procedure.stage(move.to).time_for(sheet.case.grade or None)
    if phrase is None or phrase.within is None:
        return _("Choose the reason; it is compulsory.")
    assert move is not None
    asked = (
        _("Choose the reason (compulsory).")
        if is_closing(sheet.case)
        else _("Write the reason (compulsory).")
    )
    children = [child.open_item for child in sheet.children]
    latest = max((item.due_on for item in children if item and item.due_on), default=None)
    day = returning.due_if_sent(sheet.case, move, sheet.on, latest)
    return f"{asked}{correction_words(phrase.within.n, day, sheet.on)}"


def correction_words(n: int, day: date | None, on: date) -> str:
    """By when the other side corrects, and the rule; as the notice names the day."""
    rule = ngettext(
        "at least %(n)d working day, never before the date given earlier",
        "at least %(n)d working days, never before the date given earlier",
        n,
    ) % {"n": n}
    if day is None:
        return _(" Time for the correction: %(rule)s.") % {"rule": rule}
    return _(" The other side corrects it by %(day)s (%(rule)s).") % {
        "day": day_words(day, on), "rule": rule
    }  # fmt: skip


def _own_lead(sheet: Sheet, move: Move) -> str:
    """Nobody corrects anything for whoever takes back a step of his own."""
    day = returning.due_if_own(sheet.case, sheet.item, move, sheet.on)
    if day is None:
        return _("Choose the reason; it is compulsory.")
    words = (
        _(
            "The reason is compulsory. The step stays with you. Its day was %(day)s; it stays"
            " overdue when it is sent back."
        )
        if day < sheet.on
        else _(
            "The reason is compulsory. The step stays with you and is due on %(day)s; sending it"
            " back gives no more time."
        )
    )
    return words % {"day": day_words(day, sheet.on)}


def advance_lead(sheet: Sheet, to: str, actor: Actor) -> str:
    if is_closing(sheet.case):
        words = _("The papers are complete and in order; the case goes on to the city.")
        return " ".join([words, *_doubts(sheet)])
    return _(
        "After going on, this step can no longer be changed; ask the reviewer to send it back."
    )


def _doubts(sheet: Sheet) -> Iterator[str]:
    """What a reviewer should know of the papers before he passes a closing on."""
    waiting = [p.criterion for p in sheet.papers if p.state == State.SUBMITTED]
    if waiting:
        words = ngettext(
            "%(n)d paper is not reviewed yet (%(names)s).",
            "%(n)d papers are not reviewed yet (%(names)s).",
            len(waiting),
        )
        yield words % {"n": len(waiting), "names": names_of(sheet.case, dict.fromkeys(waiting))}
    returned = [
        p.criterion for p in sheet.papers if p.state == State.RETURNED and not p.replaced_by_id
    ]
    if returned:
        words = ngettext(
            "%(n)d paper was returned and not corrected (%(names)s).",
            "%(n)d papers were returned and not corrected (%(names)s).",
            len(returned),
        )
        yield words % {"n": len(returned), "names": names_of(sheet.case, dict.fromkeys(returned))}
    days = {plan.criterion: plan.remind_days for plan in sheet.rules.pack.evidence}
    for paper in sheet.papers:
        last = paper.valid_until
        if last and paper.ends_soon(sheet.on, days.get(paper.criterion, 0)):
            names = names_of(sheet.case, [paper.criterion])
            words = _("%(names)s is valid until %(day)s only; it may end before the closing.")
            yield words % {"names": names, "day": day_words(last, sheet.on)}


def close_lead(sheet: Sheet, to: str, actor: Actor) -> str:
    if sheet.case.criterion:
        return _("The remedy is done.")
    if not sheet.case.is_main:
        return _("It is done and leaves the lists of what is open.")
    return _("The firm is struck off and gets its closing number.")
