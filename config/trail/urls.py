"""Addresses of the audit trail and of how long what is kept."""

from django.urls import path

from config.trail import keeping, views

urlpatterns = [
    path("trail/", views.audit, name="audit"),
    path("trail/export/", views.audit_export, name="audit_export"),
    path("trail/verify/", views.audit_verify, name="audit_verify"),
    path("trail/keeping/", keeping.keeping, name="keeping"),
]
