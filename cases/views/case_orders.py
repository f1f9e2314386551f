"""督办 on the case page: what the leaders wrote, the orders that came of it, an order's annex."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import FileResponse, Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from cases import permissions
from cases.actions import matters
from cases.actions.supervising import is_instruction
from cases.annex import Annex, annex_of
from cases.models import CaseEvent, OrderOrigin
from cases.row_words import stage_label
from cases.sheet import Sheet
from cases.supervised import instructions, orders_about, origin_of
from cases.views.annex_rows import COLUMNS, annex_rows
from cases.views.rows import case_or_404
from cases.workbooks import write_ledger
from organisations import clock
from organisations.downloads import send_workbook
from organisations.markers import ActorRequest, scoped
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows.procedure import Procedure
from workflows.text import localised

Part = dict[str, Any]


def supervision_of(sheet: Sheet) -> Procedure | None:
    """The plan's supervision: what a letter opens."""
    for procedure in sheet.rules.pack.procedures.values():
        if procedure.opening("rung") is not None:
            return procedure
    return None


def of_case(sheet: Sheet, actor: Actor) -> Part:
    """For ``cases/case_orders.html``: two statements at most, four more for an order's annex."""
    procedure = supervision_of(sheet)
    if procedure is None:
        return {}
    if sheet.case.procedure == procedure.key:
        return _origin(sheet, actor)
    orders = orders_about(sheet.case, actor)
    said = instructions(sheet.events)
    if not (orders or said):
        return {}
    return {
        "title": localised(procedure.title),
        "instructions": [_said(sheet, event, orders, procedure, actor) for event in said],
        "orders": [_order(one) for one in orders],
    }


def _said(
    sheet: Sheet, event: CaseEvent, orders: list[OrderOrigin], procedure: Procedure, actor: Actor
) -> Part:
    """One instruction, what came of it, and for whoever may the way to make an order of it."""
    came = [_order(one) for one in orders if one.instruction_id == event.pk]
    may = not came and procedure in matters.may_open(sheet.rules.pack, actor)
    office = actor.has_role(Role.OFFICE)
    return {
        "who": str(event.by or ""),
        "at": event.at,
        "text": event.reason,
        "orders": came,
        "url": f"{reverse('matter_open', args=[procedure.key])}"
        f"?about={sheet.case.pk}&instruction={event.pk}"
        if may
        else "",
        "label": _("Make it a supervision order") if office else _("Propose supervision"),
    }


def _order(origin: OrderOrigin) -> Part:
    case = origin.case
    return {
        "url": reverse("case", args=[case.pk]),
        "number": case.number,
        "title": case.title,
        "unit": case.responsible_unit.short_name or case.responsible_unit.name,
        "stage": stage_label(case, None),
        "letter": origin.letter.number if origin.letter else "",
    }


# --- an order's own page --------------------------------------------------------------------------
def _origin(sheet: Sheet, actor: Actor) -> Part:
    origin = origin_of(sheet.case)
    if origin is None:
        return {}
    if origin.letter is not None:
        annex = annex_of(origin.letter, actor, sheet.on)
        return {
            "letter": {
                "words": _("%(kind)s %(number)s")
                % {"kind": origin.letter.get_kind_display(), "number": origin.letter.number},
                "url": _letter_url(origin, actor),
            },
            "lines": annex_rows(annex),
            "counted": _standing(annex),
            "export": reverse("case_annex", args=[sheet.case.pk]) if annex.lines else "",
        }
    about, event = origin.about, origin.instruction
    assert about is not None
    return {
        "about": {
            "words": about.subject,
            "number": about.number,
            "url": reverse("case", args=[about.pk]) if permissions.can_see(actor, about) else "",
        },
        "instruction": {"who": str(event.by or ""), "at": event.at, "text": event.reason}
        if event is not None and is_instruction(event)
        else None,
    }


def _letter_url(origin: OrderOrigin, actor: Actor) -> str:
    name = (
        "draft" if actor.may(Act.PROPOSE_SUPERVISION) or actor.may(Act.RELEASE_DRAFT) else "letter"
    )
    return reverse(name, args=[origin.letter_id])


def _standing(annex: Annex) -> str:
    """9家，其中3家已转入下一环节或办结: what has become of the annex since."""
    firms: dict[object, bool] = {}
    for line in annex.lines:
        key = line.case.enterprise_id or -line.case.pk
        firms[key] = firms.get(key, True) and line.item.finished is not None
    done = sum(firms.values())
    words = ngettext(
        "%(n)d firm, %(done)d of them gone on since", "%(n)d firms, %(done)d of them gone on since",
        len(firms),
    )  # fmt: skip
    return words % {"n": len(firms), "done": done}


@require_safe
@scoped(Act.READ)
def case_annex(request: ActorRequest, pk: int) -> FileResponse:
    """URL name ``case_annex``: the annex of the letter that opened an order, as a workbook."""
    case = case_or_404(request.actor, pk)
    origin = origin_of(case)
    if origin is None or origin.letter is None:
        raise Http404
    rows = annex_rows(annex_of(origin.letter, request.actor, clock.today()))
    number = origin.letter.number
    write = partial(
        write_ledger,
        title=_("Annex: %(title)s") % {"title": case.title},
        facts=[
            _("Letter: %(number)s") % {"number": number},
            _("Order: %(number)s") % {"number": case.number},
        ],
        definition=_("Working paper, not to be passed on"),
        columns=COLUMNS,
        rows=rows,
        sheet_name=_("Annex"),
    )
    name = f"{_('Annex')}_{case.title}_{clock.today():%Y%m%d}.xlsx".replace("/", "-")
    return send_workbook("annex", name, write, by=request.actor, at=clock.now())
