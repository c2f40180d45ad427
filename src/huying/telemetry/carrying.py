"""A job knows of which request it comes: the id travels in its arguments and is taken out again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import procrastinate
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from huying.telemetry import present, tracing


def carried() -> dict[str, str]:
    """What a job's arguments get beside its own."""
    work = present.work()
    told = {present.REQUEST: work.id} if work is not None and work.id else {}
    if trace := tracing.carried():
        told[present.TRACE] = trace
    return told


def _with(jobs: list[Job]) -> list[Job]:
    beside = carried()
    if not beside:
        return jobs
    return [job.evolve(task_kwargs={**job.task_kwargs, **beside}) for job in jobs]


class Carrying(JobManager):
    """Puts into each job's arguments of which request it comes."""

    def batch_defer_jobs(self, jobs: list[Job], connection: Any | None = None) -> list[Job]:
        return super().batch_defer_jobs(_with(jobs), connection)

    async def batch_defer_jobs_async(
        self, jobs: list[Job], connection: Any | None = None
    ) -> list[Job]:
        return await super().batch_defer_jobs_async(_with(jobs), connection)


async def take_out(
    call_next: Callable[[], Awaitable[Any]],
    context: procrastinate.JobContext,
    worker: Any,
) -> Any:
    """Does a job as a part of the request that it comes from.

    The worker gives each job an asyncio task of its own; what it logs when the job has ended is
    still of it, so that nothing is given back here.
    """
    request = str(context.job.task_kwargs.pop(present.REQUEST, ""))
    trace = str(context.job.task_kwargs.pop(present.TRACE, ""))
    known = request if present.is_well_formed(request) else ""
    present.begin(present.Work(known, job=context.job.task_name))
    with tracing.job(context.job.task_name, trace):
        return await call_next()


def install(app: procrastinate.App) -> None:
    """Makes an app's jobs carry it, and its workers take it out."""
    app.job_manager = Carrying(app.connector)
    app.worker_defaults["worker_middleware"] = [take_out]
