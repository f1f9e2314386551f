"""调查表: the form that a plan asks first, on paper."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from cases.firm import firm_of, prefilled
from cases.models import Case
from cases.rulebook import rules_of
from cases.sheet import load
from reports.documents.content import Content, Section
from reports.documents.firm_papers import labels_of
from reports.documents.printed_forms import form_sections
from reports.documents.setting import LANGUAGE
from workflows.form_fields import Form
from workflows.text import localised
from workflows.wording import speaking

SHORT = 8  # characters of a form's name that need more to be a title


def survey_of(case: Case) -> Form:
    """The form of the first step that has one: what the plan asks of a firm first."""
    rules = rules_of(case)
    return rules.pack.form(next(s.form for s in rules.procedure.stages if s.form))


def questionnaire(case: Case, on: date) -> Content:
    """The pack's survey on paper: what is known filled in, the rest free (004-28)."""
    with speaking(LANGUAGE, case.programme.city_id):
        sheet, firm = load(case, on), firm_of(case, on)
        form = survey_of(case)
        record = sheet.record_of(form.key)
        signed = _("Firm (seal): %(blank)s Filled in by: %(blank)s Date: %(blank)s") % {
            "blank": "　" * 5
        }
        return Content(
            layout="form",
            masthead="",
            title=_titled(localised(form.title)),
            subtitle=(_("Case no. %(number)s") % {"number": case.number}, ""),
            sections=(
                *form_sections(
                    form,
                    dict(record.data) if record else {},
                    prefilled(case, firm),
                    labels_of(sheet),
                ),
                Section(paragraphs=(signed,)),
            ),
            words=(case.subject,),
            one_page=True,
            skips=("check", "number", "seal"),
        )


def _titled(name: str) -> str:
    """摸底表 alone does not say of what; a title that says it stays as it is."""
    return name if len(name) > SHORT else _("%(form)s of a firm above scale") % {"form": name}
