"""Who is locked out after wrong passwords: a name at an address, and never its owner elsewhere.

Five failures lock one name at one address. Guesses at one name from many addresses together are
kept slow too, but that lock holds only for addresses from which the name has not signed in lately:
strangers, however many, cannot keep people out of where they work.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Any, Final

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username, get_failure_limit
from axes.models import AccessAttempt, AccessLog
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone

from huying.people import failures
from huying.people.addresses import counted

MOST_FROM_ANYWHERE: Final = 20
"""Failures of one name from all addresses, within the time that a lock lasts."""

FAMILIAR_FOR: Final = timedelta(days=90)
"""So long after a sign-in its address is the name's own."""


class Lockout(AxesDatabaseHandler):
    """Counts failures in the database, for all processes and machines."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Counts a failure, and keeps a line of it unless it came while all was locked."""
        locked = request is not None and request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and not locked:
            failures.note(request, get_client_username(request, credentials))

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The failures that count here; as many as lock where the name is tried from all over."""
        here: int = super().get_failures(request, credentials)
        most: int = get_failure_limit(request, credentials)
        if here >= most:
            return here
        name = get_client_username(request, credentials)
        if name is None or self._anywhere(request, name) < MOST_FROM_ANYWHERE:
            return here
        return here if self._is_familiar(request, name) else most

    def filter_user_attempts(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> list[QuerySet[AccessAttempt]]:
        """The failures of this name at this address, as addresses are counted."""
        return [
            AccessAttempt.objects.filter(
                username=get_client_username(request, credentials), **_here(request)
            )
        ]

    @staticmethod
    def _anywhere(request: HttpRequest, name: str) -> int:
        lately = AccessAttempt.objects.filter(
            username=name, attempt_time__gte=get_cool_off_threshold(request)
        )
        return int(lately.aggregate(n=Sum("failures_since_start"))["n"] or 0)

    @staticmethod
    def _is_familiar(request: Any, name: str) -> bool:
        return AccessLog.objects.filter(
            username=name,
            attempt_time__gte=timezone.now() - FAMILIAR_FOR,
            **_here(request),
        ).exists()


def _here(request: Any) -> dict[str, Any]:
    """Rows from where this request comes: with IPv6 of its whole network, within which anybody may
    take another address for each try."""
    if request.axes_ip_address is None:
        return {"ip_address": None}
    network = ip_network(counted(request.axes_ip_address))
    return {"ip_address__gte": str(network[0]), "ip_address__lte": str(network[-1])}
