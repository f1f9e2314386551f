"""What the pages of an import show around its report: steps, the bar of acts, dialogs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enterprises.importing.report import is_refused, whole_of
from enterprises.models import ImportBatch

State = ImportBatch.State
_STEP = {
    State.WAITING: 1,
    State.READING: 1,
    State.FAILED: 1,
    State.PREVIEWED: 2,
    State.APPLYING: 2,
    State.APPLIED: 4,
    State.UNDONE: 4,
    State.DROPPED: 4,
}


def steps(batch: ImportBatch | None, *, stays: str = "") -> list[dict[str, str]]:
    """选择模板 → 上传 → 核对 → 确认. ``stays``: why it cannot be undone (any more)."""
    now = _STEP[State(batch.state)] if batch else 0
    rows = batch.report.get("rows") if batch else None
    read = ngettext("%(n)s row", "%(n)s rows", rows) % {"n": str(rows)} if rows else ""
    names = (
        (_("Choose the list"), batch.get_kind_display() if batch else ""),
        (_("Upload"), read),
        (_("Check"), _("nothing is changed before you confirm")),
        (_("Confirm"), _last_note(batch, stays)),
    )
    return [
        {
            "name": name,
            "note": note,
            "state": "done" if at < now else "now" if at == now else "ahead",
        }
        for at, (name, note) in enumerate(names)
    ]


def _last_note(batch: ImportBatch | None, stays: str) -> str:
    """What may still be said of the way back."""
    if batch is not None and batch.state == State.UNDONE:
        return _("Undone")
    is_over = stays or (batch is not None and batch.state == State.DROPPED)
    return "" if is_over else _("can be undone for 24 hours")


def acts(batch: ImportBatch, *, stays: str = "") -> dict[str, Any]:
    """The bar: 放弃 / 改正后重新上传 / 确认导入, or 撤销 unless something stands in its way."""
    pk, again = batch.pk, reverse("import_start", args=[batch.kind])
    if batch.state == State.PREVIEWED:
        return {"why": _confirm_words(batch), "acts": _preview_acts(batch, again)}
    if batch.state == State.APPLIED and not stays:
        undo = {
            "label": _("Undo the import"),
            "url": reverse("import_undo", args=[pk]),
            "kind": "grave",
        }
        return {"why": _("The whole import can be undone for 24 hours."), "acts": [undo]}
    if batch.state == State.FAILED:
        act = {"label": _("Upload again"), "url": again, "kind": "primary"}
        return {"why": "", "acts": [act]}
    return {"why": "", "acts": []}


def undo_acts(batch: ImportBatch, obstacle: str) -> dict[str, Any]:
    """The bar of the page that asks before an import is taken back."""
    undo: dict[str, Any] = {"label": _("Undo the import"), "kind": "grave"}
    if not obstacle:
        undo |= {"url": reverse("import_undo", args=[batch.pk]), "post": True}
    else:
        undo["why"] = _("something stands in the way, see above")
    back = {"label": _("Back"), "url": reverse("import", args=[batch.pk])}
    why = _("What was undone can only come back by importing the list again.")
    return {"why": "" if obstacle else why, "acts": [back, undo]}


def _preview_acts(batch: ImportBatch, again: str) -> list[dict[str, Any]]:
    confirm: dict[str, Any] = {
        "label": _("Confirm the import"),
        "url": reverse("import_confirm", args=[batch.pk]),
        "kind": "primary",
    }
    counts = batch.report.get("counts", {})
    if whole_of(batch.report) is not None:
        confirm = {"label": confirm["label"], "why": _("it is not a list of this city")}
    elif is_refused(batch.report):
        why = _("more rows are refused than can be taken, it does not look like this city's list")
        if not any(counts.get(key) for key in ("new", "changed", "unchanged")):
            why = _("no row can be taken as it stands; correct the workbook first")
        confirm = {"label": confirm["label"], "why": why}
    elif batch.report.get("needs_confirmation"):
        confirm |= {"url": "#confirm-leaving", "dialog": "confirm-leaving"}
    elif not any(counts.get(key) for key in ("new", "changed", "leaving", "unchanged")):
        confirm["why"] = _("no row can be taken as it stands; correct the workbook first")
    else:
        confirm["post"] = True
    return [
        {
            "label": _("Drop"),
            "url": reverse("import_drop", args=[batch.pk]),
            "post": True,
        },
        {"label": _("Upload a corrected list"), "url": again},
        confirm,
    ]


def _confirm_words(batch: ImportBatch) -> str:
    counts = batch.report.get("counts", {})
    if is_refused(batch.report):
        return _("Nothing can be taken of this list.")
    if batch.kind == ImportBatch.Kind.LEDGER:
        return _(
            "Will be made: %(new)s cases, of which %(closed)s struck off if somebody else than the "
            "uploader confirms; otherwise those wait for the city's confirmation. "
            "The whole import can be undone for 24 hours."
        ) % {key: str(counts.get(key, 0)) for key in ("new", "closed")}
    if batch.kind == ImportBatch.Kind.FILING:
        words = _(
            "Will be taken: %(new)s new, %(changed)s changed. "
            "The whole import can be undone for 24 hours."
        )
    else:
        words = _(
            "Will be taken: %(new)s new, %(changed)s changed, %(leaving)s leaving. "
            "The whole import can be undone for 24 hours."
        )
    return words % {key: str(counts.get(key, 0)) for key in ("new", "changed", "leaving")}


def leaving_dialog(batch: ImportBatch) -> dict[str, Any] | None:
    """More than 5 %: the number is typed, not clicked."""
    if batch.state != State.PREVIEWED or not batch.report.get("needs_confirmation"):
        return None
    if is_refused(batch.report):
        return None
    leaving = batch.report["counts"]["leaving"]
    return {
        "id": "confirm-leaving",
        "title": _("Many firms would leave the register"),
        "lead": _(
            "%(leaving)s firms would leave, more than 5%% of %(members)s. Is the list complete?"
        )
        % {"leaving": leaving, "members": batch.report["members"]},
        "fields": [
            {
                "kind": "number",
                "name": "leaving",
                "label": _("Type the number of leaving firms"),
                "min": 1,
                "step": 1,
            }
        ],
        "action": reverse("import_confirm", args=[batch.pk]),
        "submit": _("Confirm the import"),
        "kind": "grave",
    }


def accept_dialogs(batch: ImportBatch, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One for each row whose wrong check digit may be accepted."""
    if batch.state != State.PREVIEWED:
        return []
    return [
        {
            "id": f"accept-{row['row']}",
            "title": _("Accept the code of row %(row)s") % {"row": row["row"]},
            "lead": _(
                "Some real codes fail the check. Compare it with the business licence first."
            ),
            "fields": [{"kind": "text", "name": "reason", "label": _("Why it is right")}],
            "hidden": {"sheet": row["sheet"], "row": row["row"]},
            "action": reverse("import_accept", args=[batch.pk]),
            "submit": _("Accept and read again"),
        }
        for row in rows
        if row.get("accepts")
    ]
