"""Passkeys: added, renamed and removed by their holder, and signing in with one.

A passkey proves two things at once, the device and its holder (a finger, a face, a PIN), so that
signing in with one is also the second factor. Each is registered so that it can do both.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any

from allauth.account.mixins import NextRedirectMixin
from allauth.account.models import Login
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import auto_generate_recovery_codes
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.people import second_factor
from huying.people.accounts import record
from huying.people.acting import acting_as
from huying.people.adapters import SecondFactorAdapter
from huying.people.models import Account

UNKNOWN = gettext_lazy("This passkey is not known here, or it took too long. Please try again.")


def possible(request: HttpRequest) -> bool:
    """Whether browsers have passkeys for this address: a name, over HTTPS or on this machine."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure()
    return False


def of(account: Account) -> list[Authenticator]:
    """The account's passkeys, the oldest first."""
    return list(
        Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.WEBAUTHN).order_by(
            "pk"
        )
    )


class AddForm(AddWebAuthnForm):
    """A name, and what the device made. It must have asked its holder."""

    name = forms.CharField(label=gettext_lazy("Name of the passkey"), max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passwordless"]

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class Add(AddWebAuthnView):
    """Make a passkey for oneself, after the second factor where one is demanded."""

    form_class = AddForm

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and (
            away := second_factor.where_to_show_it(request, request.user, request.path)
        ):
            return HttpResponseRedirect(away)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = webauthn.begin_registration(self.request.user, passwordless=True)
        return context | {"options": json.dumps(options), "possible": possible(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        account, now = self.request.user, timezone.now()
        flows.signup_authenticator(
            self.request,
            user=account,
            name=form.cleaned_data["name"],
            credential=form.cleaned_data["credential"],
        )
        record(account, "add_passkey", acting_as(self.request), now)
        if not second_factor.is_required(account, timezone.localdate(now)):
            return HttpResponseRedirect(reverse("me"))
        self.request.session[second_factor.SET_UP_HERE] = True
        made = auto_generate_recovery_codes(self.request)
        return HttpResponseRedirect(reverse("mfa_view_recovery_codes" if made else "me"))


class Rename(EditWebAuthnView):
    """Give a passkey of one's own another name."""

    def get_success_url(self) -> str:
        return reverse("me")

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["name"].label = _("Name of the passkey")
        form.fields["name"].max_length = 40
        form.fields["name"].widget.attrs["maxlength"] = 40
        return form


class Remove(RemoveWebAuthnView):
    """Take away a passkey of one's own, unless it is the last second factor of a guardian."""

    def get_success_url(self) -> str:
        return reverse("me")

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = self.get_object()
        adapter = SecondFactorAdapter()
        if not adapter.can_delete_authenticator(passkey):
            messages.error(self.request, str(adapter.error_messages["cannot_delete_authenticator"]))
            return HttpResponseRedirect(self.get_success_url())
        record(self.request.user, "remove_passkey", acting_as(self.request), timezone.now())
        response: HttpResponse = super().form_valid(form)
        return response


class SignIn(NextRedirectMixin, LoginWebAuthnView):
    """Sign in with a passkey alone; it says itself whose it is."""

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.error(self.request, str(UNKNOWN))
        return HttpResponseRedirect(reverse("account_login"))

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=self.get_success_url())
        response: HttpResponse = flows.perform_passwordless_login(self.request, passkey, login)
        return response


class ShowAgain(ReauthenticateWebAuthnView):
    """Show a passkey in the midst of a session."""

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.error(self.request, str(UNKNOWN))
        return HttpResponseRedirect(self.request.get_full_path())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "options": json.dumps(context["js_data"]["request_options"]),
            "possible": possible(self.request),
        }


add = Add.as_view()
rename = Rename.as_view()
remove = Remove.as_view()
sign_in = SignIn.as_view()
show_again = ShowAgain.as_view()
