"""Forms: kept as a draft while a stage lasts, checked and sealed when it is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, permissions, policies, reconciling
from cases.actions import matching
from cases.around import Around
from cases.drafts_seen import check_seen
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, CaseEvent, Evidence, FormFile, FormRecord
from cases.rulebook import rules_of
from organisations.days import day_of
from organisations.numbers_sent import numbers_of
from organisations.roles import Act
from organisations.scope import Actor
from workflows import forms, forms_unsound
from workflows.form_fields import Form
from workflows.packs import Pack
from workflows.same import Same
from workflows.text import localised


class FormRefused(Refused):
    """Fields that lack or are wrong: ``errors`` by field key, in words.

    ``fields`` is the same as a list for doors without a page: key, place on the form, words.
    """

    def __init__(self, pack: Pack | None, form: Form, errors: Mapping[str, str]) -> None:
        super().__init__(
            "form_incomplete",
            _("%(n)d fields need another look. They are marked below.") % {"n": len(errors)},
        )
        self.errors = dict(errors)
        haves = pack.haves if pack is not None else ()
        names = {have.key: localised(have.label) for have in haves}
        self.fields = [
            {"field": key, "place": forms.place_of(form, key, names), "words": words}
            for key, words in errors.items()
        ]


def form_of(case: Case, key: str | None = None) -> Form | None:
    """The form of the stage that the case stands in, or the one named."""
    rules = rules_of(case)
    if key is None and rules.stage is not None:
        key = rules.stage.form_for(case.criterion or None)
    return rules.pack.form(key) if key else None


@transaction.atomic
def save_draft(
    case_id: int,
    *,
    form: str,
    data: Mapping[str, Any],
    by: Actor,
    at: datetime,
    keeps_unsound: bool = False,
    seen: str | None = None,
) -> FormRecord:
    """Keep what was filled in so far; what is there must be sound, nothing is compulsory yet.

    ``keeps_unsound``: what is not sound is kept apart as it was typed, instead of being refused.
    ``seen``: the mark of the draft that the page showed; somebody else's newer one is not lost.
    """
    step = engine.lock_one(case_id)
    permissions.check_move(by, Act.RECORD_FORM, step.case, step.item)
    policies.check_clock(step.case, step.item, "record_form")
    engine.check_time(step, at)
    check_offered(step.case, form)
    chosen = rules_of(step.case).pack.form(form)
    cleaned, errors = _checked(step.case, chosen, data, at, _due(step), complete=False)
    if errors and not keeps_unsound:
        raise FormRefused(rules_of(step.case).pack, chosen, errors)
    held = FormRecord.objects.filter(case=step.case, form=form, is_draft=True).first()
    check_seen(held, seen, by)
    record = held or FormRecord(case=step.case, form=form)
    record.data, record.unsound = forms_unsound.apart(cleaned, errors)
    record.by, record.at, record.item = by.user, at, step.item
    record.pack_version_id = step.case.pack_version_id
    matching.mark(record, step.case, chosen)
    record.save()
    return record


def check_offered(case: Case, key: str) -> None:
    """Only the form of the step on hand is filled in: another one would be read by nobody."""
    rules = rules_of(case)
    offered = rules.pack.form_for(rules.stage, case.criterion or None) if rules.stage else None
    if offered is None:
        raise Refused("no_form", _("This step has no form."))
    if offered.key != key:
        words = _("This step has another form: %(form)s %(title)s.")
        title = localised(offered.title)
        raise Refused("no_form", words % {"form": offered.key, "title": title})


def finish(
    step: Step,
    key: str,
    data: Mapping[str, Any] | None,
    around: Around,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Check the form for completeness and plan to seal it; ``data`` replaces the draft.

    Without either, what was sealed before counts anew: after a return nobody types it again. The
    survey's answers set the class, and from then on it is known what is lacking.
    """
    case = step.case
    known = [record for record in around.forms if record.form == key]
    held = max(known, key=lambda record: (record.is_draft, record.pk), default=None)
    draft = held if held is not None and held.is_draft else None
    given = dict(data) if data is not None else _as_typed(held)
    form = rules_of(case).pack.form(key)
    cleaned, errors = _checked(case, form, given, at, _due(step))
    errors |= reconciling.unsupported(case, form, cleaned, day_of(at))
    if errors:
        raise FormRefused(rules_of(case).pack, form, errors)
    record = draft or FormRecord(case=case, form=key)
    record.data, record.unsound, record.is_draft, record.item = cleaned, {}, False, step.item
    record.by, record.at = by.user, at
    if draft is None:
        around.forms.append(record)
    matching.mark(record, case, form)
    step.forms.append(record)
    if cleaned.get("grade"):
        case.grade = str(cleaned["grade"])
    if forms.HAVES in cleaned:
        set_lacking(case, around.papers_of(case))
    step.data["form"] = key


