"""Secrets of screens: given once, kept as digests, good until they end or are taken back.

A secret is ``hyw_`` and 43 characters that carry 256 random bits: a plain SM3 digest suffices to
keep it. It opens the wall of its area and nothing else: no other part of the house looks for it.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.audit.sm3 import sm3
from huying.errors import BadInput, Missing, NotFound
from huying.people.acting import Actor
from huying.people.powers import Power, Subject, require
from huying.places.models import CODE_LENGTH, Level
from huying.places.naming import is_place
from huying.wall.models import WallScreen

PREFIX: Final = "hyw_"
LONGEST_DAYS: Final = 1830
LONGEST_SECRET: Final = 80


def digest_of(secret: str) -> bytes:
    """What is kept of a secret: SM3, 32 bytes."""
    return sm3(secret.encode("utf-8", "surrogatepass"))


def make(
    name: str, *, area_code: str, days: int, by: Actor, now: datetime
) -> tuple[WallScreen, str]:
    """A new screen: its row, and the secret, which is not kept and cannot be shown again.

    Raises:
        NotAllowed: the actor may not give rights to anything connected.
        Missing: no name.
        BadInput: no such district, town or community, or a lifetime outside 1 to 1830 days.
    """
    require(by, Power.CHANGE, Subject.INTEGRATIONS)
    name = name.strip()
    if not name or len(name) > 60:
        raise Missing(_("A screen needs a name of 60 characters at most."), field="name")
    if not is_place(area_code) or len(area_code) > CODE_LENGTH[Level.COMMUNITY]:
        raise BadInput(
            _("A screen shows a district, a town or a community: give its code."), field="area_code"
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(_("A screen's secret lives 1 to 1830 days."), field="days")
    secret = PREFIX + secrets.token_urlsafe(32)
    screen = WallScreen.objects.create(
        name=name,
        district_code=area_code[:6],
        area_code=area_code,
        digest=digest_of(secret),
        hint=secret[: len(PREFIX) + 4],
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    return screen, secret


def revoke(pk: int, *, by: Actor, now: datetime) -> WallScreen:
    """Takes the secret back: the screen goes dark at its next look. Twice changes nothing.

    Raises:
        NotAllowed: the actor may not.
        NotFound: there is no such screen.
    """
    require(by, Power.CHANGE, Subject.INTEGRATIONS)
    WallScreen.objects.filter(pk=pk, revoked_at=None).update(revoked_at=now)
    screen = WallScreen.objects.filter(pk=pk).first()
    if screen is None:
        raise NotFound()
    return screen


def good(now: datetime) -> QuerySet[WallScreen]:
    """The screens whose secrets open the wall now."""
    return WallScreen.objects.filter(revoked_at=None, expires_at__gt=now)


def screen_of(secret: str, now: datetime) -> WallScreen | None:
    """The screen with this secret; None for one unknown, ended or taken back."""
    if not secret.startswith(PREFIX) or len(secret) > LONGEST_SECRET:
        return None
    screen = good(now).filter(digest=digest_of(secret)).first()
    if screen is not None and screen.seen_on != (today := timezone.localdate(now)):
        WallScreen.objects.filter(~Q(seen_on=today) | Q(seen_on=None), pk=screen.pk).update(
            seen_on=today
        )
    return screen
