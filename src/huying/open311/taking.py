"""A request that is made here becomes a case, by the door that all reports take."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from huying.cases.attaching import MOST_AT_ONCE
from huying.cases.idempotency import digest_of
from huying.cases.models import Channel
from huying.cases.reporting import Key
from huying.cases.verbs import keepable
from huying.intake.reporting import Told, take
from huying.open311 import offering
from huying.open311.models import Open311Key, Open311Request
from huying.open311.refusing import Refused
from huying.people.acting import RESIDENT

LONGEST_DESCRIPTION: Final = 4000
"""The standard's own measure."""
LONGEST_URL: Final = 1000
LONGEST_CONTACT: Final = {"first_name": 40, "last_name": 40, "phone": 30}
NOT_SAID: Final = frozenset({"api_key", "jurisdiction_id"})
KEY_FORM: Final = re.compile(r"[\x21-\x7e]{1,80}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was posted, with everything that this door itself can find wrong found."""

    service_code: str
    description: str
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    area: str = ""
    name: str = ""
    phone: str = ""
    media_urls: tuple[str, ...] = ()
    attributes: Mapping[str, list[str]] = field(default_factory=dict)


def read(sent: Mapping[str, list[str]]) -> Asked:
    """What was posted, read. Pure.

    Raises:
        Refused: something needed is missing, or is not of the right form.
    """
    if not all(keepable(value) for values in sent.values() for value in values):
        raise Refused(400, _("The text is too long or holds characters that cannot be kept."))

    def one(name: str) -> str:
        values = sent.get(name) or [""]
        return values[0].strip()

    if not one("service_code"):
        raise Refused(400, _("A service_code was not given."))
    lat, lon = _degrees(one("lat"), "lat", 90), _degrees(one("long"), "long", 180)
    if (lat is None) != (lon is None):
        raise Refused(400, _("A position needs both lat and long."))
    if lat is None and not one("address_string") and not one("address_id"):
        raise Refused(400, _("One of lat and long, address_string or address_id is needed."))
    if len(one("description")) > LONGEST_DESCRIPTION:
        raise Refused(400, _("The description has 4000 characters at most."))
    for name, longest in LONGEST_CONTACT.items():
        if len(one(name)) > longest:
            raise Refused(400, _("A name or phone is too long."))
    return Asked(
        service_code=one("service_code"),
        description=one("description"),
        lat=lat,
        lon=lon,
        address=one("address_string")[:200],
        area=one("address_id"),
        name=_name(one("first_name"), one("last_name")),
        phone=one("phone"),
        media_urls=_picture_addresses(sent),
        attributes=offering.attributes_in(sent),
    )


def _name(first: str, last: str) -> str:
    """The whole name: 张三, but Ada Lovelace."""
    return f"{first} {last}".strip() if (first + last).isascii() else last + first


def _degrees(value: str, name: str, most: int) -> float | None:
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not -most <= number <= most:
        raise Refused(400, _("%s is not a number of degrees.") % name)
    return number


def _picture_addresses(sent: Mapping[str, list[str]]) -> tuple[str, ...]:
    """All of them: the standard knows one; apps that have more repeat it, or send a list."""
    said = [*sent.get("media_url", []), *sent.get("media_url[]", [])]
    found = dict.fromkeys(each for value in said if (each := _picture_address(value.strip())))
    if len(found) > MOST_AT_ONCE:
        raise Refused(400, _("Nine photos at once at most."))
    return tuple(found)


def _picture_address(value: str) -> str:
    """The address of a picture, as words: nothing here ever opens it.

    So nobody can make this machine ask another for something. Whoever reads the case may open it
    in a browser of their own.
    """
    if not value:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    plain = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    if not plain or len(value) > LONGEST_URL or not value.isprintable() or " " in value:
        raise Refused(400, _("The media_url is not an address that starts with https://."))
    return value


def words_of(asked: Asked, service_name: str) -> str:
    """What the case says. Pure."""
    words = asked.description or service_name
    for each in asked.media_urls:
        words += "\n" + _("Address of a picture: %s") % each
    return words


def key_of(header: str, key: Open311Key, sent: Mapping[str, list[str]], now: datetime) -> Key:
    """Under which key a request is taken once.

    The standard has none, and apps send again what they got no answer to: without a header the
    same words from the same app on the same day are the same request.

    Raises:
        Refused: the header is not of the right form.
    """
    said = sorted((name, values) for name, values in sent.items() if name not in NOT_SAID)
    digest = digest_of(*(part.encode() for name, values in said for part in (name, *values)))
    if header and not KEY_FORM.fullmatch(header):
        raise Refused(
            400, _("A write needs an idempotency key of 1 to 80 visible ASCII characters.")
        )
    name = header or f"{timezone.localdate(now):%Y%m%d}:{digest.hex()}"
    return Key(f"open311:{key.pk}", name, digest)


@transaction.atomic
def take_request(asked: Asked, *, by: Open311Key, key: Key, now: datetime) -> Open311Request:
    """Makes the case, or finds the one that was made of the same before.

    Raises:
        Refused: there is no such service or attribute.
        HuyingError: as `intake.reporting.take`.
    """
    item = offering.item_of(asked.service_code, now)
    form = offering.asked(item.code)
    if form is None and asked.attributes:
        raise Refused(400, _("There is no such attribute in this service."))
    told = Told(
        channel=Channel.API,
        text=words_of(asked, item.name),
        lon=asked.lon,
        lat=asked.lat,
        address=asked.address,
        area=asked.area,
        item=item.code,
        contact_name=asked.name,
        contact_phone=asked.phone,
        answers=None if form is None else offering.answers(form, asked.attributes),
    )
    case = take(told, by=RESIDENT, now=now, key=key)
    row, _made = Open311Request.objects.get_or_create(
        case=case,
        defaults={"key": by, "service_code": item.code, "requested_at": case.received_at},
    )
    return row
