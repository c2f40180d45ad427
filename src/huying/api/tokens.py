"""Tokens of connected systems: issued once, kept as digests, honoured until they end.

A token is ``hy_`` and 43 characters that carry 256 random bits. With that much chance in it a
plain SM3 digest suffices to keep it: nobody can try them out, and the database alone gives no
token away.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.api.models import Integration, Token
from huying.api.problems import BadToken, ExpiredToken
from huying.audit import access
from huying.audit.sm3 import sm3
from huying.errors import BadInput, Missing, NotFound
from huying.people.acting import Actor, ActorKind
from huying.people.models import CASELESS, Role, Unit
from huying.places.naming import is_place

PREFIX: Final = "hy_"
FRESH: Final = 3.0
"""Seconds for which a process trusts what it has read of a token.

A revoked token stops working everywhere within these, on the process that revoked it at once.
"""
MOST_KEPT: Final = 1000
LONGEST_DAYS: Final = 3660


class Scope(StrEnum):
    """What a token may be used for. What it may see and do follows from its role and area."""

    READ = "read"
    """Cases, their events, photos and suggestions; the catalogue and places."""
    REPORT = "report"
    """Report cases, one by one or in batches."""
    VERBS = "verbs"
    """Do the verbs that the role may."""
    ATTACH = "attach"
    """Upload photos."""
    LOCATE = "locate"
    """Ask for the grid of a position; the catalogue and places."""


def digest_of(secret: str) -> bytes:
    """What is kept of a token: SM3, 32 bytes."""
    return sm3(secret.encode("utf-8", "surrogatepass"))


def connect(
    name: str,
    *,
    role: Role | str,
    area_code: str = "",
    unit: Unit | None = None,
    now: datetime,
) -> Integration:
    """Makes the connected system of this name, or finds it.

    Raises:
        Missing: no name, or a handler without a unit.
        BadInput: an unknown role or area, a role that sees no cases, or a system of this name
            that has another role, area or unit.
    """
    name = name.strip()
    if not name or len(name) > 60:
        raise Missing(_("A connected system needs a name of 60 characters at most."), field="name")
    if role not in Role.values or role in CASELESS:
        raise BadInput(_("A connected system cannot have this role."), field="role")
    if role == Role.HANDLER and unit is None:
        raise Missing(_("A handler's token needs a unit."), field="unit")
    area_code = area_code or (unit.area_code if unit is not None else "")
    if not is_place(area_code):
        raise BadInput(_("There is no such place in the district."), field="area")
    integration, made = Integration.objects.get_or_create(
        name=name,
        defaults={"role": str(role), "area_code": area_code, "unit": unit, "created_at": now},
    )
    same = (integration.role, integration.area_code, integration.unit) == (role, area_code, unit)
    if not made and not same:
        raise BadInput(
            _("A connected system of this name has another role, area or unit."), field="name"
        )
    return integration


def issue(
    integration: Integration, *, scopes: Iterable[str], days: int, now: datetime
) -> tuple[Token, str]:
    """A new token: its row, and the secret, which is not kept and cannot be shown again.

    Raises:
        Missing: no scope.
        BadInput: an unknown scope, or a lifetime outside 1 to 3660 days.
    """
    wanted = list(dict.fromkeys(str(scope) for scope in scopes))
    if not wanted:
        raise Missing(_("A token needs at least one scope."), field="scopes")
    if not set(wanted) <= set(Scope):
        raise BadInput(_("There is no such scope."), field="scopes")
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(_("A token lives 1 to 3660 days."), field="days")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        integration=integration,
        digest=digest_of(secret),
        hint=secret[: len(PREFIX) + 4],
        scopes=wanted,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    return token, secret


def record(
    action: str, subject: Integration | Token, *, by: Actor, now: datetime, fields: Iterable[str]
) -> None:
    """Writes into the access log who did what to a system or a token, and as what that acts."""
    system = subject.integration if isinstance(subject, Token) else subject
    access.record(
        action=action,
        subject_type=str(subject._meta.model_name),
        subject_id=subject.pk,
        now=now,
        by=by,
        purpose=f"{system.role}@{system.unit.code if system.unit else system.area_code}",
        fields=fields,
    )


def revoke(token_id: int, *, now: datetime) -> Token:
    """Ends a token now; ending it twice changes nothing.

    Raises:
        NotFound: there is no such token.
    """
    Token.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now)
    forget()
    token = Token.objects.select_related("integration").filter(pk=token_id).first()
    if token is None:
        raise NotFound()
    return token


@dataclass(frozen=True, slots=True)
class Known:
    """A token as a process remembers it."""

    token_id: int
    digest: bytes
    actor: Actor
    expires_at: datetime
    read_at: float


class Tokens:
    """The tokens that this process has seen lately. Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[bytes, Known] = {}

    def actor(self, secret: str, now: datetime) -> Actor:
        """Who acts with this token.

        Raises:
            BadToken: unknown or revoked, or its system is switched off.
            ExpiredToken: its time is over.
        """
        digest = digest_of(secret)
        known = self._known.get(digest)
        if known is None or self._clock() - known.read_at >= FRESH:
            known = self._read(digest, now)
        if known is None or not hmac.compare_digest(known.digest, digest):
            raise BadToken()
        if known.expires_at <= now:
            raise ExpiredToken()
        return known.actor

    def forget(self) -> None:
        """Reads every token anew at its next use."""
        with self._lock:
            self._known.clear()

    def _read(self, digest: bytes, now: datetime) -> Known | None:
        read_at = self._clock()
        token = (
            Token.objects.filter(digest=digest, revoked_at=None, integration__active=True)
            .select_related("integration")
            .first()
        )
        with self._lock:
            if token is None:
                # What is not known is not remembered: guesses must not fill the memory.
                self._known.pop(digest, None)
                return None
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            known = self._known[digest] = Known(
                token.pk, bytes(token.digest), actor_of(token), token.expires_at, read_at
            )
        today = timezone.localdate(now)
        if token.used_on != today:
            Token.objects.filter(~Q(used_on=today) | Q(used_on=None), pk=token.pk).update(
                used_on=today
            )
        return known


def actor_of(token: Token) -> Actor:
    """The actor that a token stands for."""
    integration = token.integration
    unit_id = integration.unit_id
    return Actor(
        kind=ActorKind.INTEGRATION,
        integration_id=integration.pk,
        role=Role(integration.role),
        area_code=integration.area_code,
        unit_id=unit_id,
        units=frozenset() if unit_id is None else frozenset({unit_id}),
        name=integration.name,
        scopes=frozenset(token.scopes),
    )


_tokens = Tokens()


def actor_for(secret: str, now: datetime) -> Actor:
    """Who acts with this token; see `Tokens.actor`."""
    return _tokens.actor(secret, now)


def forget() -> None:
    """Reads every token anew at its next use, in this process."""
    _tokens.forget()
