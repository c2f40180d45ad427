"""Accounts: made, given a new password, unlocked, blocked. Who may, and a record of each."""

from __future__ import annotations

import secrets
from datetime import datetime

from allauth.mfa.models import Authenticator
from axes.utils import reset as reset_failures
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.audit import access
from huying.errors import BadInput, NotAllowed, NotFound
from huying.people.acting import Actor
from huying.people.models import Account
from huying.people.powers import Power, Subject, require

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that are mistaken for each other on paper."""


def random_password() -> str:
    """Four groups of four, 79 bits: strong enough to stand, easy enough to type once."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _i in range(4)) for _g in range(4))


def find(username: str) -> Account:
    """The account with this user name.

    Raises:
        NotFound: there is none.
    """
    account = Account.objects.filter(username=username.strip().lower()).first()
    if account is None:
        raise NotFound(_("There is no account with this user name."), field="username")
    return account


def create_account(
    username: str, name: str, *, email: str = "", by: Actor, now: datetime
) -> Account:
    """An account that nobody can use yet: it has no password and no post.

    Raises:
        NotAllowed: ``by`` is no security administrator.
        BadInput: the user name is missing, malformed or taken, or the name is missing.
    """
    require(by, Power.CHANGE, Subject.ACCOUNTS)
    username = username.strip().lower()
    if not username or any(character.isspace() for character in username):
        raise BadInput(_("A user name has no spaces and is not empty."), field="username")
    if not name.strip():
        raise BadInput(_("Please give the person's name."), field="name")
    account = Account(username=username, name=name.strip(), email=email.strip(), created_at=now)
    account.set_unusable_password()
    with transaction.atomic():
        try:
            with transaction.atomic():
                account.save()
        except IntegrityError as error:
            raise BadInput(_("This user name is taken."), field="username") from error
        record(account, "create_account", by, now)
    return account


def unlock(account: Account, *, by: Actor, now: datetime) -> None:
    """Let an account that failed to sign in too often try again."""
    require(by, Power.CHANGE, Subject.ACCOUNTS)
    reset_failures(username=account.username)
    record(account, "unlock_account", by, now)


def set_active(account: Account, *, active: bool, by: Actor, now: datetime) -> None:
    """Block an account, whose sessions then end at their next request, or let it in again.

    Raises:
        NotAllowed: ``by`` is no security administrator, or would block themselves.
    """
    require(by, Power.CHANGE, Subject.ACCOUNTS)
    if by.account_id == account.pk:
        raise NotAllowed(_("Nobody blocks or unblocks themselves."))
    with transaction.atomic():
        account.is_active = active
        account.save(update_fields=["is_active"])
        record(account, "unblock_account" if active else "block_account", by, now)


def drop_second_factor(account: Account, *, by: Actor, now: datetime) -> None:
    """Take away a lost phone's codes, recovery codes and passkeys.

    Raises:
        NotAllowed: ``by`` is no security administrator, or would drop their own.
    """
    require(by, Power.CHANGE, Subject.ACCOUNTS)
    if by.account_id == account.pk:
        raise NotAllowed(_("Another security administrator must do this for you."))
    with transaction.atomic():
        Authenticator.objects.filter(user_id=account.pk).delete()
        record(account, "drop_second_factor", by, now)


def link(account: Account, identity: str, *, by: Actor, now: datetime) -> None:
    """Let whoever the outside provider calls ``identity`` sign in as this account; "" lets nobody.

    Raises:
        NotAllowed: ``by`` is no security administrator.
        BadInput: the identity is too long, or another account's.
    """
    require(by, Power.CHANGE, Subject.ACCOUNTS)
    identity = identity.strip()
    if len(identity) > 191:
        raise BadInput(_("This identity is too long."), field="outside_id")
    with transaction.atomic():
        account.outside_id = identity or None
        try:
            with transaction.atomic():
                account.save(update_fields=["outside_id"])
        except IntegrityError as error:
            raise BadInput(
                _("Another account is linked to this identity."), field="outside_id"
            ) from error
        record(account, "link_account" if identity else "unlink_account", by, now)


def record(account: Account, action: str, by: Actor, now: datetime) -> None:
    """Leave a trace of what was done to an account, and by whom."""
    access.record(
        action=action,
        subject_type="account",
        subject_id=account.pk,
        now=now,
        by=by,
    )
