"""/metrics tells those who may read it how the installation stands, and nothing of anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from huying import embedded, upkeep
from huying.audit.models import Seal
from huying.notices.models import Outgoing
from huying.telemetry import metrics
from tests.conftest import Server
from tests.desk.world import World
from tests.infra.test_serve import wait_for

TOKEN = "0123456789abcdef0123"
HERE = {"HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture(autouse=True)
def _looked_anew() -> Iterator[None]:
    metrics.forget()
    yield
    metrics.forget()


def told(client: Client | None = None) -> dict[str, list[Sample]]:
    """What the page says, by the names of its figures."""
    metrics.forget()
    answer = (client or Client()).get("/metrics", **HERE)  # type: ignore[arg-type]
    assert answer.status_code == 200
    found: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample)
    return found


def value(found: dict[str, list[Sample]], name: str, **labels: str) -> float:
    (one,) = [s.value for s in found[name] if labels.items() <= s.labels.items()]
    return float(one)


@pytest.mark.parametrize(
    ("chosen", "asked", "status"),
    [
        ({}, HERE, 200),
        ({}, HERE | {"HTTP_HOST": "[::1]:8000", "REMOTE_ADDR": "::1"}, 200),
        ({}, {"HTTP_HOST": "call.example.cn", "REMOTE_ADDR": "127.0.0.1"}, 401),  # by a bare proxy
        ({}, HERE | {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 401),
        ({}, HERE | {"REMOTE_ADDR": "203.0.113.9"}, 401),
        ({}, HERE | {"REMOTE_ADDR": ""}, 401),
        ({"metrics_token": TOKEN}, HERE, 401),
        ({"metrics_token": TOKEN}, HERE | {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        ({"metrics_token": TOKEN}, HERE | {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"}, 401),
        ({"metrics_token": TOKEN}, HERE | {"HTTP_AUTHORIZATION": "Bearer 口令"}, 401),
        ({"metrics_token": TOKEN}, HERE | {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"}, 401),
        ({"metrics_networks": "10.1.0.0/16"}, {"REMOTE_ADDR": "10.1.2.3"}, 200),
        ({"metrics_networks": "10.1.0.0/16"}, HERE, 401),
        # Whom a trusted proxy speaks for counts, and nobody else's word does.
        (
            {"metrics_networks": "10.1.0.0/16", "proxies": "10.9.0.1"},
            {"REMOTE_ADDR": "10.9.0.1", "HTTP_X_FORWARDED_FOR": "10.1.0.7"},
            200,
        ),
        (
            {"metrics_networks": "10.1.0.0/16"},
            {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "10.1.0.7"},
            401,
        ),
    ],
    ids=str,
)
def test_it_is_not_open_to_the_world(
    chosen: dict[str, str], asked: dict[str, str], status: int, settings: Any, db: None
) -> None:
    settings.HUYING = settings.HUYING.model_copy(update=chosen)
    for worked_out in ("metrics_from", "trusted_proxies"):  # of the one that was copied
        settings.HUYING.__dict__.pop(worked_out, None)
    answer = Client().get("/metrics", **asked)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert (b"huying_open_cases" in answer.content) == (status == 200)


def test_it_tells_how_the_town_stands(world: World, settings: Any, tmp_path: Path) -> None:
    settings.HUYING = settings.HUYING.model_copy(update={"home": tmp_path})
    now = timezone.now()
    world.dispatched()
    urgent = world.accepted(text="巷口有很浓的汽油味，怕着火")
    type(urgent).objects.filter(pk=urgent.pk).update(
        emergency=True, alarms=True, received_at=now - timedelta(minutes=7)
    )
    Seal.objects.create(
        number=1, day=now.date(), at=now - timedelta(hours=30), cases=1, events=1, root=b"r",
        heads_digest=b"d", previous=b"p", hash=b"h", key_id="k", algorithm="a", signature=b"s",
    )  # fmt: skip
    Outgoing.objects.create(
        channel="sms", target="sms", key="1", body=[], state="dead", next_at=now, created_at=now
    )
    upkeep.note(tmp_path, upkeep.BACKUP, now - timedelta(hours=2), cases=2)
    found = told()
    assert value(found, "huying_database_up") == 1
    assert sum(each.value for each in found["huying_open_cases"]) == 2
    assert value(found, "huying_open_cases", state="dispatched") == 1
    assert 420 <= value(found, "huying_oldest_unsigned_emergency_seconds") < 480
    assert value(found, "huying_last_seal_age_seconds") == pytest.approx(30 * 3600, abs=60)
    assert value(found, "huying_outgoing_dead", channel="sms") == 1
    assert value(found, "huying_last_backup_age_seconds") == pytest.approx(7200, abs=60)
    assert "huying_last_restored_age_seconds" not in found, "no backup was proved here yet"
    assert value(found, "huying_disk_free_bytes", folder="home") > 0
    assert value(found, "huying_workers") == 0
    waiting = {s.labels["kind"]: s.value for s in found["huying_jobs_waiting"]}
    assert waiting, "each report leaves work to the worker"
    assert all(s.value < 600 for s in found["huying_jobs_oldest_seconds"])


def test_requests_are_counted_by_the_pattern_of_their_path(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.reported(), as_("dispatcher")
    before = told(client)
    assert client.get(f"/desk/cases/{case.number}").status_code == 200
    client.get(f"/desk/cases/{case.number}")
    client.get(f"/nothing/of/{case.number}")
    client.generic("BREW", "/desk/")
    after = told(client)

    def more(**labels: str) -> float:
        counted = [
            sum(s.value for s in each.get("huying_http_requests_total", [])
                if labels.items() <= s.labels.items())
            for each in (before, after)
        ]  # fmt: skip
        return counted[1] - counted[0]

    route = "/desk/cases/<str:number>"
    assert more(method="GET", route=route, status="200") == 2
    assert more(route="(none)") == 1
    assert more(method="other") == 1
    assert case.number not in str(after)
    assert world.accounts["dispatcher"].username not in str(after)


def test_who_is_refused_is_noted_and_gets_the_headers_of_every_page(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    answer = Client().get("/metrics", HTTP_HOST="10.20.30.40:8000", REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 401
    assert answer.content == b""
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Request-ID"]
    assert "refused 401 GET /metrics" in caplog.text
    assert "203.0.113.9" not in caplog.text


def test_without_a_database_it_says_so_and_tells_the_rest(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(now: Any) -> Any:
        raise OperationalError("the server has gone")

    monkeypatch.setattr(metrics, "standing", fails)
    found = told()
    assert value(found, "huying_database_up") == 0
    assert "huying_open_cases" not in found
    assert found["huying_disk_free_bytes"]


def test_whoever_asks_often_does_not_ask_the_database_often(
    db: None, django_assert_num_queries: Any
) -> None:
    Client().get("/metrics", **HERE)
    with django_assert_num_queries(0):
        assert Client().get("/metrics", **HERE).status_code == 200


def test_replicas_are_counted_and_base_backups_are_none(world: World, postgres: Server) -> None:
    """Connections of the server's own kind; one of them copies the cluster, as a backup does."""
    url = postgres.url(embedded.SUPERUSER, "postgres")

    def anew() -> dict[str, list[Sample]]:
        # A transaction sees who is connected as at its first look, and the test is one.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
        return told()

    def follower(name: str) -> psycopg.pq.PGconn:
        words = psycopg.conninfo.make_conninfo(url, replication="true", application_name=name)
        made = psycopg.pq.PGconn.connect(words.encode())
        assert made.status == psycopg.pq.ConnStatus.OK, made.error_message
        return made

    assert value(anew(), "huying_replicas") == 0
    others = [follower("replica_b"), follower("copy")]
    try:
        wait_for(lambda: value(anew(), "huying_replicas") == 2, 20)
        others[1].send_query(b"BASE_BACKUP (CHECKPOINT 'fast')")
        wait_for(lambda: value(anew(), "huying_replicas") == 1, 20)
        others.append(follower("pg_basebackup"))  # the one that copies the log beside it
        with postgres.admin() as server:
            server.execute(f"GRANT pg_read_all_stats TO {embedded.APPLICATION}")
            try:
                found = anew()
            finally:
                server.execute(f"REVOKE pg_read_all_stats FROM {embedded.APPLICATION}")
        assert value(found, "huying_replicas") == 1
        (sample,) = found["huying_replica_lag_seconds"]
        assert sample.labels == {"replica": "replica_b"}
    finally:
        for each in others:
            each.finish()