def _check_files(case: Case, form: Form, data: Mapping[str, Any]) -> None:
    """A form names files of its own case, or of the year before; one statement where it has any."""
    keys = [field.key for field in form.inputs if field.kind == "file"]
    numbers = numbers_of(str(n) for key in keys for n in data.get(key) or [])
    if not numbers:
        return
    own = [pk for pk in (case.pk, case.carried_from_id) if pk is not None]
    if FormFile.objects.filter(pk__in=numbers).exclude(case__in=own).exists():
        raise Refused("other_file", _("A file that is named belongs to another case."))


def _as_typed(held: FormRecord | None) -> dict[str, Any]:
    return forms_unsound.together(held.data, held.unsound) if held is not None else {}


def _due(step: Step) -> date | None:
    return step.item.due_on if step.item is not None else None


def _checked(
    case: Case,
    form: Form,
    data: Mapping[str, Any],
    at: datetime,
    due: date | None,
    *,
    complete: bool = True,
) -> tuple[dict[str, Any], dict[str, str]]:
    """What was filled in, checked against the day of the opening and the end of the work too.
    ``due``: the date that the step was given.

    A case of the running ledger was at work before it was taken over: since the programme began.
    """
    today, pack = day_of(at), rules_of(case).pack
    _check_files(case, form, data)
    # the work is over and this goes on all the same, or has been given longer
    until = max(pack.work_until, due or today) if today <= pack.work_until else None
    told: dict[str, Any] = {"today": today, "complete": complete, "until": until}
    found = forms.validate(form, data, since=case.opened_on, **told)
    if found[1] and CaseEvent.objects.filter(case=case, verb="import").exists():
        since = min(case.opened_on, pack.work_from)
        return forms.validate(form, data, since=since, **told)
    return found


def set_lacking(case: Case, papers: Iterable[Evidence]) -> None:
    """What accepted papers do not prove yet, kept with the case for ledgers and letters."""
    case.lacking = policies.lacking(case, papers)
    case.lacking_count = len(case.lacking)


def is_surveyed(case: Case, records: Iterable[FormRecord]) -> bool:
    """Whether it is known what lacks: a class says so, or a survey in a plan without classes."""
    return bool(case.grade) or bool(_surveys(case, records))


def found_missing(case: Case, records: Iterable[FormRecord]) -> set[str]:
    """The haves that the newest survey did not find in order; all while there is none.

    ``records``: the case's forms, oldest first.
    """
    sealed = _surveys(case, records)
    return set(forms.missing_haves(sealed[-1].data)) if sealed else set(case.lacking)


def _surveys(case: Case, records: Iterable[FormRecord]) -> list[FormRecord]:
    """The finished forms of a case that say which haves are there."""
    wanted = _survey_forms(Same(rules_of(case).pack))
    return [r for r in records if r.form in wanted and not r.is_draft]


@lru_cache(maxsize=256)
def _survey_forms(pack: Same[Pack]) -> frozenset[str]:
    return frozenset(
        key
        for key, form in pack.one.forms.items()
        if any(field.kind == forms.HAVES for field in form.inputs)
    )
