"""消息, 消息设置, 消息发送."""

from django.urls import path

from notifications.views import deliveries, notices, settings

urlpatterns = [
    path("notices/", notices.notices, name="notices"),
    path("notices/box/", notices.notices_box, name="notices_box"),
    path("notices/read/", notices.read, name="notices_read"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("me/messages/", settings.message_settings, name="message_settings"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/decide/", deliveries.decide, name="delivery_decide"),
    path("cases/<int:pk>/deliveries/", deliveries.case_deliveries, name="case_deliveries"),
]
