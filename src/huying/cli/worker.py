"""Runs the jobs. `huying serve` starts one; with an external database there may be more."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from procrastinate import App

HELP = "run the jobs (part of `huying serve`)"
NEEDS = "data"

SPARE = 2
"""Threads beside those of the jobs, for what the loop itself has to wait for, such as names."""


def arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(options: argparse.Namespace) -> int:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

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
    connector = cast("DjangoConnector", app.connector)
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
    try:
        with app.replace_connector(connector.get_worker_connector()) as working:
            working.perform_import_paths()
            queues = {task.queue for task in working.tasks.values()} | jobs.CAN_WAIT
            common = {
                "concurrency": places,
                # The commit that defers a job must not NOTIFY (it would queue all commits), so
                # there is nothing to listen to: the worker looks for itself.
                "listen_notify": False,
                "fetch_job_polling_interval": config.worker_poll_seconds,
                "shutdown_graceful_timeout": config.stop_seconds,
                "install_signal_handlers": False,
                "update_heartbeat_interval": config.worker_silent_seconds / jobs.BEATS,
                "stalled_worker_timeout": config.worker_silent_seconds,
            }
            asyncio.run(
                work(
                    working,
                    common | {"queues": sorted(queues - jobs.CAN_WAIT), "task_middleware": [now]},
                    common | {"queues": sorted(jobs.CAN_WAIT), "task_middleware": [later]},
                )
            )
    finally:
        for each in beside:
            each.stop()
        tracing.stop()
    return 0


async def work(app: App, *lanes: dict[str, Any]) -> None:
    """Works in all lanes until SIGTERM, or until one of them cannot go on."""
    from procrastinate import signals

    places: int = sum(lane["concurrency"] for lane in lanes)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(places + SPARE, "job"))
    async with app.open_async():
        working = [asyncio.create_task(app.run_worker_async(**lane)) for lane in lanes]
        with signals.on_stop(partial(_stop, working)):
            await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            _stop(working)
            ended = await asyncio.gather(*working, return_exceptions=True)
    for each in ended:
        if isinstance(each, Exception):
            raise each


def _stop(working: Iterable[asyncio.Task[None]]) -> None:
    for each in working:
        if not each.cancelling():  # once, it finishes what it is doing; twice, it leaves it
            each.cancel()
