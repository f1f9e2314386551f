"""Verb: put a file into a form (a field of kind ``file``): kept from the moment it is chosen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, permissions, policies
from cases.actions import filling, paper_files
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.models import Case, FormFile
from cases.rulebook import rules_of
from organisations.roles import Act
from organisations.scope import Actor

# of one field, those left out again too: what is stored has a bound
MOST = 40


@transaction.atomic
def put_file(
    case: Case, *, form: str, field: str, paper: Paper, by: Actor, at: datetime
) -> FormFile:
    """A checked file for a field of the form of the step on hand; the same bytes are stored once.

    The answers name it by its number; nothing is answered by this verb itself.
    """
    step = engine.lock_one(case.pk)
    permissions.check_move(by, Act.RECORD_FORM, step.case, step.item)
    policies.check_clock(step.case, step.item, "record_form")
    filling.check_offered(step.case, form)
    chosen = rules_of(step.case).pack.form(form)
    if field not in {one.key for one in chosen.inputs if one.kind == "file"}:
        raise Refused("no_field", _("This form has no place for files of this name."))
    there = FormFile.objects.filter(case=step.case, form=form, field=field)
    same = there.filter(sha256=paper.sha256).first()
    if same is not None:
        return same
    if there.count() >= MOST:
        raise Refused("many_files", _("Too many files were put in here. Use those that are there."))
    made = FormFile.objects.create(
        case=step.case,
        form=form,
        field=field,
        file=paper.file,
        file_name=paper.name,
        media_type=paper.media_type,
        size=paper.size,
        sha256=paper.sha256,
        by=by.user,
        at=at,
    )
    paper_files.note([made])
    return made
