"""Every address of the product; each app wires its own views in its ``urls.py``."""

from django.urls import URLPattern, URLResolver, include, path

from config import catalogue, display, health, home, offline
from config.demo.tour import tour
from config.demo.views import time_travel

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("", include("organisations.urls")),
    path("", include("enterprises.urls")),
    path("", include("resources.urls")),
    path("", include("config.imports.urls")),
    path("", include("config.files.urls")),
    path("", include("config.simulation.urls")),
    path("", include("workflows.urls")),
    path("", include("cases.urls_people")),
    path("", include("cases.urls_lists")),
    path("", include("notifications.urls")),
    path("", include("cases.urls_case")),
    path("demo/tour/", tour, name="demo_tour"),
    path("demo/travel/", time_travel, name="time_travel"),
    path("", include("reports.urls")),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("offline/", offline.offline, name="offline"),
    path("field/hello/", offline.hello, name="field_hello"),
    path("display/", display.switch, name="display"),
    path("status/", health.status, name="status"),
    path("", include("config.trail.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("dev/components/", catalogue.components, name="components"),
    path("dev/components/phone/", catalogue.phone, name="components_phone"),
]

handler500 = "config.errors.server_error"
