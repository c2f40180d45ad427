"""Where an account is signed in: each browser, seen and ended by its holder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final, cast

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from huying.audit import access
from huying.errors import NotFound
from huying.people.accounts import record
from huying.people.acting import Actor
from huying.people.adapters import client_address
from huying.people.devices import device_of, place_of
from huying.people.models import Account, Browser
from huying.people.powers import Power, Subject, require
from huying.people.sessions import Click, SessionStore

_LONGEST: Final = 300
"""Characters kept of what a browser says of itself."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that is signed in now, in words."""

    pk: int
    device: str
    place: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def note(request: HttpRequest, account: Account, now: datetime) -> None:
    """Remember that the account just clicked in this browser, when its session is kept."""
    try:
        address = client_address(request)
    except PermissionDenied:  # a proxy that names no address; the click counts all the same
        address = None
    device = request.META.get("HTTP_USER_AGENT", "")[:_LONGEST]
    session = cast(SessionStore, request.session)
    session.click = Click(account.pk, address, device, now)


def signed_in(request: HttpRequest, account: Account, now: datetime) -> list[SignedIn]:
    """The browsers in which the account is signed in, this one first, then the last seen."""
    here = request.session.session_key
    alive = _alive(account, now)
    if here not in {row.session_key for row in alive}:
        note(request, account, now)  # the first click, or a new password gave it a new key
        with suppress(UpdateError):  # it was ended meanwhile: what comes after this page says so
            request.session.save()
        alive = _alive(account, now)
    alive.sort(key=lambda row: (row.session_key != here, -row.seen_at.timestamp()))
    return [
        SignedIn(
            pk=row.pk,
            device=device_of(row.user_agent),
            place=place_of(row.address),
            began_at=row.began_at,
            seen_at=now if row.session_key == here else row.seen_at,
            is_this=row.session_key == here,
        )
        for row in alive
    ]


def _alive(account: Account, now: datetime) -> list[Browser]:
    """Those whose session would be let in: not ended, not idle, not from before a new password."""
    since = now - timedelta(minutes=settings.HUYING.idle_minutes)
    rows = list(Browser.objects.filter(account=account, seen_at__gte=since))
    kept = Session.objects.filter(
        session_key__in=[row.session_key for row in rows], expire_date__gt=now
    )
    stored = {session.session_key: session.get_decoded() for session in kept}
    return [row for row in rows if _is_of(stored.get(row.session_key, {}), account)]


def _is_of(data: dict[str, Any], account: Account) -> bool:
    return data.get(SESSION_KEY) == str(account.pk) and constant_time_compare(
        data.get(HASH_SESSION_KEY, ""), account.get_session_auth_hash()
    )


def end(account: Account, pk: int, *, by: Actor, now: datetime) -> None:
    """Sign the account out of one browser; its next click asks for the password.

    Raises:
        NotFound: the account is not signed in there.
    """
    with transaction.atomic():
        row = Browser.objects.select_for_update().filter(account=account, pk=pk).first()
        if row is None:
            raise NotFound(_("This sign-in has ended already."))
        _end([row])
        record(account, "end_session", by, now)


def end_others(account: Account, *, but: str | None, by: Actor, now: datetime) -> int:
    """Sign the account out of every browser but the one with this session; gives how many."""
    with transaction.atomic():
        rows = list(
            Browser.objects.select_for_update().filter(account=account).exclude(session_key=but)
        )
        alive = {row.pk for row in _alive(account, now)} & {row.pk for row in rows}
        _end(rows)
        record(account, "end_other_sessions", by, now)
    return len(alive)


def end_all(account: Account | None, *, by: Actor, now: datetime) -> int:
    """Sign an account out everywhere, or everybody (None); gives of how many sessions.

    Raises:
        NotAllowed: ``by`` is no security administrator.
    """
    require(by, Power.CHANGE, Subject.ACCOUNTS)
    with transaction.atomic():
        if account is None:
            access.record(
                action="end_all_sessions",
                subject_type="account",
                subject_id="everybody",
                now=now,
                by=by,
            )
            Browser.objects.all().delete()
            return Session.objects.all().delete()[0]
        own = [
            each.pk
            for each in Session.objects.filter(expire_date__gt=now)
            if each.get_decoded().get(SESSION_KEY) == str(account.pk)
        ]
        record(account, "end_sessions", by, now)
        Browser.objects.filter(account=account).delete()
        return Session.objects.filter(pk__in=own).delete()[0]


def _end(rows: Sequence[Browser]) -> None:
    # Without its row a session is nobody's, and one that is being answered cannot be saved again.
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for row in rows:
        store.delete(row.session_key)
    Browser.objects.filter(pk__in=[row.pk for row in rows]).delete()
