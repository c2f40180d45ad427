"""Runs the jobs. `huying serve` starts one; with an external database there may be more."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.contrib.django.django_connector import DjangoConnector

HELP = "run the jobs (part of `huying serve`)"
NEEDS = "data"

log = logging.getLogger("huying.worker")

FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 4.0
"""Between two looks for a database that is gone; at most a fraction of what a new process takes."""

SPARE = 2
"""Threads beside those of the jobs, for what the loop itself has to wait for, such as names."""


def arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(options: argparse.Namespace) -> int:
    from procrastinate.contrib.django import app

    from huying import jobs, memory
    from huying.assessment.following import Follower
    from huying.cli import CommandError
    from huying.installation import config
    from huying.postgres import watch
    from huying.supervisor import stop_with_supervisor
    from huying.telemetry import tracing

    stop_with_supervisor()
    memory.bound()
    try:
        tracing.start(config.traces_url, config.traces_percent, "worker")
    except tracing.MissingExtra as error:
        raise CommandError(str(error)) from None
    watch.start()
    places = config.worker_concurrency
    now, later = jobs.Hands(), jobs.Hands(threads=jobs.threads_that_give_way(places))
    beside = (
        Follower(jobs.give_way),
        jobs.Rescuer(now, later),
        jobs.Timekeeper(partial(os.kill, os.getpid(), signal.SIGTERM)),
    )
    for each in beside:
        each.start()
    app.perform_import_paths()
    queues = {task.queue for task in app.tasks.values()} | jobs.CAN_WAIT
    common = {
        "concurrency": places,
        # The commit that defers a job must not NOTIFY (it would queue all commits), so there is
        # nothing to listen to: the worker looks for itself.
        "listen_notify": False,
        "fetch_job_polling_interval": config.worker_poll_seconds,
        "shutdown_graceful_timeout": config.stop_seconds,
        "install_signal_handlers": False,
        "update_heartbeat_interval": config.worker_silent_seconds / jobs.BEATS,
        "stalled_worker_timeout": config.worker_silent_seconds,
    }
    try:
        work_until_told(
            app,
            common | {"queues": sorted(queues - jobs.CAN_WAIT), "task_middleware": [now]},
            common | {"queues": sorted(jobs.CAN_WAIT), "task_middleware": [later]},
        )
    finally:
        for each in beside:
            each.stop()
        tracing.stop()
    return 0


def work_until_told(app: App, *lanes: dict[str, Any]) -> None:
    """Works in all lanes until SIGTERM; where the database is gone, again when it is back.

    Beginning anew in the same process costs nothing; another process would first read a thousand
    files, on a machine that has just lost its database and is asked by everybody.
    """
    import psycopg
    from procrastinate.exceptions import ConnectorException

    waits = Waits()
    while True:
        connector = cast("DjangoConnector", app.connector).get_worker_connector()
        try:
            with app.replace_connector(connector) as working:
                if asyncio.run(work(working, *lanes)):
                    return
        except (ConnectorException, psycopg.OperationalError) as error:
            # What the driver said stands behind it; nobody's data is in that.
            log.warning("the worker lost the database (%s)", error.__cause__ or error)
        sleep(waits.next())


class Waits:
    """How long to wait before the next try, in seconds: each time longer, until it went well.

    Args:
        clock: in seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._wait, self._last = clock, FIRST_WAIT_S, clock()

    def next(self) -> float:
        now = self._clock()
        self._wait = FIRST_WAIT_S if now - self._last > LONGEST_WAIT_S else self._wait
        wait, self._wait = self._wait, min(LONGEST_WAIT_S, 2 * self._wait)
        self._last = now + wait
        return wait


async def work(app: App, *lanes: dict[str, Any]) -> bool:
    """Works in all lanes until SIGTERM, or until one of them cannot go on; whether it was told to.

    Raises:
        ConnectorException: the database is gone, or
        psycopg.OperationalError: it was not there to begin with.
    """
    from procrastinate import signals

    told = False

    def stop() -> None:
        nonlocal told
        told = True
        _stop(working)

    places: int = sum(lane["concurrency"] for lane in lanes)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(places + SPARE, "job"))
    async with app.open_async():
        working = [asyncio.create_task(app.run_worker_async(**lane)) for lane in lanes]
        with signals.on_stop(stop):
            await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            _stop(working)
            ended = await asyncio.gather(*working, return_exceptions=True)
    for each in ended:
        if isinstance(each, Exception) and not told:
            raise each
    return told


def _stop(working: Iterable[asyncio.Task[None]]) -> None:
    for each in working:
        if not each.cancelling():  # once, it finishes what it is doing; twice, it leaves it
            each.cancel()
