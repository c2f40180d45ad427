"""From which address a request comes, told by as many proxies as are trusted and no more. Pure.

Each proxy adds to the end of X-Forwarded-For the address that spoke to it. So the header is read
from its end, and only as far as somebody wrote it whom the installation trusts: what stands before
that, anyone may have made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
Proxies = int | Networks
"""How many stand in a row before us, or which addresses they have."""


def proxies_from(text: str) -> Proxies:
    """A number, or addresses and networks separated by commas.

    Raises:
        ValueError: it is neither.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) == 1 and parts[0].isdecimal():
        return int(parts[0])
    try:
        return tuple(ip_network(part) for part in parts)
    except ValueError:
        raise ValueError("it is neither a number nor addresses or networks of proxies") from None


def client_of(remote: str, forwarded: str, proxies: Proxies) -> str:
    """The client's address.

    Args:
        remote: who speaks to us.
        forwarded: X-Forwarded-For, as it came.
    """
    here = _read(remote)
    if here is None:
        return remote
    told = [part.strip() for part in forwarded.split(",")] if forwarded else []
    for passed, part in enumerate(reversed(told)):
        if not _is_trusted(here, passed, proxies):
            break
        before = _read(part)
        if before is None:
            break
        here = before
    return str(here)


def counted(address: str) -> str:
    """What an address is counted as, where somebody may ask or fail so often.

    Itself; of IPv6 the network of 64 bits, in which whoever has one address may take any other.
    """
    here = _read(address)
    if here is None:
        return address
    if isinstance(here, IPv6Address):
        return str(IPv6Network((int(here), 64), strict=False))
    return str(here)


def is_proxy(remote: str, proxies: Proxies) -> bool:
    """Whether who speaks to us is a proxy whose word is taken."""
    here = _read(remote)
    return here is not None and _is_trusted(here, 0, proxies)


def is_within(address: str, networks: Networks) -> bool:
    """Whether an address is in one of the networks."""
    here = _read(address)
    return here is not None and any(here in network for network in networks)


def _is_trusted(address: Address, passed: int, proxies: Proxies) -> bool:
    if isinstance(proxies, int):
        return passed < proxies
    return any(address in network for network in proxies)


def _read(text: str) -> Address | None:
    """An address, with or without a port."""
    for form in _forms(text):
        try:
            address = ip_address(form)
        except ValueError:
            continue
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return mapped or address
    return None


def _forms(text: str) -> Sequence[str]:
    host, _colon, _port = text.rpartition(":")
    return (text, host.strip("[]"), text.strip("[]"))
