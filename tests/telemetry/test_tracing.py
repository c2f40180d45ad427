"""Traces leave the process when an address is set, and nobody's data leaves with them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.telemetry import tracing

STORY = """
import json, os, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

got = []
class Collector(BaseHTTPRequestHandler):
    def do_POST(self):
        got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200); self.end_headers()
    def log_message(self, *told): pass
server = HTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["HUYING_TRACES_URL"] = f"http://127.0.0.1:{server.server_port}/v1/traces"
os.environ["DJANGO_SETTINGS_MODULE"] = "huying.settings"

from huying.wsgi import application
from django.test import Client
from django.db import connection
from huying.telemetry import present, tracing

client = Client(raise_request_exception=False, HTTP_USER_AGENT="欧阳询之", HTTP_HOST="localhost")
client.get("/desk/cases/13926187754?q=13926187754")
assert client.get("/healthz", HTTP_HOST="10.20.30.40:8000").status_code == 200
answer = client.post("/accounts/login/", {"login": "欧阳询之", "password": "13926187754"})
with connection.cursor() as cursor:
    with tracing.job("tests.job", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"):
        cursor.execute("SELECT %s::text, '13926187754', 7 -- 13926187754", ["13926187754"])
        carried = tracing.carried()
    try:
        with tracing.job("tests.falls", ""):
            cursor.execute("SELECT '13926187754'::int[]")
    except Exception: pass
tracing.stop()
words = lambda it: {a.key: a.value.string_value or a.value.int_value for a in it.attributes}
spans = []
for body in got:
    told = ExportTraceServiceRequest.FromString(body)
    for resource in told.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                spans.append({
                    "name": span.name, "trace": span.trace_id.hex(), "told": words(span),
                    "events": [[e.name, words(e)] for e in span.events],
                    "status": span.status.message,
                })
print(json.dumps({"spans": spans, "raw": b"".join(got).decode("latin-1"), "carried": carried,
                  "request": answer["X-Request-ID"]}))
"""


@pytest.mark.django_db(transaction=True)
def test_a_collector_gets_patterns_and_statements_and_no_values() -> None:
    import json

    done = subprocess.run(
        [sys.executable, "-c", STORY], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    spans = {span["name"]: span for span in told["spans"]}
    assert "13926187754" not in told["raw"]
    assert "欧阳询之" not in told["raw"].encode("latin-1").decode("utf-8", "replace")
    assert "GET /healthz" not in spans, "whoever watches asks too often to be traced"
    asked = spans["POST /accounts/login/"]
    assert asked["told"]["http.route"] == "accounts/login/"
    assert asked["told"]["huying.request"] == told["request"]
    assert spans["GET /desk/cases/<str:number>"]
    assert any(
        span["trace"] == asked["trace"] and span["name"] == "SELECT" for span in told["spans"]
    )
    job = spans["tests.job"]
    assert job["trace"] == "a" * 32, "a job belongs to the request that left it"
    assert told["carried"].startswith(f"00-{'a' * 32}-")
    statements = [
        s["told"].get("db.statement", s["told"].get("db.query.text")) for s in told["spans"]
    ]
    assert "SELECT %s::text, ?, ?" in statements
    falls = spans["tests.falls"]
    assert [name for name, _told in falls["events"]] == ["exception"]
    assert set(falls["events"][0][1]) == {"exception.type"}
    assert falls["status"] == ""


def test_without_an_address_nothing_of_it_is_even_loaded() -> None:
    code = (
        "import huying.wsgi, sys; sys.exit(any(m.startswith('opentelemetry') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.django", None)
    with pytest.raises(tracing.MissingExtra, match=r"huying\[otel\]"):
        tracing.start("http://127.0.0.1:1/", 100, "web")


@given(st.text(alphabet=st.characters(exclude_characters="'", exclude_categories=["Cs"])),
       st.integers(min_value=10))  # fmt: skip
def test_no_value_is_left_in_a_statement(words: str, number: int) -> None:
    left = tracing.without_values(f"SELECT a1 FROM t2 WHERE w = '{words}' AND n = {number} LIMIT 5")
    assert left == "SELECT a1 FROM t2 WHERE w = ? AND n = ? LIMIT ?"
