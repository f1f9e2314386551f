"""Every address of the product; each app wires its own views in its ``urls.py``."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("organisations.urls")),
]
