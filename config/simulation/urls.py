"""Addresses of the dry run of a plan."""

from django.urls import path

from config.simulation import views

urlpatterns = [
    path("programmes/simulation/", views.simulation, name="simulation"),
    path("programmes/simulation/export/", views.simulation_export, name="simulation_export"),
]
