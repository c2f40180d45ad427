"""Signing in and out, the second factor, invitations, and the choice of a post.

allauth's pages are named one by one: those for signing up, for e-mail addresses and for resetting
a password by e-mail do not exist here.
"""

from allauth.account import views as account
from django.urls import include, path

from huying.people import views

urlpatterns = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
    # Before allauth's page of the same name.
    path("accounts/2fa/totp/activate/", views.set_up_second_factor, name="mfa_activate_totp"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("me/post", views.choose_post, name="choose_post"),
    path("me/browsers/end", views.end_sessions, name="end_sessions"),
]
