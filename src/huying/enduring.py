"""What an installation can choose about stopping, failing and waiting; part of `installation`."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class EnduringSettings(BaseSettings):
    """How long things are waited for, and how the database's connections are come by."""

    database_pool: bool = Field(
        False,
        description="Take connections from a pool in each process instead of one for each "
        "thread; for servers with more threads than the database has connections to give.",
    )
    database_pool_size: int = Field(
        0, ge=0, le=1000,
        description="Connections in the pool of each process; 0: as many as it has threads.",
    )  # fmt: skip
    database_wait_seconds: float = Field(
        5, gt=0, le=60,
        description="How long a request waits for a connection to the database; then it is "
        "answered 503, to be sent again.",
    )  # fmt: skip
    database_patience_seconds: int = Field(
        8, ge=2, le=60,
        description="How long a commit may wait for the standby of an external PostgreSQL, and "
        "about how long a request may wait in all; one of several servers that is silent for half "
        "as long is left. Then it is an error (see docs/ha.md).",
    )  # fmt: skip
    database_pooler: bool = Field(
        False,
        description="The application's DATABASE_URL leads to a pooler that lends a connection for "
        "one transaction at a time, such as PgBouncer: no prepared statements, no cursors "
        "between transactions. DATABASE_OWNER_URL goes to the server itself. See "
        "docs/resilience.md.",
    )
    job_tries: int = Field(
        8, ge=1, le=50,
        description="How often a job is tried, each time later, before it is left to the "
        "administrator.",
    )  # fmt: skip
    worker_silent_seconds: float = Field(
        30, ge=3, le=600,
        description="A worker that has said nothing for so long has died; its jobs are done again.",
    )  # fmt: skip
    stop_seconds: int = Field(
        15, ge=1, le=600,
        description="When it is stopped: the time for requests that are being answered, and then "
        "for jobs that are being done. A job that takes longer is done again by the next worker.",
    )  # fmt: skip
    slow_client_seconds: int = Field(
        30, ge=1, le=600,
        description="How long a client may take to send its headers, and as long again for each "
        "megabyte of what it sends; then the line is cut.",
    )  # fmt: skip
