"""Addresses of the register: the list of firms and the page of one."""

from django.urls import path

from enterprises.views import clerks, entering, firm, firms, numbers

urlpatterns = [
    path("firms/", firms.firms, name="firms"),
    path("firms/numbers/", numbers.numbers_import, name="numbers_import"),
    path("firms/numbers/template/", numbers.numbers_template, name="numbers_template"),
    path("firms/<int:pk>/", firm.firm, name="firm"),
    path("firms/<int:pk>/clerks/", clerks.firm_clerks, name="firm_clerks"),
    path("enter/", entering.enter, name="enter"),
    path("enter/<slug:code>/", entering.enter_firm, name="enter_firm"),
    path("firms/<int:pk>/numbers/", numbers.firm_numbers, name="firm_numbers"),
]
