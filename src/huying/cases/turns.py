"""Work that the clock calls for, on one row after the other, in several processes at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models, transaction

log = logging.getLogger(__name__)

M = TypeVar("M", bound=models.Model)


def held(rows: models.QuerySet[M], some: int) -> models.QuerySet[M]:
    """Locks up to ``some`` of the rows; passes over those that a process or person holds."""
    return rows.select_for_update(skip_locked=True, of=("self",))[:some]


def take_some(
    rows: models.QuerySet[M],
    do: Callable[[M], object],
    *,
    some: int,
    failed: set[Any] | None = None,
) -> int:
    """Does something to up to ``some`` of the rows, while it holds them; to how many.

    All in one transaction: a process that dies leaves its rows as they were, and the next look has
    them. A row to which it cannot be done keeps the others from nothing: it is told in the log, by
    its id, and added to ``failed``, whose rows are passed over. ``do`` says by something false that
    there was nothing to do.
    """
    broken = set[Any]() if failed is None else failed
    done = 0
    with transaction.atomic():
        for row in held(rows.exclude(pk__in=broken), some):
            try:
                with transaction.atomic():
                    done += bool(do(row))
            except Exception:
                log.exception("%s %s could not be seen to", row._meta.db_table, row.pk)
                broken.add(row.pk)
    return done


def take_all(rows: models.QuerySet[M], do: Callable[[M], object], *, some: int) -> int:
    """Does it to all rows, ``some`` at a time, until a look finds none; to how many.

    The query no longer finds a row to which it was done.
    """
    total, failed = 0, set[Any]()
    while found := take_some(rows, do, some=some, failed=failed):
        total += found
    return total
