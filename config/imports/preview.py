"""The report of an import as the page shows it: tallies, effects, tabs, and one page of a tab."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.importing.ledger_rows import SUSPENDED
from cases.labels import stage_title
from cases.models import Case
from cases.stages import CLOSED, TERMINAL
from config.imports.effects import effects, outside_of
from enterprises.filing import HAVES
from enterprises.importing.findings import Finding
from enterprises.importing.report import findings_of, is_refused, whole_of
from enterprises.models import Enterprise, ImportBatch, Membership
from workflows.models import ProgrammeVersion
from workflows.packs import Pack
from workflows.text import localised

PAGE = 50
DAYS = ("closed_on", "due_on")
State = ImportBatch.State
# the tabs of each kind: a filing list takes nobody off the register, a ledger only makes
TABS = {
    ImportBatch.Kind.REGISTER: ("refused", "leaving", "changed", "new", "warnings"),
    ImportBatch.Kind.FILING: ("refused", "changed", "new", "warnings"),
    ImportBatch.Kind.LEDGER: ("refused", "new", "skipped", "warnings"),
}
FIGURES = {
    ImportBatch.Kind.REGISTER: ("new", "changed", "leaving", "refused", "unchanged"),
    ImportBatch.Kind.FILING: ("new", "changed", "refused", "unchanged"),
    ImportBatch.Kind.LEDGER: ("new", "closed", "skipped", "refused"),
}


class Report:
    """The preview of one import: tallies, tabs, and one page of the tab that was asked for."""

    def __init__(self, batch: ImportBatch, tab: str, page: str | None) -> None:
        self.batch, self.report = batch, batch.report
        self.counts: dict[str, int] = self.report.get("counts", {})
        self.kind = ImportBatch.Kind(batch.kind)
        self.whole = whole_of(self.report)
        # nobody leaves by a list that cannot be taken
        self.is_refused = is_refused(self.report) and batch.state == State.PREVIEWED
        hidden = ("leaving",) if self.is_refused else ()
        self.shown = tuple(tab for tab in TABS[self.kind] if tab not in hidden)
        self.figured = tuple(key for key in FIGURES[self.kind] if key not in hidden)
        self.tab = tab if tab in self.shown else self._first_tab()
        rows = self._rows()
        self.page: Page[Any] = Paginator(rows, PAGE).get_page(page)

    def _first_tab(self) -> str:
        return next((tab for tab in self.shown if self.counts.get(tab)), "new")

    def _rows(self) -> Sequence[Any]:
        if self.tab == "refused" and self.whole is not None:
            return [self.whole]
        if self.tab in ("refused", "warnings"):
            return findings_of(self.report, self.tab)
        rows: list[Any] = self.report.get(self.tab, [])
        return rows

    def context(self) -> dict[str, Any]:
        return {
            "report": self.report,
            "figures": self.figures(),
            "tabs": self.tabs(),
            "tab": self.tab,
            "page": self.page,
            "rows": getattr(self, f"_{self.tab}")(list(self.page.object_list)),
            "sum": self.sum(),
            "effects": self.effects(),
            "whole": self.whole,
            "can_confirm": self.batch.state == State.PREVIEWED,
        }

    def _skipped(self, rows: list[Any]) -> list[Any]:
        return rows

    def effects(self) -> list[dict[str, Any]]:
        """Only of what can still be confirmed."""
        waits = self.batch.state == State.PREVIEWED and not self.is_refused
        return effects(self.batch) if waits else []

    def figures(self) -> list[dict[str, Any]]:
        words = {
            "new": (_("New"), _("firms"), self._new_base()),
            "changed": (_("Changed"), _("firms"), self._changed_base()),
            "leaving": (_("Leaving"), _("firms"), self._leaving_base()),
            "refused": (_("Refused"), _("rows"), _("with the address of the cell")),
            "unchanged": (_("Unchanged"), _("firms"), _("nothing is done")),
            "closed": (_("Struck off among them"), _("firms"), _("with the day of the ledger")),
            "skipped": (_("Has its case already"), _("firms"), _("nothing is done")),
        }
        return [
            {
                "name": name,
                "value": str(self.counts.get(key, 0)),
                "unit": unit,
                "base": base,
                "url": f"?tab={key}" if key in self.shown else "",
                "bad": key == "refused" and self.counts.get(key, 0) > 0,
            }
            for key in self.figured
            for name, unit, base in [words[key]]
        ]

    def _new_base(self) -> str:
        back = sum(1 for row in self.report.get("new", ()) if row.get("returning"))
        return _("%(n)d of them come back") % {"n": back} if back else ""

    def _leaving_base(self) -> str:
        """Who was never on the register leaves it in the list only."""
        outside = outside_of(self.report)
        if not outside:
            return _("stopped firms are not among them")
        return _("%(n)s of them never on the register, it does not shrink by them") % {
            "n": str(outside)
        }

    def _changed_base(self) -> str:
        moved = sum(
            1
            for row in self.report.get("changed", ())
            if any(change["field"] == "county" for change in row["changes"])
        )
        return _("%(n)d of them in another county") % {"n": moved} if moved else ""

    def tabs(self) -> list[dict[str, Any]]:
        names = {
            "refused": _("Refused"),
            "leaving": _("Leaving"),
            "changed": _("Changed"),
            "new": _("New"),
            "skipped": _("Has its case already"),
            "warnings": _("Remarks"),
        }
        return [
            {
                "label": names[tab],
                "url": f"?tab={tab}",
                "count": self.counts.get(tab, 0),
                "current": tab == self.tab,
                "alert": tab == "refused" and self.counts.get(tab, 0) > 0,
            }
            for tab in self.shown
        ]

    def sum(self) -> dict[str, str] | None:
        """当期在库 before → after; a filing list moves nobody."""
        if self.batch.kind != ImportBatch.Kind.REGISTER or "members" not in self.report:
            return None
        if self.is_refused:
            return None
        return {
            "words": _(
                "After confirming: on the register %(before)s → %(after)s firms "
                "(%(new)s new, %(leaving)s leaving)."
            )
            % {
                "before": str(self.report["members"]),
                "after": str(self.report["members_after"]),
                "new": str(self.counts.get("new", 0)),
                "leaving": str(self._leaving_members()),
            },
            "more": _("The bureau's list decides who leaves; who leaves is not counted as closed."),
        }

    def all_changed(self) -> list[dict[str, Any]]:
        """Every changed firm in words, for the workbook."""
        return self._changed(self.report.get("changed", []))

    def _leaving_members(self) -> int:
        """Without those that the first list already marks as gone."""
        return self.counts["leaving"] - outside_of(self.report)

    # one page of a tab

    def _refused(self, found: list[Finding]) -> list[dict[str, Any]]:
        return [
            {
                "cell": finding.place,
                "firm": finding.firm,
                "reason": finding.reason,
                "value": finding.value,
                "accepts": finding.code == "credit_code_check_digit" and not finding.also,
                "sheet": finding.sheet,
                "row": finding.row,
            }
            for finding in found
        ]

    _warnings = _refused

    def _leaving(self, rows: list[Any]) -> list[dict[str, Any]]:
        """With what it does to the firm's cases; one query."""
        counts = _case_counts([row["id"] for row in rows if row["id"]])
        reasons = dict(Membership.LeftReason.choices)
        return [
            {
                **row,
                "url": _firm_url(row["id"]),
                "words": reasons.get(row["reason"], row["reason"]),
                "effect": _effect(*counts.get(row["id"], (0, 0))),
            }
            for row in rows
        ]

    def _changed(self, rows: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "name": row["name"],
                "url": _firm_url(row["id"]),
                "changes": [_change(change) for change in row["changes"]],
            }
            for row in rows
        ]

    def _new(self, rows: list[Any]) -> list[dict[str, Any]]:
        """With the department that the rules choose; one query for the pack."""
        pack = _pack(self.batch)
        if self.kind == ImportBatch.Kind.LEDGER:
            return [_ledger_line(row, pack) for row in rows]
        found = []
        for row in rows:
            line = {**row, "url": _firm_url(row["id"])}
            if pack and "industry_code" in row:
                chosen = pack.assign(
                    ownership=row.get("ownership", ""), industry=row["industry_code"]
                )
                line |= {"unit": chosen.unit, "rule": chosen.words}
            if "answers" in row:
                line["answers"] = answer_words(row["answers"])
            found.append(line)
        return found


