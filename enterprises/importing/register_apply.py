"""Writing a previewed register: dated rows begin and end, nothing is deleted.

Set-based: a fixed number of statements for each batch of rows, journalled so that ``undo_import``
restores exactly what stood there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.importing.guards import (
    check_may_import,
    check_not_earlier,
    check_whole,
    hold_waiting,
    newest_batch_id,
)
from enterprises.importing.journal import Journal, create_all, update_all
from enterprises.importing.long.pouring import Poured, pour
from enterprises.importing.long.steps import New
from enterprises.importing.money import write_money
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.register_plan import RegisterPlan, Step
from enterprises.importing.register_rows import RegisterRow
from enterprises.importing.report import register_report
from enterprises.models import Contact, Enterprise, ImportBatch, Membership, MoneyFigure
from enterprises.pinyin import spell
from organisations.journal import record
from organisations.models import AuditEvent, Region
from organisations.scope import Actor

_FIRM_FIELDS = (
    "name", "folded_name", "credit_code", "code_note", "pinyin", "initials", "condition",
    "address",
)  # fmt: skip
# what a step may say differently of the firm itself
_OF_FIRM = ("name", "credit_code", "code_note", "condition", "address")
_MEMBERSHIP_FIELDS = (
    "township", "industry_code", "industry_name", "ownership", "listed_text",
    "left_on", "left_reason",
)  # fmt: skip


@dataclass(frozen=True)
class RegisterOutcome:
    """What the cases above must follow. Ids are enterprise ids.

    ``joined_ids``: new on the register; ``returned_ids``: back after having left; ``left``: (id,
    reason) with reason bankrupt, deregistered or absent; ``moved``: (id, old county, new county);
    ``stopped_ids``: firms that this list is the first to mark 停产 (they stay; propose to suspend).
    """

    batch: ImportBatch
    joined_ids: tuple[int, ...] = ()
    left: tuple[tuple[int, str], ...] = ()
    returned_ids: tuple[int, ...] = ()
    moved: tuple[tuple[int, int, int], ...] = ()
    stopped_ids: tuple[int, ...] = ()


def register_batch(
    plan: RegisterPlan,
    *,
    by: Actor,
    at: datetime,
    confirm_leaving: int | None = None,
    batch: ImportBatch | None = None,
) -> RegisterOutcome:
    """Writes the plan in one transaction, or refuses it as a whole in words.

    ``batch``: the waiting row of an upload, else a new one is made. ``confirm_leaving``: the
    number of leaving firms, compulsory when more than 5 % of the register would leave.
    """
    check_may_import(plan.city, by)
    check_leaving(plan, confirm_leaving)
    places = plan.regions.places
    spelled = {row.name: spell(row.name, places) for row in _rows_with_names(plan)}
    with transaction.atomic():
        Region.objects.select_for_update(no_key=True).get(pk=plan.city.pk)
        check_not_earlier(plan.city, plan.as_of)
        if newest_batch_id(plan.city) != plan.base_batch_id:
            raise ImportRefused(
                "stale_preview",
                _("Another list was imported meanwhile. Look at the preview again."),
            )
        batch = _applied_batch(plan, batch, by, at, confirm_leaving)
        return _Writing(plan, batch, spelled).write()


def mostly_refused(plan: RegisterPlan) -> str:
    """Why a long list of which hardly a row fits cannot be taken; empty when it can."""
    if not plan.is_mostly_refused:
        return ""
    if not plan.taken:
        return _("No row of this list can be taken. Nothing was changed; correct the rows below.")
    refused = len({(finding.sheet, finding.row) for finding in plan.refused})
    return _(
        "%(refused)d rows are refused and only %(taken)d can be taken: this does not look "
        "like this city's list. Nothing was changed; check the file."
    ) % {"refused": refused, "taken": plan.taken}


def check_is_this_city_s(plan: RegisterPlan) -> None:
    """A long list of which more rows are refused than taken is the wrong list, not a register."""
    check_whole(plan.whole)
    if words := mostly_refused(plan):
        raise ImportRefused("mostly_refused", words)


def check_leaving(plan: RegisterPlan, confirmed: int | None) -> None:
    """Too many leaving firms need their number, and a number that is given must be right."""
    check_is_this_city_s(plan)
    leaving = len(plan.leaving)
    if confirmed is None and not plan.needs_confirmation:
        return
    if confirmed == leaving:
        return
    if confirmed is None:
        raise ImportRefused(
            "too_many_leaving",
            _(
                "%(leaving)s firms would leave the register, more than 5%% of %(members)s. Check "
                "that the list is complete; if it is, confirm the number %(leaving)s."
            )
            % {"leaving": leaving, "members": plan.members},
        )
    raise ImportRefused(
        "leaving_differs",
        _("%(confirmed)s was confirmed, but %(leaving)s firms would leave. Look again.")
        % {"confirmed": confirmed, "leaving": leaving},
    )


def _rows_with_names(plan: RegisterPlan) -> list[RegisterRow]:
    """Rows whose name will be written, but for those that are poured."""
    steps = (*_by_hand(plan), *plan.leaving, *(s for s in plan.changed if _has(s, "name")))
    return [step.row for step in steps if step.row is not None]


def _by_hand(plan: RegisterPlan) -> Sequence[Step]:
    """The new firms that are written one by one: of a long list few."""
    return plan.new.others if isinstance(plan.new, New) else plan.new


def _has(step: Step, *fields: str) -> bool:
    return any(change.field in fields for change in step.changes)


def _applied_batch(
    plan: RegisterPlan,
    batch: ImportBatch | None,
    by: Actor,
    at: datetime,
    confirm_leaving: int | None,
) -> ImportBatch:
    if batch is not None:
        hold_waiting(batch)
    batch = batch or ImportBatch(kind=ImportBatch.Kind.REGISTER, city=plan.city, at=at)
    batch.state = ImportBatch.State.APPLIED
    batch.file_name, batch.sha256, batch.as_of = plan.file_name[:200], plan.sha256, plan.as_of
    batch.report = register_report(plan)
    batch.done_rows = batch.total_rows = batch.report["rows"]
    batch.applied_at = at
    batch.by = batch.by or by.user
    # who confirmed need not be who uploaded
    batch.options = {**batch.options, "applied_by": str(by.user or "")}
    if confirm_leaving is not None:
        batch.options = {**batch.options, "confirm_leaving": confirm_leaving}
    batch.save()
    record(AuditEvent.Kind.IMPORT, "import_register", batch, by=by, at=at, **batch.report["counts"])
    return batch


class _Writing:
    """One application of a plan; collects instances first, then writes kind by kind."""

    def __init__(
        self, plan: RegisterPlan, batch: ImportBatch, spelled: dict[str, tuple[str, str]]
    ) -> None:
        self.plan = plan
        self.journal = Journal(batch)
        self.batch = batch
        self.spelled = spelled
        self.pairs: list[tuple[Step, Enterprise]] = []
        self.new = _by_hand(plan)
        self.poured = Poured()

    def write(self) -> RegisterOutcome:
        if isinstance(self.plan.new, New):
            self.poured = pour(self.plan, self.plan.new, self.batch)
        self._firms()
        outcome = self._outcome()
        self._end_memberships()
        self._begin_memberships()
        self._correct_memberships()
        self._contacts()
        self._money()
        self.journal.store()
        return outcome

    def _outcome(self) -> RegisterOutcome:
        """Read before memberships are ended, as the old county is still on them."""
        plan = self.plan
        moved = [s for s in plan.changed if s.moves_county]
        stopped = [s for s in (*self.new, *plan.changed) if _newly_stopped(s)]
        return RegisterOutcome(
            batch=self.batch,
            joined_ids=(*self.poured.ids, *self._ids([s for s in self.new if not s.is_returning])),
            returned_ids=self._ids([s for s in self.new if s.is_returning]),
            left=tuple(
                (s.firm.id, str(s.reason)) for s in plan.leaving if s.firm and s.firm.membership
            ),
            moved=tuple(
                (s.firm.id, s.firm.membership.county_id, s.row.county_id)
                for s in moved
                if s.firm and s.firm.membership and s.row
            ),
            stopped_ids=(*self.poured.stopped, *self._ids(stopped)),
        )

    def _ids(self, steps: list[Step]) -> tuple[int, ...]:
        wanted = {id(step) for step in steps}
        return tuple(firm.pk for step, firm in self.pairs if id(step) in wanted)

    def _firms(self) -> None:
        """Creates unknown firms and corrects known ones; ``pairs`` then has every written step."""
        created: list[Enterprise] = []
        updated: list[Enterprise] = []
        for step in (*self.new, *self.plan.changed, *self.plan.leaving):
            if step.row is None:
                assert step.firm is not None
                self.pairs.append((step, step.firm.enterprise))
            elif step.firm is None:
                firm = self._new_firm(step.row)
                created.append(firm)
                self.pairs.append((step, firm))
            else:
                if self._correct_firm(step, step.firm.enterprise, step.row):
                    updated.append(step.firm.enterprise)
                self.pairs.append((step, step.firm.enterprise))
        create_all(Enterprise, created, self.journal)
        update_all(Enterprise, updated, _FIRM_FIELDS)

    def _new_firm(self, row: RegisterRow) -> Enterprise:
        pinyin, initials = self.spelled[row.name]
        return Enterprise(
            name=row.name,
            folded_name=row.folded_name,
            credit_code=row.credit_code or None,
            code_note=row.code_note,
            pinyin=pinyin,
            initials=initials,
            condition=row.condition or Enterprise.Condition.NORMAL,
            address=row.address,
        )

    def _correct_firm(self, step: Step, firm: Enterprise, row: RegisterRow) -> bool:
        leaves = row.is_leaving and firm.condition != row.condition
        if not leaves and not _has(step, *_OF_FIRM):
            return False
        self.journal.about_to_change(firm)
        if leaves:
            firm.condition = row.condition
            return True
        if _has(step, "name"):
            firm.name, firm.folded_name = row.name, row.folded_name
            firm.pinyin, firm.initials = self.spelled[row.name]
        if _has(step, "credit_code"):
            firm.credit_code = row.credit_code
        if _has(step, "code_note"):
            firm.code_note = row.code_note
        firm.condition = row.condition or firm.condition
        firm.address = row.address or firm.address
        return True

    def _end_memberships(self) -> None:
        ended: list[Membership] = []
        moved = Membership.LeftReason.MOVED
        ends = [(s, str(s.reason)) for s in self.plan.leaving]
        ends += [(s, str(moved)) for s in self.plan.changed if s.moves_county]
        for step, reason in ends:
            if step.firm is None or step.firm.membership is None:
                continue
            membership = step.firm.membership
            self.journal.about_to_change(membership)
            membership.left_on, membership.left_reason = self.plan.as_of, reason
            ended.append(membership)
        update_all(Membership, ended, ("left_on", "left_reason"))

    def _begin_memberships(self) -> None:
        rows: list[Membership] = []
        begins = {id(s) for s in self.new}
        begins |= {id(s) for s in self.plan.changed if s.moves_county}
        for step, firm in self.pairs:
            if step.row is None:
                continue
            unknown = step.row.is_leaving and not (step.firm and step.firm.was_member)
            if id(step) not in begins and not unknown:
                continue
            membership = self._membership(step, firm, step.row)
            if unknown:
                membership.left_on = self.plan.as_of
                membership.left_reason = step.row.condition
            rows.append(membership)
        create_all(Membership, rows, self.journal)

    def _membership(self, step: Step, firm: Enterprise, row: RegisterRow) -> Membership:
        """A new row; where the list is blank, a moved firm keeps what its old row said."""
        old = step.firm.membership if step.firm else None
        return Membership(
            city=self.plan.city,
            enterprise=firm,
            county_id=row.county_id,
            township_id=row.township_id,
            industry_code=row.industry_code or (old.industry_code if old else ""),
            industry_name=row.industry_name or (old.industry_name if old else ""),
            ownership=row.ownership or (old.ownership if old else ""),
            listed_text=row.listed_text or (old.listed_text if old else ""),
            joined_on=self.plan.as_of,
        )

    def _correct_memberships(self) -> None:
        corrected: list[Membership] = []
        fields = ("township", "industry_code", "industry_name", "ownership", "listed")
        for step in self.plan.changed:
            membership = step.firm.membership if step.firm else None
            if membership is None or step.moves_county or not _has(step, *fields):
                continue
            self.journal.about_to_change(membership)
            for change in step.changes:
                if change.field == "township":
                    membership.township_id = int(change.after) if change.after else None
                elif change.field in fields:
                    attribute = "listed_text" if change.field == "listed" else change.field
                    setattr(membership, attribute, change.after)
            corrected.append(membership)
        update_all(Membership, corrected, _MEMBERSHIP_FIELDS)

    def _contacts(self) -> None:
        created: list[Contact] = []
        updated: list[Contact] = []
        for step, firm in self.pairs:
            row = step.row
            if row is None or row.is_leaving or not (row.contact or row.phone):
                continue
            contact = step.firm.contact if step.firm else None
            if contact is None:
                created.append(Contact(enterprise=firm, name=row.contact, phone=row.phone))
            elif _has(step, "contact", "phone"):
                self.journal.about_to_change(contact)
                contact.name = row.contact or contact.name
                contact.phone = row.phone or contact.phone
                updated.append(contact)
        create_all(Contact, created, self.journal)
        update_all(Contact, updated, ("name", "phone"))

    def _money(self) -> None:
        """Revenue, only where the plan carries its lawful source."""
        if not self.plan.money_source:
            return
        revenue = {
            firm.pk: step.row.revenue
            for step, firm in (*self.pairs, *self._unchanged())
            if step.row is not None and step.row.revenue is not None
        }
        write_money(
            revenue, MoneyFigure.Kind.REVENUE, self.plan.as_of, self.plan.money_source, self.journal
        )

    def _unchanged(self) -> list[tuple[Step, Enterprise]]:
        return [(s, s.firm.enterprise) for s in self.plan.unchanged if s.firm]


def _newly_stopped(step: Step) -> bool:
    if step.row is None or step.row.condition != Enterprise.Condition.STOPPED:
        return False
    return step.firm is None or _has(step, "condition")
