"""Webhooks: other systems are sent events, signed so that they know from whom, and when.

They are signed by Standard Webhooks (`signing`). While a secret is being changed there are two
signatures in the one header.
"""

from __future__ import annotations

import json
import socket
from datetime import datetime
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput
from huying.notices.channels import SENT, Outcome
from huying.notices.models import Subscription
from huying.notices.posting import Address, Forbidden, Unreachable, post
from huying.notices.signing import held, signature
from huying.outside import networks_from

WINDOW_S = 300
"""How old a signed message may be that a receiver believes."""

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
GONE = 410

_NAT64 = IPv6Network("64:ff9b::/96")


def allowed(address: Address, scheme: str) -> bool:
    """Whether a webhook may go there: to the public over https, else into the networks set.

    Addresses of this machine, of the link (where clouds keep their keys) and of the intranet are
    no public ones.
    """
    address = _meant(address)
    networks = networks_from(settings.HUYING.webhook_networks)
    if any(address.version == each.version and address in each for each in networks):
        return True
    return scheme == "https" and address.is_global and not address.is_multicast


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it stands for one.

    Mapped and compatible ones, and those of 6to4, Teredo and NAT64, lead to it on some networks.
    """
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64 or int(address) >> 32 == 0:
        return IPv4Address(int(address) & 0xFFFFFFFF) if int(address) > 1 else address
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def check_url(url: str) -> None:
    """Refuses at saving what would be refused at sending; a name that is not known yet passes.

    Raises:
        BadInput: not an address that webhooks may go to.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise BadInput(_("This is not an address."), field="url") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
        raise BadInput(_("It must start with https:// and name no user."), field="url")
    try:
        found = socket.getaddrinfo(parts.hostname, port or 443, type=socket.SOCK_STREAM)
    except OSError:
        found = []
    looked_up = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if looked_up and not any(allowed(each, parts.scheme) for each in looked_up):
        raise BadInput(
            _("Webhooks may go to public addresses over https, or to the networks that are set."),
            field="url",
        )
    if not looked_up and parts.scheme != "https":
        raise BadInput(_("It must start with https:// and name no user."), field="url")


def signatures(row: Subscription, message: str, timestamp: int, body: bytes, now: datetime) -> str:
    """The header's value: one signature for each secret that holds."""
    return " ".join(signature(each, message, timestamp, body) for each in held(row, now))


def send(row: Subscription, message: UUID, event: dict[str, Any], now: datetime) -> Outcome:
    """One try. Anything but 200 to 299 is tried again, but for 410: the receiver is gone."""
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": CONTENT_TYPE,
        "webhook-id": str(message),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(row, str(message), timestamp, body, now),
    }
    try:
        answer = post(
            row.url,
            body,
            headers,
            timeout=settings.HUYING.outside_timeout_seconds,
            allowed=allowed,
        )
    except Forbidden as trouble:
        return Outcome(False, str(trouble), again=False)
    except Unreachable as trouble:
        return Outcome(False, str(trouble), down=True)
    if 200 <= answer.status < 300:
        return SENT
    said = f"HTTP {answer.status}"
    return Outcome(False, said, again=answer.status != GONE, down=True, wait=answer.retry_after)