def _ledger_line(row: dict[str, Any], pack: Pack | None) -> dict[str, Any]:
    stage, grade = row["stage"], row["grade"]
    if pack is not None:
        stage = _("Suspended") if stage == SUSPENDED else stage_title(pack, pack.root.key, stage)
        # a plan that was issued since may lack a class that the list names
        grade = next(
            (localised(g.label) for g in pack.grades_of(pack.root) if g.key == grade), grade
        )
    days = {key: date.fromisoformat(row[key]) if row[key] else None for key in DAYS}
    return {**row, **days, "url": _firm_url(row["id"]), "stage": stage, "grade": grade}


def answer_words(answers: dict[str, bool]) -> str:
    """已注册、已填报，有：研发人员."""
    if not answers.get("registered"):
        return _("Not registered")
    if not answers.get("filed"):
        return _("Registered, not filed")
    there = [str(name) for have, name in HAVES.items() if answers.get(have)]
    return _("Filed; has: %(haves)s") % {"haves": _(", ").join(there) or _("none")}


def _change(change: dict[str, Any]) -> dict[str, Any]:
    names = {
        "name": _("Firm's name"),
        "credit_code": _("Credit code"),
        "code_note": _("Reason for the code"),
        "condition": _("Production status"),
        "address": _("Address"),
        "county": _("County"),
        "township": _("Township or park"),
        "industry_code": _("Industry code"),
        "industry_name": _("Industry"),
        "ownership": _("Ownership"),
        "listed": _("Listed in the bureau's register"),
        "contact": _("Contact"),
        "phone": _("Phone"),
        "registered": _("Registered"),
        "filed": _("Filed"),
        **HAVES,
    }
    return {
        "name": names.get(change["field"], change["field"]),
        "before": _worded(change["field"], change["before"]),
        "after": _worded(change["field"], change["after"]),
        "cell": change["cell"],
    }


def _worded(field: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field == "condition":
        return str(dict(Enterprise.Condition.choices).get(value, value))
    return str(value or "—")


def _case_counts(firm_ids: list[int]) -> dict[int, tuple[int, int]]:
    """(open, closed) root cases of firms."""
    counts: dict[int, tuple[int, int]] = {}
    rows = Case.objects.filter(enterprise_id__in=firm_ids, is_main=True)
    for firm_id, stage in rows.values_list("enterprise_id", "stage"):
        running, closed = counts.get(firm_id, (0, 0))
        counts[firm_id] = (running + (stage not in TERMINAL), closed + (stage == CLOSED))
    return counts


def _effect(running: int, closed: int) -> str:
    if running:
        return _("%(n)d open case ends; not counted as closed") % {"n": running}
    return _("closed before; the record stays") if closed else "—"


def _firm_url(pk: int | None) -> str:
    return reverse("firm", args=[pk]) if pk else ""


def _pack(batch: ImportBatch) -> Pack | None:
    newest = ProgrammeVersion.objects.filter(programme__key=batch.programme_key)
    version = newest.order_by("-number").first()
    return version.pack if version else None
