"""Addresses of the register: the list of firms and the page of one."""

from django.urls import path

from enterprises.views import firm, firms, numbers

urlpatterns = [
    path("firms/", firms.firms, name="firms"),
    path("firms/numbers/", numbers.numbers_import, name="numbers_import"),
    path("firms/numbers/template/", numbers.numbers_template, name="numbers_template"),
    path("firms/<int:pk>/", firm.firm, name="firm"),
    path("firms/<int:pk>/numbers/", numbers.firm_numbers, name="firm_numbers"),
]
