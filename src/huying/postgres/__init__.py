"""Django's PostgreSQL, where a commit is one only when it is where it must be.

With a synchronous standby (docs/ha.md) PostgreSQL waits at each commit until the standby has it. A
wait that is broken off ends in *success* and a warning: "The transaction has already committed
locally, but might not have been replicated to the standby". If that server is lost now, so is what
was written. So here it is an error (`NotReplicated`), and what a person or a phone is told is: try
again. Under the same idempotency key that is done once all the same (`huying.cases.idempotency`).

A line that is lost during a commit leaves the same doubt (`NotAnswered`): the server may have
committed before, and what it said of it is gone.
"""

from __future__ import annotations

from typing import Final

from django.db import OperationalError

READ_ONLY: Final = "25006"
"""SQLSTATE of a write on a server, or in a transaction, that only reads."""


class NotReplicated(OperationalError):
    """Committed here, but perhaps on this server alone: no acknowledgement."""


class NotAnswered(OperationalError):
    """The line was lost while the server was asked to commit: perhaps it did."""


class LostLeader(OperationalError):
    """The server only reads: another leads now, and the connection to this one is given up."""
