"""Replacing a token's secret by a new one in good time, and telling when that time has come."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.api import tokens
from huying.api.models import Token
from huying.errors import BadInput, NotFound
from huying.people.acting import Actor
from huying.people.powers import Power, Subject, require

log = logging.getLogger(__name__)

GRACE_HOURS: Final = 24
LONGEST_GRACE_HOURS: Final = 720
WARN_DAYS: Final = 14


class Standing(models.TextChoices):
    """How a token stands at a moment."""

    LIVE = "live", _("works")
    ENDING = "ending", _("ends soon: rotate it")
    REPLACED = "replaced", _("replaced, works for a while yet")
    EXPIRED = "expired", _("ended")
    REVOKED = "revoked", _("revoked")


def standing(token: Token, now: datetime) -> Standing:
    """How a token stands. Pure."""
    if token.revoked_at is not None:
        return Standing.REVOKED
    if token.expires_at <= now:
        return Standing.EXPIRED
    if token.replaced_by_id is not None:
        return Standing.REPLACED
    if token.expires_at <= now + timedelta(days=WARN_DAYS):
        return Standing.ENDING
    return Standing.LIVE


def works(now: datetime) -> QuerySet[Token]:
    """The tokens that work and that nothing has replaced."""
    return Token.objects.filter(
        revoked_at=None, replaced_by=None, expires_at__gt=now, integration__active=True
    )


def rotate(
    token_id: int,
    *,
    grace_hours: int = GRACE_HOURS,
    days: int | None = None,
    by: Actor,
    now: datetime,
) -> tuple[Token, str]:
    """A new token in place of one: the same system and scopes, a new secret, told once.

    The old one works for ``grace_hours`` more, but never longer than it would have; with 0 it
    ends at once. The new one lives ``days``, or as long as the old one was given.

    Raises:
        NotAllowed: ``by`` is no security administrator.
        NotFound: there is no such token.
        BadInput: the token has ended or was replaced, or its system is switched off; a time of
            grace outside 0 to 720 hours, or a lifetime outside 1 to 3660 days.
    """
    require(by, Power.CHANGE, Subject.INTEGRATIONS)
    if not 0 <= grace_hours <= LONGEST_GRACE_HOURS:
        raise BadInput(_("A time of grace is 0 to 720 hours."), field="grace_hours")
    with transaction.atomic():
        old = (
            Token.objects.select_for_update(of=("self",))
            .select_related("integration")
            .filter(pk=token_id)
            .first()
        )
        if old is None:
            raise NotFound()
        if not works(now).filter(pk=old.pk).exists():
            raise BadInput(
                _("This token has ended, was replaced already, or its system is switched off.")
            )
        lifetime = max(1, round((old.expires_at - old.created_at) / timedelta(days=1)))
        new, secret = tokens.issue(
            old.integration,
            scopes=old.scopes,
            days=lifetime if days is None else days,
            now=now,
        )
        old.replaced_by = new
        if grace_hours == 0:
            old.revoked_at = now
        else:
            old.expires_at = min(old.expires_at, now + timedelta(hours=grace_hours))
        old.save(update_fields=["replaced_by", "revoked_at", "expires_at"])
        for action, token in (("rotate_token", old), ("issue_token", new)):
            tokens.record(action, token, by=by, now=now, fields=token.scopes)
    tokens.forget()
    return new, secret


def ending(now: datetime) -> list[Token]:
    """The tokens that end within two weeks and that nothing replaces, the first to end first."""
    soon = works(now).filter(expires_at__lte=now + timedelta(days=WARN_DAYS))
    return list(soon.select_related("integration").order_by("expires_at", "pk"))


def warn(*, now: datetime) -> int:
    """A line in the log for each token that ends soon; gives how many."""
    found = ending(now)
    for token in found:
        log.warning(
            "Token %s (%s…) of %s ends at %s: huying token rotate --id %s",
            token.pk,
            token.hint,
            token.integration.name,
            token.expires_at.isoformat(timespec="minutes"),
            token.pk,
        )
    return len(found)
