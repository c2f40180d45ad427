"""The addresses of Open311; each with its form as extension, or without."""

from django.urls import path

from huying.open311 import views

urlpatterns = [
    path("open311/discovery.<str:form>", views.discovery, name="open311_discovery"),
    path("open311/v2/services.<str:form>", views.services, name="open311_services"),
    path("open311/v2/services", views.services, name="open311_services"),
    path("open311/v2/services/<str:code>.<str:form>", views.service, name="open311_service"),
    path("open311/v2/services/<str:code>", views.service, name="open311_service"),
    path("open311/v2/requests.<str:form>", views.requests, name="open311_requests"),
    path("open311/v2/requests", views.requests, name="open311_requests"),
    path("open311/v2/requests/<str:number>.<str:form>", views.request_, name="open311_request"),
    path("open311/v2/requests/<str:number>", views.request_, name="open311_request"),
    path("open311/v2/tokens/<str:token_id>.<str:form>", views.token, name="open311_token"),
    path("open311/v2/tokens/<str:token_id>", views.token, name="open311_token"),
    path("open311/<path:rest>", views.elsewhere, name="open311_elsewhere"),
]
