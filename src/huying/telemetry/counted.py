"""What a web process counts of its requests. Several of them keep it in files that one of them
adds up (`prometheus_client`'s own way, where PROMETHEUS_MULTIPROC_DIR names a folder)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_own = CollectorRegistry()

REQUESTS: Final = Counter(
    "huying_http_requests",
    "Requests answered, by the pattern of their path.",
    ["method", "route", "status"],
    registry=_own,
)
SECONDS: Final = Histogram(
    "huying_http_request_duration_seconds",
    "How long the answers took.",
    ["route"],
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_own,
)
REFUSED: Final = Counter(
    "huying_http_refused",
    "Requests told to come again because too many waited, by rank.",
    ["rank"],
    registry=_own,
)


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """Counts one request."""
    method = method if method in METHODS else "other"
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def registry() -> CollectorRegistry:
    """What all web processes of this server have counted together."""
    if FOLDER not in os.environ:
        return _own
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together


@contextmanager
def in_common() -> Iterator[None]:
    """While it lasts, the processes that are started count into one folder, which ends with it."""
    with tempfile.TemporaryDirectory(prefix="huying-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            os.environ.pop(FOLDER, None)
