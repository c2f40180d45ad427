"""Runs the jobs. `huying serve` starts one; with an external database there may be more."""

from __future__ import annotations

import argparse
import os
import signal
from functools import partial
from typing import cast

HELP = "run the jobs (part of `huying serve`)"
NEEDS = "data"

GIVES_WAY = 10
"""A person waits for each page and nobody for a job: on a busy machine the worker stands back."""


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
    os.nice(GIVES_WAY)
    connector = cast("DjangoConnector", app.connector)
    watch.start()
    hands = jobs.Hands()
    beside = (
        Follower(),
        jobs.Rescuer(hands),
        jobs.Timekeeper(partial(os.kill, os.getpid(), signal.SIGTERM)),
    )
    for each in beside:
        each.start()
    try:
        with app.replace_connector(connector.get_worker_connector()) as working:
            working.run_worker(
                concurrency=config.worker_concurrency,
                # The commit that defers a job must not NOTIFY (it would queue all commits), so
                # there is nothing to listen to: the worker looks for itself.
                listen_notify=False,
                fetch_job_polling_interval=config.worker_poll_seconds,
                shutdown_graceful_timeout=config.stop_seconds,
                install_signal_handlers=True,
                update_heartbeat_interval=config.worker_silent_seconds / jobs.BEATS,
                stalled_worker_timeout=config.worker_silent_seconds,
                task_middleware=[hands],
            )
    finally:
        for each in beside:
            each.stop()
        tracing.stop()
    return 0
