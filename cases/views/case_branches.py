"""What hangs together with a case: its parts by kind, the units that share it, what can be opened
below it or about its firm.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import permissions
from cases.actions import matters
from cases.agenda import ISSUES, area_of
from cases.dates import day_words
from cases.ledger_known import known_to
from cases.lights import light_of
from cases.models import Case, CaseUnit
from cases.querysets import CaseQuerySet, waits_for_children
from cases.row_words import stage_label
from cases.rulebook import questions_of
from cases.sheet import Child, Sheet
from cases.views.case_parts import handled_by, head_facts
from cases.views.form_fields import shown
from cases.views.pager import onward
from organisations.asked_again import kept
from organisations.compiled import Compiled
from organisations.models import Unit
from organisations.roles import Act
from organisations.scope import Actor
from workflows.form_fields import Field
from workflows.text import localised

Part = dict[str, Any]
LISTED = 10
MOST_UNITS = 3


def branches(sheet: Sheet, query: str = "") -> list[Part]:
    """Children besides remedies, by kind in the pack's order, open ones first, by date."""
    far = date.max
    children = sorted(
        (child for child in sheet.children if not child.case.criterion),
        key=lambda c: (c.case.is_finished, c.item.due_on or far, c.case.pk),
    )
    groups: dict[str, list[Child]] = {}
    for child in children:
        groups.setdefault(child.case.procedure, []).append(child)
    return [
        {
            "title": localised(sheet.rules.pack.procedure(kind).title),
            "done": sum(child.case.is_finished for child in rows),
            "lines": [_line(sheet, child, query) for child in rows],
            # parts of one whole bear its name: they are told apart by their units
            "by_unit": all(_is_part(child.case, sheet.case) for child in rows),
        }
        for kind, rows in groups.items()
    ]


def _is_part(case: Case, whole: Case) -> bool:
    """The same matter of another unit; an offer of a policy is another firm's."""
    return case.title == whole.title and case.enterprise_id == whole.enterprise_id


def _title(case: Case, whole: Case, unit: Unit) -> str:
    if _is_part(case, whole):
        return unit.short_name or unit.name
    if case.enterprise is not None and case.enterprise_id != whole.enterprise_id:
        return str(case.enterprise.name)
    return case.title


def _line(sheet: Sheet, child: Child, query: str) -> Part:
    case, unit = child.case, child.item.unit
    lamp = light_of(case, child.open_item, sheet.on)
    return {
        "light": {"kind": lamp.kind, "shape": lamp.shape, "words": lamp.words},
        "url": onward(reverse("case", args=[case.pk]), query),
        "title": _title(case, sheet.case, unit),
        "unit": unit.short_name or unit.name,
        "stage": stage_label(case, child.open_item),
        "due": child.item.due_on,
    }


def facts(sheet: Sheet) -> list[Part]:
    """The head of the page: dates, who has it, who shares it; whoever leads and has it, once."""
    handled, shared = handled_by(sheet), part_facts(sheet)
    if led_by_counties(sheet):
        handled["value"], handled["note"] = _("each county (leads)"), _("the office keeps the list")
    elif shared and shared[0] == {"name": _("Led by"), "value": handled["value"]}:
        handled["name"] = _("Led and handled by")
        shared = shared[1:]
    return [*head_facts(sheet, handled), *shared]


def led_by_counties(sheet: Sheet) -> bool:
    """各县区 lead it (001-04), each its part; the whole lies with the office."""
    case = sheet.case
    if not case.measure or case.parent_id is not None:
        return False
    return sheet.rules.pack.measure(case.measure).led_by_counties


def awaited(sheet: Sheet) -> Part:
    """Whose answers the step waits for: unit, what, since when, until when; remedies have a list of
    their own.
    """
    stage, far = sheet.rules.stage, date.max
    if stage is None:
        return {}
    found = [
        child
        for child in sheet.children
        if child.open_item is not None
        and not child.case.criterion
        and child.case.procedure in stage.waits_for
    ]
    found.sort(key=lambda child: (child.item.due_on or far, child.case.pk))
    lines = [_awaited(sheet, child) for child in found[:MOST_UNITS]]
    return {"lines": lines, "more": max(len(found) - MOST_UNITS, 0)} if lines else {}


def _awaited(sheet: Sheet, child: Child) -> Part:
    item, on = child.item, sheet.on
    late = light_of(child.case, child.open_item, on, own=True)
    parts = [
        stage_label(child.case, child.open_item),
        _("since %(day)s") % {"day": day_words(item.started_on, on)},
        _("due on %(day)s") % {"day": day_words(item.due_on, on)} if item.due_on else "",
        late.words if late.kind == "overdue" else "",
    ]
    return {
        "unit": item.unit.short_name or item.unit.name,
        "url": reverse("case", args=[child.case.pk]),
        "words": pgettext("between two parts of a sentence", ", ").join(filter(None, parts)),
    }


def part_facts(sheet: Sheet) -> list[Part]:
    """Who leads a matter and who shares it, in the paper's order; one statement."""
    case = sheet.case
    if not case.is_matter or led_by_counties(sheet):
        return []
    rows = list(case.parts.select_related("unit"))
    told = [
        (_("Led by"), _leads(sheet, rows)),
        (_("Responsible"), units_words(rows, CaseUnit.Part.RESPONSIBLE)),
        (_("Helping"), units_words(rows, CaseUnit.Part.HELPING, CaseUnit.Part.JOINT)),
    ]
    return [{"name": name, "value": words} for name, words in told if words]


