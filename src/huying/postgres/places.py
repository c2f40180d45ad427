"""Where to look for the server that leads, of several: first where it was found last.

The driver asks them in the order of the address, and a machine that is frozen or cut off keeps it
waiting until `connect_timeout`, at each new connection. So the order is another one here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

Place = tuple[str, str]
"""Host and port."""

_found: Place | None = None
_silent: Place | None = None


def in_order(params: Mapping[str, Any]) -> dict[str, Any]:
    """The same parameters of a connection, the likeliest server first and a silent one last."""
    places = _places(params)
    if len(places) < 2:
        return dict(params)
    places.sort(key=lambda each: (each == _silent, each != _found))
    hosts, ports = zip(*places, strict=True)
    return {**params, "host": ",".join(hosts), "port": ",".join(ports)}


def found(connection: psycopg.Connection[Any]) -> None:
    """This one leads."""
    global _found, _silent
    _found = _of(connection)
    if _silent == _found:
        _silent = None


def silent(connection: psycopg.Connection[Any]) -> None:
    """This one does not answer any more."""
    global _found, _silent
    _silent = _of(connection)
    if _found == _silent:
        _found = None


def _places(params: Mapping[str, Any]) -> list[Place]:
    if params.get("hostaddr"):
        return []  # then the addresses decide, and have an order of their own
    hosts = str(params.get("host") or "").split(",")
    ports = str(params.get("port") or "").split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    return list(zip(hosts, ports, strict=True)) if len(ports) == len(hosts) else []


def _of(connection: psycopg.Connection[Any]) -> Place | None:
    try:
        return connection.info.host, str(connection.info.port)
    except psycopg.Error:
        return None
