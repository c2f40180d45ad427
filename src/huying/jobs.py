"""Jobs that failed, or whose worker died over them, are done again; what stays failed is told.

A job is deferred in the transaction of what it follows from, so it is there when that is. A worker
that is killed leaves it marked as being done: its heart has stopped, and after half a minute
(`worker_silent_seconds`) another worker, or the same one started again, puts the job back. One that
fails is tried again, each time later; after `job_tries` it stays where it is, the others go on, and
the administrator's front page says so. A worker whose connection breaks in the moment in which it
writes that a job is done goes on with the next: the job is put back too. Every job may therefore
run twice, and what it does counts once.

A worker has two lanes. In one go the jobs for which somebody waits: notices, escalations,
deadlines. In the other, with threads and places of its own, go those that can wait (`CAN_WAIT`), at
a niceness that gives way to the pages: on a machine that is full they stand still, and hold
nothing up.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

import orjson
from django.conf import settings
from django.db import close_old_connections, connection, connections, transaction
from django.db.models import Q, QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.ticks import ahead

log = logging.getLogger(__name__)

BEATS: Final = 6
"""How often a worker says that it lives, in the time after which one that does not is dead."""
SET_BACK_S: Final = 30.0
"""A clock that goes back by more than this was set, and not drawn to the right time."""
LOOKS: Final = 3
"""How often it is looked in that time what is to be done again."""
FIRST_S: Final = 5.0
LONGEST_S: Final = 3600.0
"""How long a job that failed waits: the first time, and at most; each time four times as long."""

ONCE: Final = ["exports", "imports"]
"""Queues whose jobs tell a person that they failed, who then decides: not tried again by itself."""

LATER: Final = "later"
"""The queue of small jobs that can wait."""
CAN_WAIT: Final = frozenset({LATER, *ONCE})
"""Queues whose jobs give way to everything else."""
GIVES_WAY: Final = 10
"""The niceness of what can wait: a person waits for each page, and nobody for these."""

ALONG: Final = 50
"""Small jobs that are done with another of their kind, at most: well below a second's work."""

PERIODIC: Final = "recurring."
"""How the names of periodic work begin (`recurring`)."""

_SQL: Final = (Path(__file__).parent / "sql" / "jobs_again.sql").read_text("utf-8")


def again(workers: Sequence[int] = (), let_go: Sequence[int] = ()) -> tuple[int, int]:
    """Puts back what may be tried again; how many, and how many were given up on for good.

    Args:
        workers: workers that live, and
        let_go: jobs that they have long done with: put back where they still stand as theirs.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL,
            {
                "silent_s": settings.HUYING.worker_silent_seconds,
                "tries": settings.HUYING.job_tries,
                "once": ONCE,
                "first_s": FIRST_S,
                "longest_s": LONGEST_S,
                "workers": list(workers),
                "let_go": list(let_go),
            },
        )
        tried, buried = cursor.fetchone()
    if buried:
        log.error("%s jobs were given up: each worker that had them died", buried)
    return tried, buried


def along(task: str, do: Callable[[dict[str, Any]], Any]) -> int:
    """Does what waits of a kind beside the job that has just been begun, `ALONG` at most; how many.

    To take a job and to write that it is done costs as much as a small one itself. These are taken
    by one statement, and are gone when what they did is there: both are one transaction. Where one
    of them fails, all are left as they were, each to be done, and to fail, by itself.

    Args:
        do: gets a job's arguments.
    """
    try:
        with transaction.atomic():
            taken = _taken(task)
            for arguments in taken:
                do(arguments)
    except Exception:
        log.warning("jobs of the kind %s are left to be done one by one", task, exc_info=True)
        return 0
    return len(taken)


def _taken(task: str) -> list[dict[str, Any]]:
    """The arguments of jobs that wait, which are gone when the transaction is done."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs WHERE id IN (
                SELECT id FROM procrastinate_jobs
                WHERE status = 'todo' AND task_name = %s
                    AND (scheduled_at IS NULL OR scheduled_at <= now())
                ORDER BY priority DESC, id LIMIT %s
                FOR UPDATE SKIP LOCKED
            ) RETURNING args::text
            """,
            [task, ALONG],
        )
        return [orjson.loads(arguments) for (arguments,) in cursor.fetchall()]


def dead() -> QuerySet[ProcrastinateJob]:
    """The jobs that nobody tries again by itself, and periodic work that has just failed."""
    tries = settings.HUYING.job_tries
    failed = ProcrastinateJob.objects.filter(status="failed")
    ended = Q(attempts__gte=tries) | Q(queue_name__in=ONCE)
    return failed.filter(ended | Q(task_name__startswith=PERIODIC))


def retry(job: ProcrastinateJob) -> bool:
    """Lets a job that failed be tried anew; whether it had failed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = now(),"
            " worker_id = NULL WHERE id = %s AND status = 'failed' AND NOT EXISTS ("
            " SELECT FROM procrastinate_jobs other WHERE other.status = 'todo'"
            " AND other.queueing_lock = procrastinate_jobs.queueing_lock)",
            [job.pk],
        )
        return bool(cursor.rowcount)


