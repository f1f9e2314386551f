"""Programme packs: check, issue, read."""

from django.urls import path

from workflows import views

urlpatterns = [
    path("programmes/packs/", views.upload, name="pack_upload"),
    path("programmes/packs/issue/", views.issue, name="pack_issue"),
    path("programmes/<slug:key>/v<int:number>/", views.version, name="pack_version"),
    path("programmes/<slug:key>/v<int:number>/text/", views.text, name="pack_text"),
]
