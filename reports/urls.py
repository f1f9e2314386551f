"""进度调度."""

from django.urls import path

from reports.views.progress import progress

urlpatterns = [path("progress/", progress, name="progress")]
