"""The addresses of systems that sign what they send."""

from django.urls import path

from huying.exchange import views

urlpatterns = [
    path("exchange/alarms/<slug:source>", views.device_alarm, name="device_alarm_message"),
    path("exchange/hotline/<slug:source>", views.hotline_message, name="hotline_message"),
    path(
        "exchange/hotline/<slug:source>/orders/<str:number>",
        views.hotline_order,
        name="hotline_order",
    ),
    path(
        "exchange/hotline/<slug:source>/orders/<str:number>/replay",
        views.hotline_replay,
        name="hotline_replay",
    ),
    path(
        "exchange/hotline/<slug:source>/attachments/<uuid:pk>",
        views.hotline_attachment,
        name="hotline_attachment",
    ),
]
