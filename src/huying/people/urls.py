"""Signing in and out, the second factor, passkeys, invitations, and the choice of a post.

allauth's pages are named one by one: those for signing up, for e-mail addresses and for resetting
a password by e-mail do not exist here.
"""

from allauth.account import views as account
from django.urls import include, path
from django.views.generic import RedirectView

from huying.people import outside, passkeys, views

urlpatterns = [
    path("accounts/login/", views.sign_in, name="account_login"),
    path("accounts/logout/", views.sign_out, name="account_logout"),
    path("accounts/outside/", outside.start, name="outside_start"),
    path("accounts/outside/callback/", outside.callback, name="outside_callback"),
    path("accounts/outside/signed-out/", outside.signed_out, name="outside_signed_out"),
    path("accounts/outside/sign-out/", outside.sign_out_there, name="outside_sign_out"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
    # Before allauth's pages of the same names.
    path("accounts/2fa/", views.two_steps, name="mfa_index"),
    path("accounts/2fa/authenticate/", views.second_step, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", views.show_second_factor, name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", views.set_up_second_factor, name="mfa_activate_totp"),
    path(
        "accounts/2fa/webauthn/",
        RedirectView.as_view(pattern_name="me"),
        name="mfa_list_webauthn",
    ),
    path("accounts/2fa/webauthn/add/", passkeys.add, name="mfa_add_webauthn"),
    path("accounts/2fa/webauthn/login/", passkeys.sign_in, name="mfa_login_webauthn"),
    path(
        "accounts/2fa/webauthn/reauthenticate/",
        passkeys.show_again,
        name="mfa_reauthenticate_webauthn",
    ),
    path("accounts/2fa/webauthn/keys/<int:pk>/edit/", passkeys.rename, name="mfa_edit_webauthn"),
    path(
        "accounts/2fa/webauthn/keys/<int:pk>/remove/", passkeys.remove, name="mfa_remove_webauthn"
    ),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("me/post", views.choose_post, name="choose_post"),
    path("me/browsers/end", views.end_sessions, name="end_sessions"),
]
