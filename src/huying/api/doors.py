"""Who is calling: a connected system by its token, or a signed-in person by the session.

Either becomes an `Actor`; the rest of the interface knows nothing else. A token's scopes bound
what it may be used for; a person has them all, and every write of theirs needs the page's CSRF
token besides the session.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from huying.api import limits, tokens
from huying.api.problems import CsrfFailed, ScopeNeeded
from huying.api.tokens import Scope
from huying.people.acting import Actor, ActorKind

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def caller_of(actor: Actor) -> str:
    """The caller's name in the table of idempotency keys."""
    if actor.kind is ActorKind.INTEGRATION:
        return f"integration:{actor.integration_id}"
    return f"account:{actor.account_id}"


def count(actor: Actor, *, write: bool, cost: int = 1) -> None:
    """Counts requests of this caller.

    Raises:
        TooMany: more than the limit.
    """
    account = actor.kind is ActorKind.ACCOUNT
    number = actor.account_id if account else actor.integration_id
    limits.take(number or 0, account=account, write=write, cost=cost)


def actor_of(request: HttpRequest) -> Actor:
    """Who was let in."""
    return cast(Actor, request.auth)  # type: ignore[attr-defined]


class Token(HttpBearer):
    """令牌: `Authorization: Bearer hy_…`, made by `huying token create`."""

    def __init__(self, *scopes: Scope, write: bool) -> None:
        self.scopes, self.write = frozenset(scopes), write
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        kind, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The actor of a token.

        Raises:
            BadToken, ExpiredToken: it is not one that counts.
            ScopeNeeded: it may not be used for this.
            TooMany: it was used too often.
        """
        actor = tokens.actor_for(token, timezone.now())
        if not self.scopes & actor.scopes:
            raise ScopeNeeded(scopes=sorted(self.scopes))
        count(actor, write=self.write)
        return actor


class Session(APIKeyCookie):
    """登录会话: what a page of this site uses. Writes need the header `X-CSRFToken` besides."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, *, write: bool) -> None:
        self.write = write
        super().__init__(csrf=True)

    def __call__(self, request: HttpRequest) -> Any:
        actor = getattr(request, "actor", None)
        if actor is None or actor.kind is not ActorKind.ACCOUNT:
            return None
        if request.method not in SAFE and check_csrf(request) is not None:
            raise CsrfFailed()
        count(actor, write=self.write)
        return actor

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Not used: the session was read by the middleware."""
        raise NotImplementedError


def reads(*scopes: Scope) -> list[Any]:
    """For an operation that changes nothing: any one of these scopes lets in."""
    return [Token(*scopes, write=False), Session(write=False)]


def writes(*scopes: Scope) -> list[Any]:
    """For an operation that changes something."""
    return [Token(*scopes, write=True), Session(write=True)]
