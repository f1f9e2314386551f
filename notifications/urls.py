"""消息."""

from django.urls import path

from notifications import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/box/", views.notices_box, name="notices_box"),
    path("notices/read/", views.read, name="notices_read"),
    path("notices/<int:pk>/", views.notice, name="notice"),
]
