"""One HTTP request out of the house: bounded in time and size, never redirected, and to no address
that was not allowed. The name is looked up once, and what was looked at is what is spoken to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import urllib3

from huying.computing import aside

Address = IPv4Address | IPv6Address
Allowed = Callable[[Address, str], bool]
"""Whether one may speak to the address under the scheme."""

LARGEST = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    retry_after: int | None = None


class Unreachable(Exception):
    """Nobody answered; the argument is a short code, with nothing of what was sent."""


class Forbidden(Unreachable):
    """The address is one that requests may not go to."""


def anywhere(address: Address, scheme: str) -> bool:
    """For addresses that the operator has set."""
    return True


@aside
def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float,
    allowed: Allowed = anywhere,
    method: str = "POST",
) -> Answer:
    """Sends, and gives the answer, whatever its status.

    Raises:
        Forbidden: the name leads to no address that is allowed.
        Unreachable: no answer in time.
    """
    parts = urlsplit(url)
    host, scheme = parts.hostname or "", parts.scheme
    port = parts.port or (443 if scheme == "https" else 80)
    ends = monotonic() + timeout
    address = _looked_up(host, port, scheme, allowed)
    limits = urllib3.Timeout(connect=timeout, read=timeout)
    common: dict[str, Any] = {"port": port, "timeout": limits, "maxsize": 1, "retries": False}
    pool: urllib3.HTTPConnectionPool
    if scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            str(address), **common, server_hostname=host, assert_hostname=host
        )
    else:
        pool = urllib3.HTTPConnectionPool(str(address), **common)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    named = host if parts.port is None else f"{host}:{port}"
    try:
        with pool:
            response = pool.urlopen(
                method,
                target,
                body=body or None,
                headers={"Host": named, "User-Agent": "huying", **headers},
                redirect=False,
                preload_content=False,
            )
            held = b""
            while len(held) < LARGEST and (more := response.read1(LARGEST - len(held))):
                held += more
                if monotonic() > ends:
                    raise Unreachable("timeout")
            after = response.headers.get("Retry-After", "")
            response.close()
    except urllib3.exceptions.TimeoutError:
        raise Unreachable("timeout") from None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unreachable(type(error).__name__) from None
    return Answer(response.status, held, int(after) if after.isdecimal() else None)


def _looked_up(host: str, port: int, scheme: str, allowed: Allowed) -> Address:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Unreachable("no such host") from None
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        if allowed(address, scheme):
            return address
    raise Forbidden("address not allowed")
