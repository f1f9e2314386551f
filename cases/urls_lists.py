"""Addresses of the lists: workbench, ledger, bulk acts, supervision, programmes."""

from django.urls import path

from cases.views import bulk, export, ledger, opening

urlpatterns = [
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/print/", ledger.print_view, name="ledger_print"),
    path("ledger/copy/", ledger.copy, name="ledger_copy"),
    path("ledger/export/", export.export, name="ledger_export"),
    path("ledger/bulk/<slug:act>/", bulk.bulk, name="bulk"),
    path("programmes/", opening.programmes, name="programmes"),
    path("programmes/<slug:key>/open/", opening.open_wave, name="programme_open"),
    path("ledger/undo/<slug:batch>/", bulk.undo, name="bulk_undo"),
]
