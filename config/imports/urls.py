"""Addresses of the import wizard."""

from django.urls import path

from config.imports import columns, views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/<slug:kind>/", views.start, name="import_start"),
    path("imports/<int:pk>/", views.show, name="import"),
    path("imports/<int:pk>/progress/", views.progress, name="import_progress"),
    path("imports/<int:pk>/columns/", columns.import_columns, name="import_columns"),
    path("imports/<int:pk>/report/", views.report, name="import_report"),
    path("imports/<int:pk>/confirm/", views.confirm, name="import_confirm"),
    path("imports/<int:pk>/accept/", views.accept, name="import_accept"),
    path("imports/<int:pk>/drop/", views.drop, name="import_drop"),
    path("imports/<int:pk>/undo/", views.undo, name="import_undo"),
]
