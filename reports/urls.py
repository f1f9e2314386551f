"""进度调度, 文书简报."""

from django.urls import path

from reports.views import documents
from reports.views.materials import materials
from reports.views.progress import goals, progress

urlpatterns = [
    path("progress/", progress, name="progress"),
    path("progress/goals/", goals, name="goals"),
    path("meetings/<int:pk>/materials/", materials, name="meeting_materials"),
    path("documents/", documents.documents, name="documents"),
    path("documents/compile/", documents.document_compile, name="document_compile"),
    path("documents/register/<int:pk>/", documents.document_register, name="document_register"),
    path("documents/<int:pk>/", documents.document, name="document"),
    path("documents/<int:pk>/document.pdf", documents.document_pdf, name="document_pdf"),
    path("documents/<int:pk>/<slug:do>/", documents.document_act, name="document_act"),
]
