"""Addresses of the lists: workbench, ledger, bulk acts, supervision, programmes."""

from django.urls import path

from cases.views import (
    bulk,
    calendar,
    drafts,
    export,
    ledger,
    matches,
    opening,
    overdue,
    versions,
    workbench,
)

urlpatterns = [
    path("workbench/", workbench.workbench, name="workbench"),
    path("workbench/copy/", workbench.copy, name="workbench_copy"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/print/", ledger.print_view, name="ledger_print"),
    path("ledger/copy/", ledger.copy, name="ledger_copy"),
    path("ledger/export/", export.export, name="ledger_export"),
    path("ledger/bulk/<slug:act>/", bulk.bulk, name="bulk"),
    path("matches/", matches.matches, name="matches"),
    path("matches/export/", matches.matches_export, name="matches_export"),
    path("matches/mine/", matches.expert_home, name="expert_home"),
    path("resources/<int:pk>/matches/", matches.resource_matches, name="resource_matches"),
    path("resources/experts/<int:pk>/matches/", matches.expert_matches, name="expert_matches"),
    path("programmes/", opening.programmes, name="programmes"),
    path("programmes/<slug:key>/versions/", versions.versions, name="programme_versions"),
    path("programmes/<slug:key>/diff/", versions.difference, name="programme_diff"),
    path("programmes/<slug:key>/touched/", versions.touched, name="programme_touched"),
    path("programmes/<slug:key>/migrate/", versions.migrate, name="programme_migrate"),
    path("working-days/", calendar.working_days, name="working_days"),
    path("programmes/<slug:key>/open/", opening.open_wave, name="programme_open"),
    path("ledger/undo/<slug:batch>/", bulk.undo, name="bulk_undo"),
    path("supervision/", overdue.overdue, name="overdue"),
    path("supervision/near/", overdue.near, name="near"),
    path("supervision/reminders/", overdue.reminders, name="reminders"),
    path("supervision/calls/", overdue.calls, name="calls"),
    path("supervision/calls/<int:pk>/", overdue.call_result, name="call_result"),
    path("supervision/letters/", drafts.drafts, name="drafts"),
    path("supervision/letters/<int:pk>/", drafts.draft, name="draft"),
    path("supervision/received/<int:pk>/", drafts.letter, name="letter"),
    path("supervision/letters/<int:pk>/release/", drafts.release, name="draft_release"),
    path("supervision/letters/<int:pk>/drop/", drafts.drop, name="draft_drop"),
]
