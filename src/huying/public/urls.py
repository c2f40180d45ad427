"""The addresses of pages without an account."""

from django.urls import path

from huying.public import (
    answering,
    booked,
    branches,
    figures,
    following,
    neighbours,
    platforms,
    reporting,
)

urlpatterns = [
    path("a/thanks", answering.thanks, name="outside_thanks"),
    path("a/<str:token>", answering.ask, name="outside_ask"),
    path("a/<str:token>/photos/<int:place>", answering.photo, name="outside_photo"),
    path("report", reporting.report, name="public_report"),
    path("report/hints", reporting.hints, name="public_hints"),
    path("report/questions", reporting.questions, name="public_questions"),
    path("report/grids.json", reporting.grids, name="public_grids"),
    path("report/sum/<str:ticket>", reporting.picture, name="public_sum"),
    path("report/privacy", reporting.privacy, name="public_privacy"),
    path("done", figures.done, name="public_done"),
    path("done.csv", figures.done_csv, name="public_done_csv"),
    path("b/<str:code>", branches.branch, name="public_branch"),
    path("f/", following.enter, name="follow_code"),
    path("f/<str:code>", following.follow, name="follow"),
    path("f/<str:code>/code.svg", following.code_picture, name="follow_picture"),
    path("f/<str:code>/photos/<int:place>", following.photo, name="follow_photo"),
    path("f/<str:code>/<slug:what>", following.act, name="follow_act"),
    path("n/", neighbours.start, name="n_start"),
    path("n/f/", neighbours.enter, name="n_enter"),
    path("n/f/<str:code>", neighbours.follow, name="n_follow"),
    path("n/f/<str:code>/rate", neighbours.rate, name="n_rate"),
    path("n/f/<str:code>/forget", neighbours.forget, name="n_forget"),
    path("n/c/<str:code>", neighbours.certificate, name="n_certificate"),
    path("n/s/", booked.enter, name="n_booked_enter"),
    path("n/s/<str:code>", booked.booked, name="n_booked"),
    path("n/s/<str:code>/<slug:what>", booked.act, name="n_booked_act"),
    path("n/photos/<uuid:pk>", neighbours.photo, name="n_photo"),
    path("n/<str:code>", neighbours.community, name="n_community"),
    path("n/<str:code>/suggest", neighbours.suggest, name="n_suggest"),
    path("n/<str:code>/services", platforms.services, name="n_services"),
    path("n/<str:code>/points/<uuid:pk>", platforms.point, name="n_point"),
    path("n/<str:code>/points/<uuid:pk>/book", platforms.book, name="n_book"),
]
