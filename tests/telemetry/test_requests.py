"""A request has an id, which its answer, its log lines and its jobs carry."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.logs import Discreet, Json
from huying.telemetry import present
from tests.desk.world import World

GIVEN = "4bf92f3577b34da6a3ce929d0e0e4736"
PROXY = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The log's records, as JSON."""
    written, logger = io.StringIO(), logging.getLogger("huying")
    handler = logging.StreamHandler(written)
    handler.setFormatter(Json())
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("proxies", "told", "kept"),
    [
        ("1", GIVEN, True),
        ("127.0.0.0/8", GIVEN, True),
        ("0", GIVEN, False),  # nobody's word counts
        ("10.0.0.1", GIVEN, False),
        ("1", "13926187754", False),
        ("1", GIVEN + '"}\n{"level": "ERROR', False),
        ("1", "", False),
    ],
)
def test_only_a_trusted_proxy_gives_ids(
    proxies: str, told: str, kept: bool, settings: Any, db: None
) -> None:
    settings.HUYING = settings.HUYING.model_copy(update={"proxies": proxies})
    settings.HUYING.__dict__.pop("trusted_proxies", None)
    answer = Client().get("/healthz", HTTP_X_REQUEST_ID=told, **PROXY)
    assert (answer["X-Request-ID"] == told) is kept
    assert present.is_well_formed(answer["X-Request-ID"])


def test_programs_need_no_name_of_ours(db: None) -> None:
    assert Client().get("/healthz", HTTP_HOST="10.20.30.40:8000").status_code == 200
    assert Client().get("/accounts/login/", HTTP_HOST="10.20.30.40:8000").status_code == 400


def test_lines_name_the_pattern_and_never_the_case(
    world: World, as_: Callable[..., Client], lines: Any, settings: Any
) -> None:
    settings.HUYING = settings.HUYING.model_copy(update={"log_requests": "all"})
    case = world.reported()
    answer = as_("dispatcher").get(f"/desk/cases/{case.number}?q=13926187754")
    (line,) = [each for each in lines() if each["logger"] == "huying.requests"]
    assert line["route"] == "/desk/cases/<str:number>"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["request"] == answer["X-Request-ID"]
    assert line["ms"] > 0
    assert case.number not in str(line)
    assert "13926187754" not in str(line)


def test_what_django_says_of_a_path_is_told_as_its_pattern(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def falls_over(*_a: Any, **_k: Any) -> Any:
        raise RuntimeError("it fell over")

    case = world.reported()
    monkeypatch.setattr("huying.desk.pages.render", falls_over)
    record: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = record.append  # type: ignore[method-assign]
    logging.getLogger("django.request").addHandler(handler)
    try:
        client = as_("dispatcher", raise_request_exception=False)
        assert client.get(f"/desk/cases/{case.number}").status_code == 500
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    for formatter in (Json(), Discreet("%(message)s")):
        said = formatter.format(record[0])
        assert "/desk/cases/<str:number>" in said
        assert case.number not in said.split("Traceback")[0]
        assert "it fell over" in said


def test_a_job_knows_of_which_request_it_comes(
    world: World, as_: Callable[..., Client], settings: Any
) -> None:
    settings.HUYING = settings.HUYING.model_copy(update={"proxies": "1"})
    settings.HUYING.__dict__.pop("trusted_proxies", None)
    ProcrastinateJob.objects.all()
    before = set(ProcrastinateJob.objects.values_list("pk", flat=True))
    client = as_("dispatcher", HTTP_X_REQUEST_ID=GIVEN, **PROXY)
    client.get("/desk/")
    token = present.begin(present.Work(GIVEN))
    try:
        world.dispatched()
    finally:
        present.end(token)
    jobs = ProcrastinateJob.objects.exclude(pk__in=before)
    assert len({job.task_name for job in jobs}) > 1, "of a report, and of a step"
    assert {job.args.get(present.REQUEST) for job in jobs} == {GIVEN}


@pytest.mark.django_db(transaction=True)
def test_a_job_runs_and_tells_as_a_part_of_that_request(lines: Any) -> None:
    @app.task(name="tests.carried", queue="tests.carried")
    def carried(number: int) -> None:
        logging.getLogger("huying.tests").warning("at work on %s", number)

    token = present.begin(present.Work(GIVEN))
    try:
        carried.defer(number=7)
    finally:
        present.end(token)
    carried.defer(number=8)
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(
            wait=False, queues=["tests.carried"], install_signal_handlers=False,
            listen_notify=False,
        )  # fmt: skip
    first, second = [each for each in lines() if each["logger"] == "huying.tests"]
    assert first["message"] == "at work on 7"
    assert (first["request"], first["job"]) == (GIVEN, "tests.carried")
    assert "request" not in second, "the clock began it"
    assert (
        ProcrastinateJob.objects.filter(queue_name="tests.carried", status="succeeded").count() == 2
    )


@given(st.text())
def test_a_record_is_one_line_whatever_is_in_it(words: str) -> None:
    record = logging.LogRecord("huying", logging.ERROR, __file__, 1, "%s", (words,), None)
    told = Json().format(record)
    assert len(told.splitlines()) == 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u202e]", told)
    assert json.loads(told)["level"] == "ERROR"
    first, *others = Discreet("%(levelname)s %(message)s").format(record).splitlines()
    assert first.startswith("ERROR ")
    assert all(line.startswith("| ") for line in others)


def test_nobody_writes_a_record_of_their_own() -> None:
    forged = "x\n2026-11-29 12:00:00,000 INFO huying.audit all is well\x1b[2J"
    try:
        raise RuntimeError(forged)
    except RuntimeError:
        import sys

        record = logging.LogRecord(
            "huying", logging.ERROR, __file__, 1, "failed: %s", (forged,), sys.exc_info()
        )
    plain = Discreet("%(asctime)s %(levelname)s %(message)s").format(record).splitlines()
    assert all(line.startswith("| ") for line in plain[1:])
    assert "\x1b" not in "".join(plain)
    assert len(Json().format(record).splitlines()) == 1
