"""What goes along when a case is carried over: papers that still count, and the forms filled in.

A paper is copied with its state and its reviewer (one file serves several years); contacts made
stay with the year in which they were made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from cases.actions.matching import partner_field
from cases.models import Case, Evidence, FormRecord, MatchRecord
from cases.proofs import proves
from workflows import carrying, criteria
from workflows.packs import Pack

State = Evidence.State
LIVE = (State.SUBMITTED, State.RETURNED, *Evidence.ACCEPTED)
Pairs = Sequence[tuple[Case, Case]]


@dataclass(frozen=True)
class Kept:
    """Papers that go along by the old case's id, and how many stay behind."""

    by_case: Mapping[int, Sequence[Evidence]]
    left: int
    # what was accepted in the old year, whether it goes along or not
    accepted: Mapping[int, frozenset[str]]

    def lacking(self, old: Case, pack: Pack) -> list[str]:
        """What the kept papers do not prove for the next year."""
        papers = self.by_case.get(old.pk, ())
        return _unmet(old, pack, {p.criterion for p in papers if proves(pack, p)})

    def was_proven(self, old: Case, pack: Pack) -> bool:
        """Whether nothing lacked as all was accepted, and not because nobody had looked."""
        accepted = self.accepted.get(old.pk, frozenset())
        return bool(accepted) and not _unmet(old, pack, accepted)


def _unmet(old: Case, pack: Pack, met: Iterable[str]) -> list[str]:
    rule = pack.procedure(old.procedure).criteria_for(None)
    return criteria.unmet(rule, dict.fromkeys(met, True)) if rule is not None else []


def take(cases: Sequence[Case], pack: Pack, on: date) -> Kept:
    """Which papers of these cases still count in the next programme on a day; two queries."""
    firms = [case.enterprise_id for case in cases]
    signed = MatchRecord.objects.filter(enterprise__in=firms, result=MatchRecord.Result.SIGNED)
    ends = dict(signed.values_list("enterprise").annotate(Max("valid_until")).order_by())
    plans = {plan.criterion: plan for plan in pack.evidence}
    found: dict[int, list[Evidence]] = defaultdict(list)
    accepted: dict[int, set[str]] = defaultdict(set)
    left = 0
    rows = Evidence.objects.filter(case__in=[case.pk for case in cases], state__in=LIVE)
    for paper in rows.order_by("id"):
        plan = plans.get(paper.criterion)
        until = paper.valid_until or ends.get(paper.enterprise_id)
        if proves(pack, paper):
            accepted[paper.case_id].add(paper.criterion)
        if plan is not None and carrying.is_kept(plan, on=on, valid_until=until):
            found[paper.case_id].append(paper)
        else:
            left += 1
    return Kept(dict(found), left, {pk: frozenset(names) for pk, names in accepted.items()})


def put(kept: Kept, pairs: Pairs) -> int:
    """Copy them to the new cases; one statement, and one where a paper was handed in for another.
    Their number."""
    kept_ones = [(paper, new) for old, new in pairs for paper in kept.by_case.get(old.pk, ())]
    copies = {paper.pk: _copy(paper, new) for paper, new in kept_ones}
    Evidence.objects.bulk_create(copies.values())
    linked = []
    for paper, _new in kept_ones:
        if paper.replaced_by_id in copies:
            copies[paper.pk].replaced_by = copies[paper.replaced_by_id]
            linked.append(copies[paper.pk])
    if linked:
        Evidence.objects.bulk_update(linked, ["replaced_by"])
    return len(copies)


def _copy(paper: Evidence, case: Case) -> Evidence:
    fields = [f.attname for f in Evidence._meta.concrete_fields]
    values = {name: getattr(paper, name) for name in fields}
    del values["id"], values["replaced_by_id"]
    return Evidence(**values | {"case_id": case.pk})


def copy_forms(pairs: Pairs) -> None:
    """The newest of each form, with who filled it in and when; two statements."""
    new_of = {old.pk: new for old, new in pairs}
    newest: dict[tuple[int, str, bool], FormRecord] = {}
    for record in _of_cases(new_of):
        newest[record.case_id, record.form, record.is_draft] = record
    FormRecord.objects.bulk_create(
        FormRecord(
            case=new_of[record.case_id],
            form=record.form,
            data=record.data,
            unsound=record.unsound,
            # a draft is finished in the new plan's words
            pack_version_id=new_of[record.case_id].pack_version_id
            if record.is_draft
            else record.pack_version_id or record.case.pack_version_id,
            is_draft=record.is_draft,
            by_id=record.by_id,
            at=record.at,
        )
        for record in _known(newest.values(), new_of)
    )


def _of_cases(ids: Iterable[int]) -> Iterable[FormRecord]:
    rows = FormRecord.objects.filter(case__in=list(ids)).select_related("case")
    return rows.order_by("id")


def _known(records: Iterable[FormRecord], new_of: Mapping[int, Case]) -> Iterable[FormRecord]:
    """Forms that the next programme has too, but those whose rows are contact records."""
    for record in records:
        form = new_of[record.case_id].pack_version.pack.forms.get(record.form)
        if form is not None and partner_field(form) is None:
            yield record
