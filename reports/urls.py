"""进度调度."""

from django.urls import path

from reports import views

urlpatterns = [path("progress/", views.progress, name="progress")]
