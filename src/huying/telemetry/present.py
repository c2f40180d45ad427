"""Of which request, or of which job, the present work is."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Any, Final

_WELL_FORMED: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What nginx, Caddy, Envoy and Traefik give, and nothing in which something could be hidden."""

REQUEST: Final = "_request"
TRACE: Final = "_trace"
"""The arguments of a job that tell where it comes from."""


@dataclass(slots=True)
class Work:
    """A request or a job.

    Attributes:
        id: of the request that began it, "" if the clock did.
        request: Django's, while it is answered.
        job: the name of the task.
    """

    id: str
    request: Any = None
    job: str = ""


_present: ContextVar[Work | None] = ContextVar("huying_present", default=None)


def work() -> Work | None:
    """What is being done here, if it is a request or a job."""
    return _present.get()


def begin(new: Work) -> Token[Work | None]:
    """From here on this is the work; `end` gives the one before back."""
    return _present.set(new)


def end(token: Token[Work | None]) -> None:
    """Ends what `begin` began."""
    _present.reset(token)


def is_well_formed(told: str) -> bool:
    """Whether it looks as the ids of requests do."""
    return _WELL_FORMED.fullmatch(told) is not None


def new_id() -> str:
    """An id for a request."""
    return uuid.uuid4().hex


def route_of(request: Any, status: int = 0) -> str:
    """The pattern of a request's path: never the path, in which a case's number or a code stands.

    There are as many of them as there are pages, whatever is asked for.
    """
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return f"/{match.route}"
    if request.path_info.startswith("/static/"):
        return "/static/"
    # An open page that asks whether there is anything new is answered before its path is read.
    return "(nothing new)" if status == 204 else "(none)"
