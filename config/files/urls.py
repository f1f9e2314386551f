"""Addresses of the files that are written in the background."""

from django.urls import path

from config.files import views

urlpatterns = [
    path("files/", views.file_jobs, name="file_jobs"),
    path("files/<int:pk>/", views.file_job, name="file_job"),
    path("files/<int:pk>/progress/", views.file_job_progress, name="file_job_progress"),
    path("files/<int:pk>/file/", views.file_job_file, name="file_job_file"),
    path("files/<int:pk>/cancel/", views.file_job_cancel, name="file_job_cancel"),
]
