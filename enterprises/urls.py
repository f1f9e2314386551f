"""Addresses of the register: the list of firms and the page of one."""

from django.urls import path

from enterprises.views import firm, firms

urlpatterns = [
    path("firms/", firms.firms, name="firms"),
    path("firms/<int:pk>/", firm.firm, name="firm"),
]
