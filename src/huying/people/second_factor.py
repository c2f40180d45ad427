"""Who must sign in with a second factor, and whether this session did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from huying.people.acting import in_force
from huying.people.models import GUARDIANS, Account, Post

SET_UP_HERE = "second_factor"
"""Session key: the second factor was set up in this session, and so was in the holder's hand."""


def is_asked_of(posts: Iterable[Post]) -> bool:
    """Whether who holds these posts must sign in with a second factor."""
    return settings.HUYING.second_factor == "everybody" or any(
        each.role in GUARDIANS for each in posts
    )


def is_required(account: Account, today: date) -> bool:
    """Whether the account holds a guardian's post now, chosen or not, or everybody needs one."""
    if settings.HUYING.second_factor == "everybody":
        return True
    held = Post.objects.filter(in_force(today), account=account, role__in=sorted(GUARDIANS))
    return held.exists()


def is_set_up(account: Account) -> bool:
    """Whether the account has an authenticator app or a passkey."""
    return _has(account, Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_demanded(account: Account, today: date) -> bool:
    """Whether a password alone does not suffice: with an app, or with a guardian's passkey.

    For all others a passkey is one more way in, and takes no way in away: whoever adds one on the
    phone still signs in with the password on the computer at the counter.
    """
    if _has(account, Authenticator.Type.TOTP):
        return True
    return _has(account, Authenticator.Type.WEBAUTHN) and is_required(account, today)


def _has(account: Account, *types: str) -> bool:
    return bool(Authenticator.objects.filter(user_id=account.pk, type__in=types).exists())


def where_to_show_it(request: HttpRequest, account: Account, onward: str) -> str | None:
    """The page that asks for the second factor, where one is demanded and was not shown yet."""
    if not is_demanded(account, timezone.localdate()) or was_used(request, account):
        return None
    by_code = _has(account, Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    page = reverse("mfa_reauthenticate" if by_code else "mfa_reauthenticate_webauthn")
    return f"{page}?{urlencode({'next': onward})}"


def still_due(request: HttpRequest, account: Account, onward: str) -> str | None:
    """Where somebody who must show a second factor has to go first; None once it was shown."""
    if was_used(request, account) and is_set_up(account):
        return None
    if not is_set_up(account):
        return reverse("mfa_activate_totp")
    return where_to_show_it(request, account, onward)


def was_used(request: HttpRequest, account: Account) -> bool:
    """Whether this very session proved the second factor."""
    if request.session.get(SET_UP_HERE):
        return True
    records = get_authentication_records(request, account)
    return any(record.get("method") == "mfa" for record in records)
