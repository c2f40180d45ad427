"""Where to look for the server that leads, of several: first where it was found last.

The driver asks them in the order of the address, and a machine that is frozen or cut off keeps it
waiting until `connect_timeout`, at each new connection. So the order is another one here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, TypeVar

import psycopg

from huying.postgres import budget

Place = tuple[str, str]
"""Host and port."""
Connection = TypeVar("Connection", bound=psycopg.Connection[Any])

_found: Place | None = None
_silent: Place | None = None


def in_order(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parameters of a connection to each server, the likeliest first and a silent one last."""
    places = _places(params)
    if len(places) < 2:
        return [dict(params)]
    places.sort(key=lambda each: (each == _silent, each != _found))
    return [{**params, "host": host, "port": port} for host, port in places]


def first(params: Mapping[str, Any], connect: Callable[[dict[str, Any]], Connection]) -> Connection:
    """A connection to the first of them that takes it. Who is late does not ask all of them.

    Raises:
        psycopg.OperationalError: none of those that were asked does; with what each has said.
    """
    errors: list[psycopg.OperationalError] = []
    for each in in_order(params):
        until = budget.until()
        if errors and until is not None and monotonic() >= until:
            break
        try:
            connection = connect(each)
        except psycopg.OperationalError as error:
            errors.append(error)
            continue
        found(connection)
        return connection
    if len(errors) == 1:
        raise errors[0]
    raise psycopg.OperationalError("\n".join(map(str, errors)))


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
