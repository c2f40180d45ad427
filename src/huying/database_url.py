"""Connection strings as the world writes them, as Django wants them told."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database_from_url(url: str) -> dict[str, Any]:
    """Django's description of the database that a postgresql:// URL names.

    Raises ValueError if it names none.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("it must start with postgresql://")
    options = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ValueError("it names no database")
    if not parts.username:
        raise ValueError("it names no role")
    hosts, ports = _hosts(parts.netloc.rpartition("@")[2])
    host = options.pop("host", None) or unquote(hosts)
    port = options.pop("port", None) or ports
    return {
        "ENGINE": "huying.postgres",
        "NAME": name,
        "USER": unquote(parts.username),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "OPTIONS": dict(options),
    }


def _hosts(place: str) -> tuple[str, str]:
    """The hosts and ports of a URL, each in a list with commas as the driver takes them.

    Raises ValueError if a port is not a number.
    """
    found = [
        (host.removeprefix("[").removesuffix("]"), port)
        for host, _colon, port in (_split(each) for each in place.split(","))
    ]
    if any(port and not port.isdecimal() for _host, port in found):
        raise ValueError("its port is not a number")
    ports = [port for _host, port in found]
    return ",".join(host for host, _port in found), ",".join(ports) if any(ports) else ""


def _split(place: str) -> tuple[str, str, str]:
    host, colon, port = place.rpartition(":")
    return (host, colon, port) if colon and not place.endswith("]") else (place, "", "")