def _leads(sheet: Sheet, rows: list[CaseUnit]) -> str:
    """The leading units in their order, or the one that the case names; who merely hands something
    out, the office, does not lead it.
    """
    case = sheet.case
    named = units_words(rows, CaseUnit.Part.LEAD)
    if named or case.enterprise_id is not None or case.competent_unit.kind == Unit.Kind.OFFICE:
        return named
    return str(case.competent_unit.short_name or case.competent_unit.name)


def units_words(parts: list[CaseUnit], *wanted: str) -> str:
    """Units in the paper's order; of many, the first ones and how many more."""
    names = [str(p.unit.short_name or p.unit.name) for p in parts if p.part in wanted]
    shown = pgettext("list of names", ", ").join(names[:MOST_UNITS])
    if len(names) <= MOST_UNITS:
        return shown
    return _("%(names)s and %(n)d more") % {"names": shown, "n": len(names) - MOST_UNITS}


def openings(sheet: Sheet, actor: Actor) -> list[Part]:
    """What this person may open below the case, or about its firm."""
    case, pack = sheet.case, sheet.rules.pack
    if case.is_finished:
        return []
    found = []
    if permissions.can(actor, Act.SPAWN, case, sheet.item):
        below = sheet.rules.procedure.by_hand()
        found = [(pack.procedure(kind), f"parent={case.pk}") for kind in sorted(below)]
    if case.is_main:
        about = [one for one in matters.may_open(pack, actor) if area_of(pack, one) == ISSUES]
        found += [(one, f"firm={case.enterprise_id}") for one in about]
    return [
        {
            "kind": procedure.key,
            "label": _("Open: %(kind)s") % {"kind": localised(procedure.title)},
            "url": f"{reverse('matter_open', args=[procedure.key])}?{query}",
        }
        for procedure, query in found
    ]


# rows of forms that say what a firm needs or suffers from, by the column that says it, and the kind
# of case that it may become (docs/adding-a-city.md)
SAID = {"needs": ("detail", "need"), "problems": ("problem", "issue")}


def said_in_forms(sheet: Sheet, actor: Actor) -> list[Part]:
    """需求清单 and 困难问题 of the newest sealed forms that are no matter of their own yet, each
    with the way to make it one; no statement, but for a form of an earlier version."""
    if not sheet.case.is_main:
        return []
    newest = {r.form: r for r in sheet.records if r.case_id == sheet.case.pk and not r.is_draft}
    known = {child.case.title for child in sheet.children}
    offered = {one["kind"]: one["url"] for one in openings(sheet, actor)}
    found = []
    for record in newest.values():
        _pack, form = questions_of(record, sheet.case)
        for field in form.inputs:
            column, kind = SAID.get(field.key, ("", "")) if field.kind == "rows" else ("", "")
            for row in record.data.get(field.key) or [] if column else []:
                words = str(row.get(column) or "").strip()
                if not words or any(words.startswith(title) for title in known if title):
                    continue
                url = offered.get(kind, "")
                found.append(
                    {
                        "words": words,
                        "label": localised(field.label),
                        "form": localised(form.title),
                        "record": reverse("case_record", args=[sheet.case.pk, record.pk]),
                        "url": f"{url}&{urlencode({'words': words})}" if url else "",
                        "beside": _beside(field, row, column),
                    }
                )
    return found


def _beside(field: Field, row: Mapping[str, Any], column: str) -> str:
    """The other answers of the row: 关键核心技术, 思路."""
    others = (one for one in field.columns if one.key != column)
    said = (shown(one, row.get(one.key)) for one in others)
    return _(", ").join(filter(None, said))


def matters_of_firm(case: Case, actor: Actor, on: date) -> list[Part]:
    """Issues and needs of the firm that are open; one statement, for the firm's own case alone."""
    if not case.is_main:
        return []
    key, made_with = known_to(actor, on)
    asked: Compiled[Case] = kept(
        ("matters", key), lambda: Compiled(partial(_open_of, actor), int), by=made_with
    )
    return [_matter(row, on) for row in asked(case.firm_id)]


def _open_of(actor: Actor, firm: int) -> CaseQuerySet:
    rows = Case.objects.visible_to(actor).filter(
        enterprise=firm, is_main=False, criterion="", parent=None
    )
    found = rows.open().with_item().as_rows().select_related("item__unit")
    found = found.annotate(waits_for_parts=waits_for_children())
    listed: CaseQuerySet = found.order_by("-id")[:LISTED]
    return listed


def _matter(case: Case, on: date) -> Part:
    item = getattr(case, "item", None)
    lamp = light_of(case, item, on, waits_for_parts=getattr(case, "waits_for_parts", False))
    unit = item.unit if item is not None else case.competent_unit
    return {
        "light": {"kind": lamp.kind, "shape": lamp.shape, "words": lamp.words},
        "url": reverse("case", args=[case.pk]),
        "title": case.title or case.number,
        "unit": unit.short_name or unit.name,
        "stage": stage_label(case, item),
        "due": item.due_on if item is not None else None,
    }
