"""What kind of case a line is about, in words: a remedy, an issue, a monthly report."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.models import Case, WorkItem
from cases.policies import names_of
from cases.rulebook import pack_of
from workflows.text import localised

DASH = "—"


def remedy_label(case: Case) -> str:
    """整改事项 研发人员; empty for any other case."""
    if not case.criterion:
        return ""
    return _("Remedy %(what)s") % {"what": names_of(case, [case.criterion])}


def matter_label(case: Case) -> str:
    """What kind of matter it is, and of a firm's what about: 问题 用电容量不足."""
    if not case.is_matter:
        return ""
    kind = localised(pack_of(case.pack_version_id).procedure(case.procedure).title)
    return f"{kind} {case.title}".strip() if case.enterprise_id else kind


def kind_label(case: Case) -> str:
    """What a line says beside its firm: which remedy, or what kind of matter."""
    return remedy_label(case) or matter_label(case)


def asked_of(case: Case, item: WorkItem) -> str:
    """What the step of a matter asks for: its form by name."""
    pack = pack_of(case.pack_version_id)
    form = pack.procedure(case.procedure).stage(item.stage).form
    return localised(pack.form(form).title) if form else DASH
