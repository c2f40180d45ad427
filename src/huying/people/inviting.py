"""Invitations: a signed link by which a person sets the own password, first or anew. It works once.

The link carries a digest of the account's unusable password, which is random. So it ends with
the password that is set through it, and with the next invitation; nothing about it is stored.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from axes.utils import reset as reset_failures
from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput
from huying.people.accounts import record
from huying.people.acting import Actor, ActorKind
from huying.people.models import Account
from huying.people.powers import Power, Subject, require

LASTS = timedelta(days=7)
_SALT = "huying.people.invitation"


class BadInvitation(BadInput):
    code = "bad_invitation"
    status = 404
    sentence = _("This invitation has been used, has expired or was replaced by a newer one.")


def invite(account: Account, *, by: Actor, now: datetime) -> str:
    """A new invitation's token; earlier ones of the account end.

    Raises:
        NotAllowed: ``by`` is no security administrator.
        BadInput: the account has a password already, or is blocked.
    """
    require(by, Power.CHANGE, Subject.ACCOUNTS)
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account.pk)
        if account.has_usable_password():
            raise BadInput(
                _("This account has a password already; reset it instead."), field="username"
            )
        if not account.is_active:
            raise BadInput(_("This account is blocked."), field="username")
        account.set_unusable_password()
        account.save(update_fields=["password"])
        record(account, "invite", by, now)
    issued = int(now.timestamp())
    return signing.dumps([account.pk, issued, _fingerprint(account)], salt=_SALT)


def reset(account: Account, *, by: Actor, now: datetime) -> str:
    """Takes the password away, ends sessions and lock-outs, and invites anew: the token.

    Nobody but its holder ever knows an account's password.

    Raises:
        NotAllowed: ``by`` is no security administrator.
        BadInput: the account is blocked.
    """
    require(by, Power.CHANGE, Subject.ACCOUNTS)
    with transaction.atomic():
        account.set_unusable_password()  # other sessions hold a hash of the old one
        account.save(update_fields=["password"])
        record(account, "reset_password", by, now)
        token = invite(account, by=by, now=now)
    reset_failures(username=account.username)
    return token


def invited(token: str, now: datetime, *, lock: bool = False) -> Account:
    """Whom an invitation is for.

    Raises:
        BadInvitation: it is not ours, has been used, has expired or was replaced.
    """
    try:
        pk, issued, fingerprint = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        raise BadInvitation from None
    rows = Account.objects.select_for_update() if lock else Account.objects
    account = rows.filter(pk=pk, is_active=True).first()
    if (
        account is None
        or now.timestamp() - issued > LASTS.total_seconds()
        or account.has_usable_password()
        or not constant_time_compare(fingerprint, _fingerprint(account))
    ):
        raise BadInvitation
    return account


def accept(token: str, password: str, *, now: datetime) -> Account:
    """Set the invited person's own password. The caller has checked it against the rules.

    Raises:
        BadInvitation: as ``invited``; also for the second of two at once.
    """
    with transaction.atomic():
        account = invited(token, now, lock=True)
        account.set_password(password)
        account.save(update_fields=["password"])
        themselves = Actor(kind=ActorKind.ACCOUNT, account_id=account.pk)
        record(account, "accept_invitation", themselves, now)
    return account


def _fingerprint(account: Account) -> str:
    """Of the random mark that stands for the password that is not set yet.

    Without a key, which may change while an invitation is under way: what holds it is signed.
    """
    return hashlib.sha256(f"{_SALT} {account.password}".encode()).hexdigest()[:32]
