"""Addresses of the directory: lists, entries, import, vocabulary."""

from django.urls import path

from resources.views import editing, importing, lists, pages

urlpatterns = [
    path("resources/", lists.resources, name="resources"),
    path("resources/export/", lists.resources_export, name="resources_export"),
    path("resources/new/", editing.resource_new, name="resource_new"),
    path("resources/import/", importing.upload, name="resources_import"),
    path("resources/import/template/", importing.template, name="resources_template"),
    path("resources/import/confirm/", importing.confirm, name="resources_import_confirm"),
    path("resources/words/", editing.field_words, name="field_words"),
    path("resources/words/<int:pk>/drop/", editing.field_word_drop, name="field_word_drop"),
    path("resources/experts/", lists.experts, name="experts"),
    path("resources/experts/export/", lists.experts_export, name="experts_export"),
    path("resources/experts/new/", editing.expert_new, name="expert_new"),
    path("resources/experts/<int:pk>/", pages.expert, name="expert"),
    path("resources/experts/<int:pk>/edit/", editing.expert_edit, name="expert_edit"),
    path("resources/<int:pk>/", pages.resource, name="resource"),
    path("resources/<int:pk>/edit/", editing.resource_edit, name="resource_edit"),
    path("resources/<int:pk>/members/", editing.member_new, name="member_new"),
]
