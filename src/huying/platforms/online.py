"""网络服务: guides and links, in the order that the desk set."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, NotAllowed, NotFound, TooMany
from huying.neighbours.noting import note, words_of
from huying.neighbours.sight import may_keep
from huying.people.acting import Actor
from huying.platforms.models import GuideKind, OnlineGuide
from huying.platforms.points import require_area

MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the online services."""

    title: str
    kind: str = GuideKind.LINK
    words: str = ""
    link: str = ""


def plain_link(given: str) -> str:
    """An address of the web.

    Raises:
        BadInput: it is none, or carries a name and password.
    """
    link = given.strip()
    bad = BadInput(_("Please give an address that begins with http:// or https://."), field="link")
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        raise bad from None
    odd = any(each.isspace() or not each.isprintable() for each in link)
    if parts.scheme not in ("http", "https") or not host or odd or "@" in parts.netloc:
        raise bad
    if len(link) > 300:
        raise BadInput(_("At most %(n)s characters, please.") % {"n": 300}, field="link")
    return f"{parts.scheme}{link[len(parts.scheme) :]}"


def _keeping(area_code: str, by: Actor) -> None:
    require_area(area_code)
    if not may_keep(by, area_code) or by.account_id is None:
        raise NotAllowed


@transaction.atomic
def put(
    area_code: str, told: Told, *, by: Actor, now: datetime, pk: uuid.UUID | None = None
) -> OnlineGuide:
    """A new line at the end, or a change of one.

    Raises:
        NotAllowed: the actor does not keep this area.
        NotFound: there is no such line.
        TooMany: the list is full.
        BadInput, Missing: what was told is not right.
    """
    _keeping(area_code, by)
    assert by.account_id is not None
    rows = OnlineGuide.objects.select_for_update().filter(area_code=area_code)
    if told.kind not in GuideKind.values:
        raise BadInput(_("Please choose one."), field="kind")
    if pk is None:
        there = list(rows)
        if len(there) >= MOST:
            raise TooMany(_("At most %(n)s lines.") % {"n": MOST})
        found = OnlineGuide(
            district_code=area_code[:6],
            area_code=area_code,
            order=max((each.order for each in there), default=0) + 1,
            made_at=now,
            made_by_id=by.account_id,
        )
    else:
        known = rows.filter(pk=pk).first()
        if known is None:
            raise NotFound
        found = known
    found.kind = told.kind
    found.title = words_of(told.title, field="title", most=40)
    found.words = words_of(told.words, field="words", most=200, needed=False)
    found.link = plain_link(told.link) if told.kind == GuideKind.LINK else ""
    found.save()
    note(found, "put", by=by, now=now)
    return found


@transaction.atomic
def shift(area_code: str, pk: uuid.UUID, up: bool, *, by: Actor, now: datetime) -> None:
    """One place up or down; the others close up.

    Raises:
        NotAllowed, NotFound: as `put`.
    """
    _keeping(area_code, by)
    rows = list(OnlineGuide.objects.select_for_update().filter(area_code=area_code))
    place = next((n for n, each in enumerate(rows) if each.pk == pk), None)
    if place is None:
        raise NotFound
    other = place - 1 if up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    for n, each in enumerate(rows, 1):
        each.order = n
    OnlineGuide.objects.bulk_update(rows, ["order"])


@transaction.atomic
def remove(area_code: str, pk: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Takes a line away.

    Raises:
        NotAllowed, NotFound: as `put`.
    """
    _keeping(area_code, by)
    found = OnlineGuide.objects.select_for_update().filter(area_code=area_code, pk=pk).first()
    if found is None:
        raise NotFound
    note(found, "remove", by=by, now=now)
    found.delete()
