"""The ledger of one programme as a workbook, without a page: what ``manage.py ledger`` writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.columns import COUNTY, TOWNSHIP, Column
from cases.labels import ending_label
from cases.ledger import CHIPS, SITUATIONS, Ledger
from cases.sheet_columns import sheet_columns
from cases.sheet_lines import SheetLines, rows_of
from cases.workbooks import write_ledger
from enterprises.searching import shown
from organisations.days import long_day
from organisations.models import Region
from organisations.scope import Actor
from workflows.models import Programme
from workflows.text import localised


@dataclass(frozen=True)
class ProgrammeLedger(Ledger):
    """One programme's ledger, as its rows are visible to the actor; the system sees all."""

    programme: Programme | None = None

    def scope(self) -> Q:
        return super().scope() & Q(programme=self.programme)


def write_file(target: BinaryIO, ledger: ProgrammeLedger) -> int:
    """The rows in the order of the page; how many."""
    columns = _columns(ledger.actor)
    return write_ledger(
        target,
        title=_("Working ledger of full R&D coverage: %(where)s")
        % {"where": ledger.programme.city if ledger.programme else ""},
        facts=[
            _("Scope: %(scope)s") % {"scope": _scope(ledger)},
            _("As of: %(at)s") % {"at": long_day(ledger.on)},
        ],
        columns=columns,
        rows=rows_of(ledger, SheetLines(ledger, columns)),
    )


def _scope(ledger: ProgrammeLedger) -> str:
    """范围: every filter that was set, how many rows it leaves, and their order."""
    asked, pack = ledger.asked, ledger.pack
    label = CHIPS.get(asked.chip) or SITUATIONS.get(asked.chip)
    words = [str(label)] if label else []
    if pack is not None and asked.stage:
        stages = {s.key: localised(s.state_label) for s in pack.root.stages}
        words.append(stages.get(asked.stage) or ending_label(pack.root, asked.stage))
    if pack is not None and asked.grade:
        grades = {one.key: localised(one.label) for one in pack.grades}
        words.append(grades.get(asked.grade, asked.grade))
    if county := asked.ids.get("county"):
        words += Region.objects.filter(pk=county).values_list("name", flat=True)
    if asked.q:
        words.append(_("search “%(text)s”") % {"text": shown(asked.q)})
    return _("%(what)s, %(n)d in all, %(order)s") % {
        "what": _(", ").join(words or [_("Open cases")]),
        "n": ledger.counts["shown"],
        "order": _("overdue first, then by due date"),
    }


def _columns(actor: Actor) -> tuple[Column, ...]:
    """Those of the page; the system, which holds no post, sees every county."""
    found = sheet_columns(actor)
    if not actor.is_system:
        return found
    return tuple(COUNTY if column is TOWNSHIP else column for column in found)
