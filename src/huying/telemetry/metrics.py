"""/metrics: figures for Prometheus, for whoever has the token or asks from where it is allowed.

No figure is anybody's: labels are states, levels, kinds of jobs and patterns of paths.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from huying import __version__
from huying.backup import watching
from huying.installation import Settings
from huying.people.addresses import client_of, is_within
from huying.telemetry import counted
from huying.telemetry.standing import Standing, disks, since_upkeep, standing

KEPT_S: Final = 5.0
"""However many ask, the database is asked no more often than this by each web process."""

HERE: Final = ("localhost", "127.0.0.1", "[::1]")

FORWARDED: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")

log = logging.getLogger(__name__)


def may_read(request: HttpRequest) -> bool:
    """Whether it brings the token, or comes from where none is needed.

    Where nothing is set, that is this machine, asked by its own name, and not by way of a proxy,
    which stands on this machine too and would open the door to all the world.
    """
    chosen = settings.HUYING
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if chosen.metrics_token and scheme.lower() == "bearer":
        return secrets.compare_digest(token.strip().encode(), chosen.metrics_token.encode())
    remote = request.META.get("REMOTE_ADDR", "")
    told = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if chosen.metrics_from:
        return is_within(client_of(remote, told, chosen.trusted_proxies), chosen.metrics_from)
    if chosen.metrics_token or any(request.META.get(name) for name in FORWARDED):
        return False
    name = request.META.get("HTTP_HOST", "").rsplit(":", 1)[0]
    try:
        return ip_address(remote).is_loopback and name in HERE
    except ValueError:
        return False


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The page; 401 for everyone else, who learns nothing."""
    if not may_read(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    page = encode(counted.registry()) + encode(_standing)
    if kind.startswith("application/openmetrics-text"):
        page = page.replace(b"# EOF\n", b"", 1)  # the end is at the end of both
    return HttpResponse(page, content_type=kind, headers={"Cache-Control": "no-store"})


class _Standing(Collector):
    """How the installation stands, looked at when it is asked for and kept for `KEPT_S`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[Metric] = []
        self._until = 0.0

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._kept = list(look())
                self._until = time.monotonic() + KEPT_S
            kept = self._kept
        yield from kept

    def forget(self) -> None:
        """Looks anew at the next question. For tests."""
        self._until = 0.0


def look() -> Iterator[Metric]:
    """Looks at the database, the notes and the disks."""
    build = GaugeMetricFamily("huying_build", "Which huying this is.", labels=["version"])
    build.add_metric([__version__], 1)
    yield build
    now = timezone.now()
    try:
        found: Standing | None = standing(now)
    except DatabaseError as error:
        log.warning("the figures of /metrics could not be read: %s", error)
        found = None
    yield GaugeMetricFamily(
        "huying_database_up", "Whether the database answers.", value=float(found is not None)
    )
    if found is not None:
        yield from _of_database(found)
        if found.sealed_at is not None:
            yield GaugeMetricFamily(
                "huying_last_seal_age_seconds",
                "Since the last seal of all cases.",
                value=(now - found.sealed_at).total_seconds(),
            )
    home = Path(settings.HUYING.home)
    done = since_upkeep(home, now)
    for name, words in (
        ("backup", "Since the last backup."),
        ("restored", "Since a backup was last restored and proved."),
    ):
        if name in done:
            yield GaugeMetricFamily(
                f"huying_last_{name}_age_seconds", words, value=done[name].total_seconds()
            )
    yield from _of_archive(now)
    yield from _of_disks(settings.HUYING)


def _of_archive(now: datetime) -> Iterator[Metric]:
    archive = watching.state(now=now)
    if not archive.configured:
        return
    yield GaugeMetricFamily(
        "huying_archive_lag_seconds",
        "How long the oldest change waits that is not in the archive yet; 0: none waits.",
        value=archive.lag_seconds,
    )
    yield GaugeMetricFamily(
        "huying_archive_backlog_bytes",
        "What waits for the archive on the database's disk.",
        value=archive.backlog_bytes,
    )
    yield GaugeMetricFamily(
        "huying_archive_failed",
        "1: taking in failed, part of the log was let go, or the last drill did not succeed.",
        value=float(archive.failed or archive.dropped > 0 or archive.drill_failed),
    )


def _of_database(found: Standing) -> Iterator[Metric]:
    cases = GaugeMetricFamily(
        "huying_open_cases",
        "Open cases, by state and by the level of the desk that holds them.",
        labels=["state", "level"],
    )
    for (state, level), n in found.open_cases.items():
        cases.add_metric([state, level], n)
    yield cases
    yield GaugeMetricFamily(
        "huying_oldest_unsigned_emergency_seconds",
        "How long the oldest emergency waits that no unit has signed for; 0: there is none.",
        value=found.oldest_emergency_s,
    )
    jobs = GaugeMetricFamily("huying_jobs_waiting", "Jobs that could begin.", labels=["kind"])
    age = GaugeMetricFamily(
        "huying_jobs_oldest_seconds", "How long the oldest of them has waited.", labels=["kind"]
    )
    for each in found.waiting:
        jobs.add_metric([each.kind], each.jobs)
        age.add_metric([each.kind], max(0.0, each.seconds or 0.0))
    yield jobs
    yield age
    yield GaugeMetricFamily(
        "huying_workers", "Workers that say that they are alive.", value=found.workers
    )
    dead = GaugeMetricFamily(
        "huying_outgoing_dead", "Outgoing messages that were given up.", labels=["channel"]
    )
    for channel, n in found.dead_letters.items():
        dead.add_metric([channel], n)
    yield dead
    if found.behind_s is not None:
        yield GaugeMetricFamily(
            "huying_figures_behind_seconds",
            "By how much the sums of figures are behind the event log.",
            value=found.behind_s,
        )
    yield from _of_replicas(found)


def _of_replicas(found: Standing) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "huying_replicas", "Replicas that follow the database.", value=len(found.replicas)
    )
    lag = GaugeMetricFamily(
        "huying_replica_lag_seconds", "How far a replica is behind.", labels=["replica"]
    )
    size = GaugeMetricFamily(
        "huying_replica_lag_bytes", "What a replica has not applied yet.", labels=["replica"]
    )
    for number, each in enumerate(found.replicas, start=1):
        if each.seconds is not None:
            lag.add_metric([each.name or str(number)], each.seconds)
        if each.bytes is not None:
            size.add_metric([each.name or str(number)], each.bytes)
    yield lag
    yield size


def _of_disks(chosen: Settings) -> Iterator[Metric]:
    free = GaugeMetricFamily("huying_disk_free_bytes", "Room where a folder is.", labels=["folder"])
    size = GaugeMetricFamily("huying_disk_size_bytes", "Of its file system.", labels=["folder"])
    for disk in disks(chosen):
        free.add_metric([disk.folder], disk.free)
        size.add_metric([disk.folder], disk.size)
    yield free
    yield size


_standing = CollectorRegistry()
_looked = _Standing()
_standing.register(_looked)


def forget() -> None:
    """Looks anew at the next question. For tests."""
    _looked.forget()