def drop(job: ProcrastinateJob) -> bool:
    """Gives a job that failed up; whether it had failed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'aborted' WHERE id = %s AND status = 'failed'",
            [job.pk],
        )
        return bool(cursor.rowcount)


@dataclass
class Hands:
    """What a worker has in hand, and what it has let go of since it was last asked.

    Around each job, with a connection that works: one that broke meanwhile is left for a new one.

    Attributes:
        worker: its number, once it has had a job.
        threads: those in which its jobs are done; None: in the one in which each is begun.
    """

    worker: int | None = None
    threads: Executor | None = None
    _let_go: dict[int, float] = field(default_factory=dict)

    def __call__(self, call: Callable[[], Any], context: Any, worker: Any) -> Any:
        if self.threads is None:
            return self._do(call, context, worker)
        going = self.threads.submit(copy_context().run, self._do, call, context, worker)
        return going.result()

    def _do(self, call: Callable[[], Any], context: Any, worker: Any) -> Any:
        self.worker = worker.worker_id
        self._let_go.pop(context.job.id, None)
        _only_what_works()
        try:
            return call()
        finally:
            _only_what_works()
            self._let_go[context.job.id] = monotonic()

    def let_go(self, seconds: float) -> list[int]:
        """The jobs that it has been done with for so long; tells each of them once."""
        before = monotonic() - seconds
        found = [job for job, at in list(self._let_go.items()) if at <= before]
        return [job for job in found if self._let_go.pop(job, None) is not None]


def _only_what_works() -> None:
    for each in connections.all(initialized_only=True):
        each.close_if_unusable_or_obsolete()


def give_way() -> None:
    """From now on this thread stands back for all others of the machine."""
    with suppress(OSError):  # where threads have no niceness of their own
        own = threading.get_native_id()
        niceness = max(GIVES_WAY, os.getpriority(os.PRIO_PROCESS, own))
        os.setpriority(os.PRIO_PROCESS, own, niceness)


def threads_that_give_way(places: int) -> Executor:
    """So many, for `Hands`."""
    return ThreadPoolExecutor(places, "later", initializer=give_way)


class Rescuer(threading.Thread):
    """Looks every few seconds what is to be done again, until told to stop.

    Args:
        hands: those of the workers in whose process it is.
    """

    def __init__(self, *hands: Hands) -> None:
        super().__init__(name="rescuer", daemon=True)
        self._hands, self._stopping = hands, threading.Event()
        self._owed: list[int] = []

    def run(self) -> None:
        while not self._stopping.wait(settings.HUYING.worker_silent_seconds / LOOKS):
            # Whatever it was: the next look may find the database again, and without looks a job
            # that failed once stays undone until the worker is started anew.
            try:
                self.look()
                close_old_connections()
            except Exception:
                log.exception("jobs could not be looked after")
                with suppress(Exception):
                    connection.close()
        connection.close()

    def look(self) -> tuple[int, int]:
        """Looks once; what `again` says."""
        for each in self._hands:
            self._owed += each.let_go(settings.HUYING.worker_silent_seconds)
        workers = [each.worker for each in self._hands if each.worker is not None]
        told = again(workers, self._owed)
        self._owed.clear()
        return told

    def stop(self) -> None:
        self._stopping.set()
        self.join(5)


class Timekeeper(threading.Thread):
    """Ends the worker, which is started again, when the clock was set back.

    What begins periodic work remembers in the worker for which minute it last did so. With the
    clock an hour back it would begin nothing for an hour: no deadline would be looked at, nobody
    reminded. A worker that has just been started begins with the minute that it finds.
    """

    def __init__(
        self, leave: Callable[[], None], *, every_s: float = 5.0, clock: Callable[[], float] = ahead
    ) -> None:
        super().__init__(name="timekeeper", daemon=True)
        self._leave, self._every_s, self._clock = leave, every_s, clock
        self._last = clock()
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(self._every_s):
            if self.was_set_back():
                log.warning("the clock was set back: the worker begins anew")
                self._leave()
                return

    def was_set_back(self) -> bool:
        """Whether it was, since this was asked last."""
        last, self._last = self._last, self._clock()
        return last - self._last > SET_BACK_S

    def stop(self) -> None:
        self._stopping.set()
        self.join(5)
