"""Addresses of one case: its page, acts, forms and papers; the closing batch; the firm's page."""

from django.urls import path

from cases.views import acts, case

urlpatterns = [
    path("cases/<int:pk>/", case.case_page, name="case"),
    path("cases/<int:pk>/acts/<slug:act>/", acts.case_act, name="case_act"),
    path("cases/<int:pk>/review/", acts.case_review, name="case_review"),
    path("firms/<int:pk>/cases/", case.case_fragment, name="case_fragment"),
]
