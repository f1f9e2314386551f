"""Taking an applied import back, exactly: what it made goes, what it altered is as before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Value
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from enterprises.importing.guards import check_may_import
from enterprises.importing.journal import (
    JOURNALLED,
    delete_made,
    made_and_changed_since,
    restore,
    state_of,
    update_all,
)
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.register_apply import RegisterOutcome
from enterprises.importing.store import batches
from enterprises.models import Enterprise, ImportBatch, ImportChange, Membership
from organisations.days import day_of, long_day
from organisations.journal import record
from organisations.models import AuditEvent, Region
from organisations.scope import Actor

# after a day people have worked on what the import made
UNDO_WITHIN = timedelta(hours=24)

# what can stand on a firm, by the model's name; the floors above have their own
_USES: Mapping[str, object] = {
    "case": gettext_lazy("a case"),
    "programmefirm": gettext_lazy("a place in a programme"),
    "evidence": gettext_lazy("papers in evidence"),
    "clerk": gettext_lazy("an account"),
    "contact": gettext_lazy("a contact"),
    "membership": gettext_lazy("a stay on a register"),
    "monthlyfact": gettext_lazy("a filing list"),
    "moneyfigure": gettext_lazy("an amount"),
}
_NAMED = 5


@dataclass
class _Loaded:
    """A journalled change with the row as it stands now."""

    change: ImportChange
    row: models.Model


def undo_import(batch: ImportBatch, *, by: Actor, at: datetime) -> RegisterOutcome:
    """Restores what stood before; the outcome is the import's, turned round.

    Refused in words when it was not applied, too late, a later import wrote the same rows (says
    which), a row was edited since, or something else already stands on the firms it made.
    """
    check_may_import(batch.city, by)
    with transaction.atomic():
        Region.objects.select_for_update(no_key=True).get(pk=batch.city_id)
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        _check(batch, at)
        loaded = _load(batch)
        outcome = _turned_round(batch, loaded)
        _take_back(batch, loaded)
        batch.state, batch.undone_at = ImportBatch.State.UNDONE, at
        batch.options = {**batch.options, "undone_by": str(by.user or "")}
        batch.save(update_fields=["state", "undone_at", "options"])
        record(AuditEvent.Kind.IMPORT, "undo_import", batch, by=by, at=at)
    return outcome


def why_not(batch: ImportBatch, at: datetime) -> ImportRefused | None:
    """What stands in the way of undoing, for the page that asks; three queries."""
    try:
        _check(batch, at)
    except ImportRefused as refusal:
        return refusal
    return None


def _check(batch: ImportBatch, at: datetime) -> None:
    _check_state(batch, at)
    _check_later(batch)
    _check_nothing_stands_on(batch)


def _check_state(batch: ImportBatch, at: datetime) -> None:
    if batch.undone_at is not None:
        who = batch.options.get("undone_by") or _("The system")
        words = _("%(who)s has undone this import on %(day)s already.")
        day = long_day(day_of(batch.undone_at))
        raise ImportRefused("not_applied", words % {"who": who, "day": day})
    if batch.state != ImportBatch.State.APPLIED or batch.applied_at is None:
        raise ImportRefused("not_applied", _("This import is not in force, so nothing was undone."))
    if at - batch.applied_at > UNDO_WITHIN:
        raise ImportRefused(
            "too_late",
            _("An import can be undone within 24 hours. Import a corrected list instead."),
        )


def _check_later(batch: ImportBatch) -> None:
    mine = ImportChange.objects.filter(
        batch=batch, model=OuterRef("model"), row_id=OuterRef("row_id")
    )
    later = (
        ImportChange.objects.filter(batch_id__gt=batch.pk, batch__state=ImportBatch.State.APPLIED)
        .filter(Exists(mine))
        .select_related("batch")
        .order_by("-batch_id")
        .first()
    )
    if later is not None:
        raise ImportRefused(
            "later_import",
            _("The later import no. %(id)s (%(file)s) wrote the same rows. Undo that one first.")
            % {"id": later.batch_id, "file": later.batch.file_name},
        )


def _load(batch: ImportBatch) -> dict[str, list[_Loaded]]:
    """The journal with the present rows; refused when one is not as the import left it."""
    by_model: dict[str, list[ImportChange]] = defaultdict(list)
    lines = batch.changes.order_by("id")
    if _in_sql():
        # what was made is looked at where it lies
        if (changed := made_and_changed_since(batch)) is not None:
            raise _edited(changed)
        lines = lines.filter(before__isnull=False)
    for change in lines:
        by_model[change.model].append(change)
    loaded: dict[str, list[_Loaded]] = {}
    for name, changes in by_model.items():
        rows: dict[int, models.Model] = {}
        for part in batches([c.row_id for c in changes]):
            rows.update(JOURNALLED[name]._default_manager.in_bulk(list(part)))
        for change in changes:
            row = rows.get(change.row_id)
            if row is None or state_of(row) != change.after:
                raise _edited(change)
        loaded[name] = [_Loaded(c, rows[c.row_id]) for c in changes]
    return loaded


def _in_sql() -> bool:
    return connection.vendor == "postgresql"


def _edited(change: ImportChange) -> ImportRefused:
    words = _("“%(row)s” was changed since this import, so it cannot be undone.")
    return ImportRefused("edited_since", words % {"row": _firm_of(change)})


def _take_back(batch: ImportBatch, loaded: dict[str, list[_Loaded]]) -> None:
    """Deletes before it restores (one open membership a city), firms last."""
    for name in ("money", "fact", "contact", "membership", "enterprise"):
        _delete_made(batch, name, loaded.get(name, []))
        _restore_altered(name, loaded.get(name, []))


def _delete_made(batch: ImportBatch, name: str, loaded: list[_Loaded]) -> None:
    if _in_sql():
        delete_made(batch, name)
        return
    made = [x.row.pk for x in loaded if x.change.before is None]
    for part in batches(made):
        JOURNALLED[name]._default_manager.filter(pk__in=part).delete()


def _restore_altered(name: str, loaded: list[_Loaded]) -> None:
    altered = [x for x in loaded if x.change.before is not None]
    for x in altered:
        assert x.change.before is not None
        restore(x.row, x.change.before)
    model = JOURNALLED[name]
    fields = [f.name for f in model._meta.concrete_fields if not f.primary_key]
    update_all(model, [x.row for x in altered], fields)


def _firm_of(change: ImportChange) -> str:
    """The firm that a journalled row is about, also when the row is gone."""
    state = change.after or {}
    if change.model == "enterprise":
        return str(state.get("name", ""))
    firm = Enterprise.objects.filter(pk=int(state.get("enterprise_id", 0))).first()
    return firm.name if firm else "—"


def _check_nothing_stands_on(batch: ImportBatch) -> None:
    """Firms that the import made must not be used by anything that it did not make itself."""
    standing = _standing_on(batch)
    if not standing:
        return
    uses: dict[int, str] = {}
    for use, firm_id, name in standing:
        uses.setdefault(firm_id, f"{name}（{_USES.get(use, _('other records'))}）")
    firms = "、".join(list(uses.values())[:_NAMED])
    words = ngettext(
        "%(n)d firm that this import made is already in use: %(firms)s. Take that back first, or "
        "import a corrected list.",
        "%(n)d firms that this import made are already in use: %(firms)s. Take that back first, "
        "or import a corrected list.",
        len(uses),
    )
    raise ImportRefused("in_use", words % {"n": len(uses), "firms": firms})


def _standing_on(batch: ImportBatch) -> list[tuple[str, int, str]]:
    """(what, firm's id, firm's name) of rows on firms of this import; one statement."""
    made = batch.changes.filter(before__isnull=True)
    firms = made.filter(model="enterprise").values("row_id")
    own = {model: name for name, model in JOURNALLED.items()}
    parts = []
    for relation in Enterprise._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        model, field = relation.related_model, relation.field.name
        assert not isinstance(model, str)
        rows = model._base_manager.filter(**{f"{field}__in": firms})
        if model in own:
            rows = rows.exclude(pk__in=made.filter(model=own[model]).values("row_id"))
        what = Value(model._meta.model_name, output_field=models.CharField())
        named = rows.order_by().values_list(what, F(f"{field}_id"), F(f"{field}__name"))
        parts.append(named)
    first, *rest = parts
    return list(first.union(*rest, all=True)[:10_000])


def _turned_round(batch: ImportBatch, loaded: dict[str, list[_Loaded]]) -> RegisterOutcome:
    """Whom the undoing takes off the register, brings back, or moves."""
    made = batch.changes.filter(model="membership", before__isnull=True).values("row_id")
    begun = Membership.objects.filter(pk__in=made, left_on=None).order_by("pk")
    gone = dict(begun.values_list("enterprise", "county"))
    back: dict[int, int] = {}
    for x in loaded.get("membership", []):
        row = x.row
        assert isinstance(row, Membership)
        if x.change.before is not None and x.change.before["left_on"] is None and row.left_on:
            back[row.enterprise_id] = row.county_id
    moved = gone.keys() & back.keys()
    return RegisterOutcome(
        batch=batch,
        left=tuple((firm, "undone") for firm in gone if firm not in moved),
        returned_ids=tuple(firm for firm in back if firm not in moved),
        moved=tuple((firm, gone[firm], back[firm]) for firm in moved),
    )
