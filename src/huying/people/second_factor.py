"""Who must sign in with a second factor, and whether this session did."""

from __future__ import annotations

from datetime import date

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from huying.people.acting import in_force
from huying.people.models import GUARDIANS, Account, Post

SET_UP_HERE = "second_factor"
"""Session key: the second factor was set up in this session, and so was in the holder's hand."""


def is_required(account: Account, today: date) -> bool:
    """Whether the account holds a guardian's post now, chosen or not."""
    held = Post.objects.filter(in_force(today), account=account, role__in=sorted(GUARDIANS))
    return held.exists()


def is_set_up(account: Account) -> bool:
    """Whether the account has an authenticator app."""
    return bool(
        Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.TOTP).exists()
    )


def was_used(request: HttpRequest, account: Account) -> bool:
    """Whether this very session proved the second factor."""
    if request.session.get(SET_UP_HERE):
        return True
    records = get_authentication_records(request, account)
    return any(record.get("method") == "mfa" for record in records)
