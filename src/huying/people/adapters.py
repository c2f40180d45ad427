"""How django-allauth and django-axes behave here: no sign-up, encrypted secrets, one address."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings as allauth_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.people import bound_factors
from huying.people.addresses import client_of, counted
from huying.people.devices import device_of
from huying.people.models import Account
from huying.people.second_factor import is_demanded, is_required


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the security administrator; nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The user name or the password is not right."),
        "invalid_password": _("The password is not right."),
        "enter_current_password": _("Please type your present password."),
        "incorrect_password": _("The password is not right."),
        "too_many_login_attempts": _("Too many failed attempts. Please wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Who has just signed in need not do it again to set up the second factor."""
        request = context.request
        records = get_authentication_records(request, request.user)
        fresh = time.time() - allauth_settings.REAUTHENTICATION_TIMEOUT
        if records and records[-1]["at"] > fresh:
            return False
        required: bool = super().is_reauthentication_required(app=app)
        return required

    def get_client_ip(self, request: HttpRequest) -> str:
        """By what the rate limits of signing in count."""
        return counted_address(request)

    def get_login_stages(self) -> list[str]:
        ours = "huying.people.adapters.SecondStepStage"
        return [
            ours if stage == "allauth.mfa.stages.AuthenticateStage" else stage
            for stage in super().get_login_stages()
        ]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures are a name's at one address: a stranger's must not keep its owner out."""
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{counted_address(request)}"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/"


class SecondStepStage(AuthenticateStage):
    """Asks for the second factor where it is demanded; a passkey alone demands nothing."""

    def _should_handle(self, request: HttpRequest) -> bool:
        asked: bool = super()._should_handle(request)
        return asked and is_demanded(self.login.user, timezone.localdate())


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of the second factor are SM4-GCM at rest, each for its row; guardians keep theirs."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("The code is not right."),
        "cannot_delete_authenticator": _(
            "Your role must sign in with a second factor; it cannot be taken away."
        ),
    }

    def encrypt(self, text: str) -> str:
        return bound_factors.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return bound_factors.opened(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Codes may always go; of app and passkeys a guardian keeps one."""
        factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        if authenticator.type not in factors:
            return True
        account = Account.objects.get(pk=authenticator.user_id)
        others = Authenticator.objects.filter(user_id=account.pk, type__in=factors)
        if others.exclude(pk=authenticator.pk).exists():
            return True
        return not is_required(account, timezone.localdate())

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": _("Huying")}

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, Any]:
        entity = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": user.name, "name": user.username}

    def generate_authenticator_name(self, user: Account, type: str) -> str:
        said = context.request.META.get("HTTP_USER_AGENT", "")
        return f"{device_of(said)} {timezone.localdate():%Y-%m-%d}"


def client_address(request: HttpRequest) -> str | None:
    """Where a request comes from; None for one that no client made."""
    if not request.META.get("REMOTE_ADDR"):
        return None  # a request made by a program, as by a test's `force_login`
    return client_of(
        request.META["REMOTE_ADDR"],
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.HUYING.trusted_proxies,
    )


def counted_address(request: HttpRequest) -> str:
    """By what requests are counted: where they come from, as the trusted proxies tell it."""
    return counted(client_address(request) or "")


def attempted_username(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """The user name that somebody tries to sign in with, as it is counted for the lock-out."""
    name = (credentials or {}).get("username") or request.POST.get("login")
    return str(name).strip().lower() if name else None
