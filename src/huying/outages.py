"""What somebody is told while the database or the disk is away: come again, nothing was kept.

Where the line to the database was lost while it committed, nobody knows whether it was kept, and
that is what is said. Neither is a fault of what was sent, and both pass: the answer is 503 with
`Retry-After`, in the reader's language, and a page gives back what was typed into it, to be sent
again.
"""

from __future__ import annotations

import errno
import logging
import sys
from collections.abc import Mapping
from typing import Any, Final

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, RawPostDataException, UnreadablePostError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from huying.errors import HuyingError
from huying.logs import discreet
from huying.postgres import NotAnswered, NotReplicated

log = logging.getLogger(__name__)

RETRY_S: Final = 5
"""After how many seconds to come again."""

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DISK: Final = _NO_ROOM | {errno.EIO, errno.EROFS}

_FULL: Final = ("too many connections", "too many clients", "remaining connection slots")

_SECRET: Final = ("password", "otp", "code", "secret", "token")
"""Fields, by a part of their names, that no page gives back."""
_MOST_BACK: Final = 200
"""Fields that are given back; a page that has more of them is no form."""


class Unavailable(HuyingError):
    """What passes.

    Attributes:
        to_reader: said to whoever has sent nothing that could have been kept.
    """

    code = "unavailable"
    to_reader = _("The system cannot be reached for a moment.")
    status = 503
    sentence = _(
        "The system cannot be reached for a moment. Nothing was kept of what you sent; please send "
        "it again in a moment."
    )


class Busy(Unavailable):
    code = "busy"
    to_reader = _("Too much is being done at this moment.")
    sentence = _(
        "Too much is being done at this moment. Nothing was kept of what you sent; please send it "
        "again in a moment."
    )


class Unconfirmed(Unavailable):
    code = "unconfirmed"
    sentence = _(
        "What you sent is not confirmed as saved; it may have been kept. Please send it again in a "
        "moment: the same form, or the same idempotency key, is done once."
    )


class NoRoom(Unavailable):
    code = "no_room"
    to_reader = _("The system has no room left on its disk. Please tell your administrator.")
    sentence = _(
        "The system has no room left on its disk. Nothing was kept of what you sent; please send "
        "it again later, and tell your administrator."
    )


def outage(error: BaseException | type[BaseException] | None) -> Unavailable | None:
    """What somebody is told of an error that passes; None for any other error."""
    if isinstance(error, OSError) and error.errno in _DISK:
        return NoRoom(retry_after=12 * RETRY_S)
    if isinstance(error, NotReplicated | NotAnswered):
        return Unconfirmed(retry_after=RETRY_S)
    cause = _of_driver(error)
    if cause is None:
        return None
    state = getattr(cause, "sqlstate", None) or ""
    if isinstance(cause, psycopg.errors.DiskFull | psycopg.errors.IoError):
        return NoRoom(retry_after=12 * RETRY_S)
    # No connection left: the server's own (53300), those of the role or of a pooler before it, or
    # those of the pool in this process.
    # Who is refused at the door is told in words alone.
    full = (
        state.startswith("53")
        or type(cause).__name__ in ("PoolTimeout", "TooManyRequests")
        or any(words in str(cause) for words in _FULL)
    )
    return Busy(retry_after=RETRY_S) if full else Unavailable(retry_after=RETRY_S)


def _of_driver(error: BaseException | type[BaseException] | None) -> BaseException | None:
    """What the driver said of the connection, whoever has told it on: Django, or the queue."""
    last: BaseException | None = None
    for _depth in range(5):
        if not isinstance(error, BaseException):
            break
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return error
        if isinstance(error, OperationalError | InterfaceError):
            last = error  # Django's own word, where the driver has said nothing
        error = error.__cause__
    return last


def failed(request: HttpRequest) -> HttpResponse:
    """The page for whatever nobody else has answered: 503 for what passes, else 500.

    Django calls it while it handles the error.
    """
    error = sys.exc_info()[1]
    if isinstance(error, UnreadablePostError | RawPostDataException):
        return HttpResponse(status=400)  # the line is gone, and nobody reads it
    passing = outage(error)
    if passing is None:
        return HttpResponse(render_to_string("500.html"), status=500)
    assert error is not None
    log.warning("%s: %s", passing.code, discreet(error))
    return told(request, passing)


def told(request: HttpRequest, passing: Unavailable) -> HttpResponse:
    """What passes, as a page that keeps what was typed, or as a problem for programs.

    Args:
        passing: with ``retry_after`` in its extra, in seconds.
    """
    if is_of_program(request.META):
        return as_problem(passing)
    seconds, asked = passing.extra["retry_after"], request.method == "GET"
    page = render_to_string(
        "503.html",
        {
            "sentence": passing.to_reader if asked else passing.sentence,
            "path": request.get_full_path(),
            "sent": _sent(request),
            "again_in": seconds if asked else None,
        },
    )
    response = HttpResponse(page, status=passing.status)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    if asked:
        response["Refresh"] = str(seconds)  # the browser asks again by itself: nothing was sent
    return response


def is_of_program(environ: Mapping[str, Any]) -> bool:
    """Whether a request (by its WSGI environment) wants a problem for an answer, and no page."""
    path: str = environ.get("PATH_INFO", "")
    return path.startswith("/api/") or environ.get("HTTP_X_BACKGROUND") == "1"


def as_problem(error: Unavailable) -> HttpResponse:
    """As programs are told."""
    from huying.api.problems import answer

    return answer(error)


def _sent(request: HttpRequest) -> list[tuple[str, str]]:
    """The words that were sent, to be sent again; nothing secret, and no files."""
    if request.method != "POST":
        return []
    try:
        posted = request.POST
        if request.FILES:
            return []  # a form with files goes back by the browser, which still has them
    except Exception:  # what could not be read cannot be given back
        return []
    found = [
        (name, value)
        for name, values in posted.lists()
        for value in values
        if not any(part in name.lower() for part in _SECRET) or name == "csrfmiddlewaretoken"
    ]
    withheld = len(found) != sum(len(values) for _name, values in posted.lists())
    return [] if withheld or len(found) > _MOST_BACK else found
