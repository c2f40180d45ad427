"""Sign-ins that failed, kept as long as those that did not: the counts of the lock-out are not.

One line a failure, and the one that locks says so; what is refused while it is locked leaves none.
A second factor that was wrong, behind a password that was right, is one too: its line's page tells.
A name that is no account's may be anything, a password in the wrong field too: it is kept masked.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessFailureLog

from huying import limiting
from huying.errors import TooMany
from huying.people.adapters import counted_address
from huying.people.models import Account

HOUR: Final = 3600.0
MOST_OF_ONE_ADDRESS: Final = 120
MOST_OF_ALL: Final = 3000
"""Lines an hour. Whoever means to fill the disk with them, or to bury others under them, finds an
end; what locks an account that there is stands always, and its number is limited by the lock."""

log = logging.getLogger(__name__)


def note(request: Any, name: str | None) -> None:
    """Writes down the failure that was just counted for this name."""
    known = name is not None and Account.objects.filter(username=name).exists()
    if not (known and request.axes_locked_out) and not _has_room(request):
        return
    shown = name if name is not None and known else masked(name or "")
    _write(request, shown, locked=request.axes_locked_out)


def note_code(*, request: Any, user: Account, **_signal: Any) -> None:
    """Writes down a code that was wrong; never the code, which may be a recovery code mistyped."""
    AxesProxyHandler.update_request(request)
    if _has_room(request):
        _write(request, user.username, locked=False)


def _write(request: Any, name: str, *, locked: bool) -> None:
    AccessFailureLog.objects.create(
        username=name,
        ip_address=request.axes_ip_address,
        user_agent=request.axes_user_agent,
        path_info=request.axes_path_info,
        http_accept="",
        locked_out=locked,
    )


def masked(name: str) -> str:
    """The first letter of a name that nobody has, and not how long it is."""
    return f"{name[:1]}***" if name else ""


def _has_room(request: Any) -> bool:
    here = limiting.bucket_of(counted_address(request))
    try:
        limiting.of("limits-failures", window=HOUR).take(here, 1, MOST_OF_ONE_ADDRESS)
        limiting.of("limits-failures-all", window=HOUR).take(0, 1, MOST_OF_ALL)
    except TooMany:
        log.warning("more failed sign-ins than are written down")
        return False
    return True
