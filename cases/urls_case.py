"""Addresses of one case: its page, acts, forms and papers; the closing batch; the firm's page."""

from django.urls import path

from cases.views import (
    acts,
    case,
    case_orders,
    closing,
    closing_numbers,
    evidence,
    firm_file,
    forms,
    partners,
    portal,
    visits,
)

urlpatterns = [
    path("cases/<int:pk>/", case.case_page, name="case"),
    path("cases/<int:pk>/acts/<slug:act>/", acts.case_act, name="case_act"),
    path("cases/<int:pk>/annex/", case_orders.case_annex, name="case_annex"),
    path("cases/<int:pk>/review/", acts.case_review, name="case_review"),
    path("cases/<int:pk>/form/", forms.case_form, name="case_form"),
    path("cases/<int:pk>/form/draft/", forms.case_form_draft, name="case_form_draft"),
    path("cases/<int:pk>/forms/<int:record>/", forms.case_record, name="case_record"),
    path("cases/<int:pk>/partners/", partners.case_partners, name="case_partners"),
    path("cases/<int:pk>/papers/", evidence.evidence_add, name="evidence_add"),
    path("cases/<int:pk>/papers/again/", evidence.evidence_reuse, name="evidence_reuse"),
    path("papers/", evidence.evidence_review, name="evidence_review"),
    path("papers/<int:pk>/", evidence.evidence_page, name="evidence"),
    path("papers/<int:pk>/file/", evidence.evidence_file, name="evidence_file"),
    path("papers/<int:pk>/decision/", evidence.evidence_decide, name="evidence_decide"),
    path("closings/", closing.closing_batch, name="closing_batch"),
    path("closings/numbers/", closing_numbers.closing_numbers, name="closing_numbers"),
    path(
        "closings/numbers/export/",
        closing_numbers.closing_numbers_export,
        name="closing_numbers_export",
    ),
    path("closings/review/", closing.closing_review, name="closing_review"),
    path("firms/<int:pk>/cases/", case.case_fragment, name="case_fragment"),
    path("firms/<int:pk>/visits/", firm_file.firm_visits, name="firm_visits"),
    path("firms/<int:pk>/visits/new/", visits.visit_new, name="visit_new"),
    path("firms/<int:pk>/papers/", firm_file.firm_papers, name="firm_papers"),
    path("firms/<int:pk>/years/", firm_file.firm_years, name="firm_years"),
    path("firms/<int:pk>/policies/", firm_file.firm_policies, name="firm_policies"),
    path("visits/new/", visits.visit_which, name="phone_visit"),
    path("visits/<int:pk>/taken-back/", visits.visit_take_back, name="visit_take_back"),
    path("portal/", portal.portal, name="portal"),
    path("portal/<int:pk>/<slug:criterion>/", portal.portal_upload, name="portal_upload"),
]
