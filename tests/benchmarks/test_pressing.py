"""What the load's benchmark says is what was answered: errors count, waiting in vain is waiting."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from huying import embedded
from huying.benchmarks import arrivals, course, openings, pressing
from huying.benchmarks.figures import Options
from huying.cases.models import Case
from huying.durable import server_of
from tests.benchmarks.test_arrivals import Server, kind, played, step
from tests.cases.town import Town
from tests.conftest import HOME

OPTIONS = Options(workers=2343, minutes=0.005, peak_minutes=0.005)


def told(server: Server, **more: Any) -> dict[str, Any]:
    """What is printed after a short load on this server."""
    got = played(
        server,
        kinds=[kind(step("look", "GET /"))],
        phases=[
            {"name": "each", "times": 3},
            {"name": "sustained", "per_s": 100.0, "seconds": 0.3},
            {"name": "peak", "per_s": 200.0, "seconds": 0.3},
            {
                "name": "reconnect", "per_s": 20.0, "within": 0.05, "patience": 1.0,
                "phones": [{"who": ""}] * 3, "queue": [[step("send", "POST /queue", '{"n":1}')]],
            },
        ],
    )  # fmt: skip
    return pressing._told(got, OPTIONS, lost_and_doubled=(0, 0)) | more


def test_a_load_that_is_answered_meets_its_goal() -> None:
    server = Server(lambda _head, _body: (200, b"{}"))
    result = told(server)
    assert (result["met"], result["errors"], result["short"]) == (True, 0, [])
    phases = result["phases"]
    assert result["sent"] == phases["sustained"]["sent"] + phases["peak"]["sent"]
    assert 3 + sum(phase["sent"] for phase in phases.values()) == len(server.asked)
    assert result["cost_ms"]["look"]["took"] > 0
    assert 0 < result["p50_ms"] <= result["p95_ms"] <= result["p99_ms"] < 500
    assert 0 < result["generator_share"] < 2


def test_a_planted_refusal_is_counted_told_and_misses_the_goal() -> None:
    refusals = iter(
        [*[(200, b"{}")] * 3, (403, b'{"code": "not_allowed", "detail": "only the desk may"}')]
    )
    server = Server(lambda _head, _body: next(refusals, (200, b"{}")))
    result = told(server)
    assert (result["met"], result["errors"]) == (False, 1)
    assert result["phases"]["sustained"]["failures"] == {
        "look": {"403 not_allowed, only the desk may": 1}
    }
    assert result["short"] == [f"1 errors of {result['sent']}"]


def test_a_phone_that_is_refused_misses_the_goal() -> None:
    server = Server(lambda head, _body: (403 if "/queue" in head else 200, b"{}"))
    result = told(server)
    assert (result["met"], result["errors"]) == (False, 0)
    assert result["phases"]["reconnect"]["errors"] == 3
    assert result["short"] == ["3 errors of phones"]


BUSY = b'{"code": "busy", "detail": "Nothing was kept."}'
UNCONFIRMED = b'{"code": "unconfirmed", "detail": "It may have been kept."}'


def reported(server: Server, *, patience: float = 0.05) -> list[dict[str, Any]]:
    """What reports got, measured, sent as they come, and by a phone that is back."""
    report = step("report", "POST /cases", '{"n":1}', "number")
    return played(
        server,
        kinds=[kind(report)],
        phases=[
            {"name": "each", "times": 2},
            {"name": "sustained", "per_s": 100.0, "seconds": 0.2},
            {
                "name": "reconnect", "per_s": 0.0, "within": 0.01, "patience": patience,
                "phones": [{"who": ""}], "queue": [[report]],
            },
        ],
    )  # fmt: skip


@pytest.mark.parametrize("refusal", [(503, BUSY), (429, BUSY), (403, b"{}")])
def test_a_planted_double_is_counted_beside_reports_that_were_refused(
    db: None, refusal: tuple[int, bytes]
) -> None:
    town, before = Town(), Case.objects.count()
    numbers = iter([town.report(text="路灯不亮").number])

    def answer(_head: str, _body: bytes) -> tuple[int, bytes]:
        number = next(numbers, "")
        return (201, f'{{"number": "{number}"}}'.encode()) if number else refusal

    got = reported(Server(answer))
    assert sum(n for phase in got for n in phase["errors"]["report"].values()) > 2
    assert pressing._counted(got, before) == (0, 0)
    town.report(text="路灯不亮")  # of which nobody was told
    assert pressing._counted(got, before) == (0, 1)
    Case.objects.filter(number=got[0]["numbers"][0]).update(number="440113120202601010000001")
    assert pressing._counted(got, before) == (1, 2)


@pytest.mark.parametrize("answer", [(500, b"{}"), (503, UNCONFIRMED), (201, b"no number")])
def test_a_report_that_may_have_been_kept_is_no_double(db: None, answer: tuple[int, bytes]) -> None:
    town, before = Town(), Case.objects.count()
    got = reported(Server(lambda _head, _body: answer))
    given_up = sum(n for phase in got for n in phase["errors"]["report"].values())
    assert sum(phase["unsure"] for phase in got) == given_up == 2 + got[1]["sent"] + 1
    town.report(text="路灯不亮")
    assert pressing._counted(got, before) == (0, 0)


@pytest.mark.parametrize(("line_lost", "unsure"), [(True, 1), (False, 0)])
def test_a_phone_that_gave_up_is_unsure_where_one_of_its_tries_lost_its_line(
    monkeypatch: pytest.MonkeyPatch, line_lost: bool, unsure: int
) -> None:
    monkeypatch.setattr(arrivals, "PATIENCE_S", 0.1)
    server = Server(lambda _head, _body: (503, BUSY), stall_at=1 if line_lost else -1)
    (got,) = played(
        server,
        kinds=[],
        phases=[
            {
                "name": "reconnect", "per_s": 0.0, "within": 0.01, "patience": 1.0,
                "phones": [{"who": ""}],
                "queue": [[step("report", "POST /cases", '{"n":1}', "number")]],
            }
        ],
    )  # fmt: skip
    assert got["errors"] == {"report": {"given up: 503": 1}}
    assert (got["unsure"], got["again"]) == (unsure, 1)


def test_who_waits_in_vain_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "PATIENCE_S", 0.2)
    server = Server(lambda _head, _body: (200, b"{}"), stall_at=2)
    (got,) = played(
        server,
        kinds=[kind(step("look", "GET /"))],
        phases=[{"name": "all", "per_s": 20.0, "seconds": 0.3}],
    )
    assert sum(got["errors"]["look"].values()) > 0
    assert len(got["took_ms"]["look"]) == got["sent"]
    assert max(got["took_ms"]["look"]) >= 200


def test_the_course_of_a_load_is_drawn() -> None:
    def at(second: float, **more: Any) -> dict[str, Any]:
        table = {"mb": 3.0, "live": 10, "dead": int(second), "vacuumed": 0}
        return {
            "s": second, "memory_mb": {"web 1": 200.0 + second}, "database_memory_mb": 300.0,
            "database_mb": 90.0, "tables": {"case <&>": table}, **more,
        }  # fmt: skip

    looks = [at(0.0), at(60.0, memory_mb={"web 2": 210.0}), at(120.0)]
    drawn = ElementTree.fromstring(course.draw(looks, [("sustained", 10.0), ("peak", 70.0)]))  # noqa: S314
    lines = drawn.findall("{*}polyline")
    assert len(lines) == 5  # two processes that came and went, the database, a table, and its size
    words = [each.text for each in drawn.findall("{*}text")]
    assert {"sustained", "peak", "web 1", "case <&>", "Dead rows"} <= set(words)
    assert {"0 min", "0.4 min", "2 min"} <= set(words)
    for each in lines:
        for point in (each.get("points") or "").split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= course.WIDTH
            assert y >= course.TOP


def test_the_course_of_a_night_is_drawn_too_and_no_name_over_another() -> None:
    looks = [
        {"s": s, "memory_mb": {}, "database_memory_mb": 1.0, "database_mb": 1.0, "tables": {}}
        for s in (0.0, 15 * 3600.0)
    ]
    drawn = ElementTree.fromstring(course.draw(looks, [("warm", 1.0), ("sustained", 120.0)]))  # noqa: S314
    words = [each.text for each in drawn.findall("{*}text")]
    assert {"0 min", "200 min", "800 min", "sustained"} <= set(words)
    assert "warm" not in words


def test_what_the_database_starts_is_counted_as_the_databases(postgres: Any) -> None:
    """It has workers, which say so, and are none of ours."""
    server = server_of(embedded.Layout(HOME))
    if server is None:
        pytest.skip("the database is another machine's")
    assert {name for _process, name in openings.processes_below([server])} == {"database"}
