"""The addresses of pages without an account."""

from django.urls import path

from huying.public import answering

urlpatterns = [
    path("a/thanks", answering.thanks, name="outside_thanks"),
    path("a/<str:token>", answering.ask, name="outside_ask"),
    path("a/<str:token>/photos/<int:place>", answering.photo, name="outside_photo"),
]
