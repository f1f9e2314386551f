"""进度调度, 文书简报."""

from django.urls import path

from reports.views import (
    assessment,
    changes,
    day_figures,
    document_sheets,
    documents,
    leader,
    months,
    papers,
    ranking,
    reconciling,
    samples,
    styles,
    visit_sheets,
)
from reports.views.comparing import progress_compare
from reports.views.correction import month_correction
from reports.views.materials import materials, meeting_pack
from reports.views.progress import goals, progress
from reports.views.progress_parts import progress_late, progress_outlook, progress_units
from reports.views.rank_sheet import county_ranks_export
from reports.views.receipts import receipts_box
from reports.views.reconciling_text import reconciling_copy

urlpatterns = [
    path("progress/", progress, name="progress"),
    path("progress/goals/", goals, name="goals"),
    path("progress/figures/", day_figures.day_figures, name="day_figures"),
    path("progress/figures/text/", day_figures.day_figures_copy, name="day_figures_copy"),
    path("progress/figures.xlsx", day_figures.day_figures_export, name="day_figures_export"),
    path("progress/leader/", leader.leader, name="leader"),
    path("progress/leader/expected/", leader.leader_side, name="leader_side"),
    path("progress/leader/words/", leader.leader_words, name="leader_words"),
    path("progress/leader.pdf", leader.leader_pdf, name="leader_pdf"),
    path("progress/assessment/", assessment.assessment, name="assessment"),
    path("progress/assessment.xlsx", assessment.assessment_export, name="assessment_export"),
    path("progress/assessment.pdf", assessment.assessment_pdf, name="assessment_pdf"),
    path("progress/compare/", progress_compare, name="progress_compare"),
    path("progress/outlook/", progress_outlook, name="progress_outlook"),
    path("progress/late/", progress_late, name="progress_late"),
    path("progress/units/", progress_units, name="progress_units"),
    path("progress/ranking/", ranking.county_ranks, name="county_ranks"),
    path("progress/ranking/text/", ranking.county_ranks_copy, name="county_ranks_copy"),
    path("progress/ranking/xlsx/", county_ranks_export, name="county_ranks_export"),
    path("progress/reconciling/text/", reconciling_copy, name="reconciling_copy"),
    path("progress/reconciling/", reconciling.reconciling, name="reconciling"),
    path("progress/months/", months.months, name="months"),
    path("progress/months/freeze/", months.month_freeze, name="month_freeze"),
    path("progress/months/<int:pk>/", months.month, name="month"),
    path("progress/months/<int:pk>/firms.xlsx", months.month_firms, name="month_firms"),
    path("progress/months/<int:pk>/correction/", month_correction, name="month_correction"),
    path("progress/months/<int:pk>/province/", months.month_published, name="month_published"),
    path("progress/changes/", changes.month_changes, name="month_changes"),
    path("progress/changes.xlsx", changes.month_changes_export, name="month_changes_export"),
    path("meetings/<int:pk>/materials/", materials, name="meeting_materials"),
    path("meetings/<int:pk>/materials.<slug:ending>", meeting_pack, name="meeting_pack"),
    path("documents/", documents.documents, name="documents"),
    path("documents/box/", receipts_box, name="receipts_box"),
    path("documents/compile/", documents.document_compile, name="document_compile"),
    path("documents/register/", documents.documents_register, name="documents_register"),
    path("documents/register/<int:pk>/", documents.document_register, name="document_register"),
    path("documents/<int:pk>/", documents.document, name="document"),
    path("documents/<int:pk>/document.pdf", documents.document_pdf, name="document_pdf"),
    path("documents/<int:pk>/file.<slug:ending>", documents.document_file, name="document_file"),
    path("documents/sheets/<int:pk>/", document_sheets.document_sheet, name="document_sheet"),
    path("documents/to-seal/", documents.documents_to_seal, name="documents_to_seal"),
    path("documents/lists/<slug:kind>.<slug:ending>", papers.list_paper, name="list_paper"),
    path("documents/styles/", styles.house_styles, name="house_styles"),
    path("documents/styles/<slug:kind>/", styles.house_style, name="house_style"),
    path("documents/styles/<slug:kind>/save/", styles.house_style_save, name="house_style_save"),
    path(
        "documents/styles/<slug:kind>/template.docx", styles.house_template, name="house_template"
    ),
    path(
        "documents/styles/<slug:kind>/template/",
        styles.house_template_save,
        name="house_template_save",
    ),
    path(
        "firms/<int:pk>/samples/<slug:sample>.<slug:ending>",
        samples.firm_sample,
        name="firm_sample",
    ),
    path("visits/<int:pk>/sheet.<slug:ending>", visit_sheets.visit_paper, name="visit_paper"),
    path("cases/<int:pk>/documents/", papers.case_documents, name="case_documents"),
    path("cases/<int:pk>/papers/<slug:kind>.<slug:ending>", papers.case_paper, name="case_paper"),
    path("cases/<int:pk>/papers/<slug:kind>/draft/", papers.case_draft, name="case_draft"),
    path("documents/<int:pk>/<slug:do>/", documents.document_act, name="document_act"),
]
