"""Long work that one person asks the worker for: how much at once, and when it stands still."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from huying.people.models import Account

AT_ONCE: Final = 3
"""So many pieces of one kind may wait or run for one person; the worker is everyone's."""

QUIET: Final = timedelta(seconds=45)
"""Told nothing for so long, the worker has stopped, or was never there."""


def has_room(
    account_id: int, busy: QuerySet[Any], *, most: int = AT_ONCE, beside: UUID | None = None
) -> bool:
    """Whether one more may wait with those ``busy`` that are the person's. In a transaction.

    The one named ``beside`` is the very one that is to wait, and does not count.

    Asked one after the other: several clicks at one moment are several pieces of work.
    """
    Account.objects.select_for_update().get(pk=account_id)
    return busy.filter(account=account_id).exclude(pk=beside).count() < most
