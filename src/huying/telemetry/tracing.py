"""Traces over OpenTelemetry, where an address for them is set; else nothing of it is even imported.

What the instrumentation writes down by itself (addresses of people, paths with numbers in them,
values) does not leave the process: a span is cut down to what is named in `KEPT` before it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from huying import __version__
from huying.telemetry import present

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

KEPT: Final = frozenset(
    {
        "http.method", "http.request.method", "http.route", "http.status_code",
        "http.response.status_code", "http.scheme", "url.scheme",
        "db.system", "db.system.name", "db.statement", "db.query.text", "db.operation",
        "db.operation.name", "error.type", "messaging.destination.name", "huying.request",
    }
)  # fmt: skip
"""The attributes of a span that are sent."""

BEFORE: Final = "huying.telemetry.observing.ByAnyName"
"""After this part of the settings' list a request's span begins."""

STATEMENTS: Final = frozenset({"db.statement", "db.query.text"})

_PARTS: Final = re.compile(
    r"""(?P<remark>--[^\n]*|/\*.*?\*/)"""
    r"""|'(?:[^']|'')*'"""  # words
    r"""|\$(\w*)\$.*?\$\2\$"""  # words in dollars
    r"""|(?<![\w$%.])[-+]?\d[\d.]*(?:e[-+]?\d+)?""",  # numbers, but for those in names
    re.DOTALL | re.IGNORECASE,
)

_on = False


class MissingExtra(RuntimeError):
    """Traces are asked for, and what they need is not installed."""


def start(url: str, percent: float, service: str, exporter: SpanExporter | None = None) -> None:
    """Switches traces on for this process.

    Args:
        url: where they are sent. Without one nothing happens, and nothing is imported.
        percent: which share of requests and jobs is traced.
        service: what this process is: web or worker.
        exporter: takes the place of the one that sends.

    Raises:
        MissingExtra: huying was installed without what traces need.
    """
    global _on
    if not url or _on:
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.django import DjangoInstrumentor
        from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"HUYING_TRACES_URL is set, and {error.name} is missing: pip install 'huying[otel]'"
        ) from error
    resource = Resource(
        {"service.name": f"huying-{service}", "service.version": __version__},
    )
    provider = TracerProvider(resource=resource, sampler=ParentBasedTraceIdRatio(percent / 100))
    sender = exporter if exporter is not None else OTLPSpanExporter(endpoint=url)
    provider.add_span_processor(BatchSpanProcessor(discreet(sender)))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument(
        tracer_provider=provider,
        is_sql_commentor_enabled=False,
        # Whoever asks whether we are well asks often, and under no name of ours.
        middleware_position=settings.MIDDLEWARE.index(BEFORE) + 1,
        request_hook=_mark,
    )
    PsycopgInstrumentor().instrument(tracer_provider=provider, enable_commenter=False)
    _on = True


def discreet(inner: SpanExporter) -> SpanExporter:
    """An exporter that sends what is left of each span."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class Discreet(SpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return inner.export([_cut_down(span) for span in spans])

        def shutdown(self) -> None:
            inner.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return inner.force_flush(timeout_millis)

    return Discreet()


def _cut_down(span: ReadableSpan) -> ReadableSpan:
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.trace import Status

    told = dict(span.attributes or {})
    kept: dict[str, Any] = {name: value for name, value in told.items() if name in KEPT}
    for name in STATEMENTS & kept.keys():
        kept[name] = without_values(str(kept[name]))
    events = [
        Event(event.name, {"exception.type": (event.attributes or {}).get("exception.type", "")},
              event.timestamp)
        for event in span.events
    ]  # fmt: skip
    return ReadableSpan(
        name=_name(span.name, told),
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=kept,
        events=events,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),  # its words are those of an error
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _name(name: str, told: dict[str, Any]) -> str:
    """The method and the pattern of a request; the first word of a statement; the job's name."""
    if method := told.get("http.method") or told.get("http.request.method"):
        route = told.get("http.route")
        return f"{method} /{str(route).lstrip('/')}" if route else str(method)
    if STATEMENTS & told.keys():
        return name.split()[0][:20].upper() if name.split() else "query"
    return name[:80]


def without_values(statement: str) -> str:
    """A statement in which every word and number that is a value is a question mark."""
    left = _PARTS.sub(lambda part: " " if part["remark"] else "?", statement)
    return " ".join(left.split())[:2000]


def _mark(span: Span, request: object) -> None:
    """Tells a span the id of its request, by which its log lines are found."""
    if (work := present.work()) is not None:
        span.set_attribute("huying.request", work.id)


def carried() -> str:
    """What a job needs in order to belong to the trace that defers it; "" without one."""
    if not _on:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


@contextmanager
def job(name: str, carried: str) -> Iterator[None]:
    """A job's span, in the trace that it was deferred in."""
    if not _on:
        yield
        return
    from opentelemetry import trace
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    before = TraceContextTextMapPropagator().extract({"traceparent": carried} if carried else {})
    tracer = trace.get_tracer("huying.jobs", __version__)
    kind = trace.SpanKind.CONSUMER
    with tracer.start_as_current_span(name, context=before, kind=kind):
        yield


def stop() -> None:
    """Sends what is left, and takes the instrumentation out again."""
    global _on
    if not _on:
        return
    from opentelemetry import trace
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor

    DjangoInstrumentor().uninstrument()
    PsycopgInstrumentor().uninstrument()
    provider: Any = trace.get_tracer_provider()
    provider.shutdown()
    _on = False
