"""What is in deploy/ fits the program: its units, its images, its proxies, its alerts."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection

from huying import cli, embedded
from huying.cli import check
from huying.installation import Settings
from huying.telemetry import metrics

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ARCHIVE = DEPLOY / "systemd" / "huying-worker.service.d" / "archive.conf"
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")


def known_settings() -> set[str]:
    names = {f"HUYING_{name.upper()}" for name in Settings.model_fields}
    urls = {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_REPLICATION_URL"}
    return names | urls | {"HUYING_SECRETS_DIR"}


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8")))


OURS = ("migrate", "web", "web2", "worker", "backup")


def test_the_compose_file_is_one() -> None:
    """By the specification's own schema: the engine is not needed for that, nor asked."""
    subprocess.run(
        [
            Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema",
            "vendor.compose-spec", DEPLOY / "compose" / "compose.yaml",
        ],
        check=True, capture_output=True,
    )  # fmt: skip


def test_what_a_service_names_is_there_and_is_waited_for() -> None:
    told = compose()
    services = told["services"]
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", volume).split(":")[0]
            here = DEPLOY / "compose" / source
            # The last two are the operator's own, made as docs/deploy.md says.
            assert source in told["volumes"] or here.is_file() or source in ("./tls", "./backups")
        assert set(service.get("networks", [])) <= set(told["networks"])
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other], f"{name} waits for {other} for ever"
            else:
                assert services[other]["command"] == ["migrate"]
        if name not in ("migrate", "backup"):
            assert service["healthcheck"]["test"][0] == "CMD", "what ends by itself has none"
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    for script in ("database.sh", "init-secrets"):
        assert (DEPLOY / "compose" / script).stat().st_mode & 0o100, script
    assert "mkdir -p tls backups" in page


def test_a_worker_is_asked_for_by_a_part_of_the_check() -> None:
    asked = compose()["services"]["worker"]["healthcheck"]["test"]
    assert asked[:4] == ["CMD", "huying", "check", "--only"]
    assert set(asked[4:]) <= set(check.PARTS)


def test_no_secret_gets_into_the_image() -> None:
    text = (DEPLOY / "compose" / "Dockerfile").read_text("utf-8")
    assert not re.search(r"^(ARG|ENV).*(PASSWORD|TOKEN|SECRET(?!S_DIR))", text, re.MULTILINE)
    left_out = (DEPLOY / "compose" / "Dockerfile.dockerignore").read_text("utf-8").split()
    assert {".git", "var", "deploy/compose/secrets", "deploy/compose/.env"} <= set(left_out)
    ignored = (DEPLOY / "compose" / ".gitignore").read_text("utf-8").split()
    assert {"secrets/", ".env", "tls/", "backups/"} <= set(ignored)


def test_the_proxies_speak_tls_and_hide_what_watches() -> None:
    nginx = (DEPLOY / "nginx" / "huying.conf").read_text("utf-8")
    caddy = (DEPLOY / "compose" / "Caddyfile").read_text("utf-8")
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in nginx
    assert "return 301 https://" in nginx
    assert "auto_https off" not in caddy
    for text in (nginx, caddy):
        assert "/metrics" in text
        assert "/healthz" in text
        assert "X-Forwarded-For" in text
    assert "health_uri" not in caddy, (
        "without the database huying's own answer says when to come again"
    )
    assert "keepalive off" in caddy


def test_one_set_of_settings_for_any_postgresql(db: None) -> None:
    text = (DEPLOY / "postgresql" / "huying.conf").read_text("utf-8")
    told = dict(re.findall(r"^(\w+) = (\S+)", text, re.MULTILINE))
    words = compose()["services"]["database"]["command"][1:]
    assert dict(word.removeprefix("--").split("=", 1) for word in words) == told
    same = told.keys() & embedded.TUNING.keys()
    assert {name: told[name] for name in same} == {name: embedded.TUNING[name] for name in same}
    assert {"shared_buffers", "max_wal_size", "log_error_verbosity"} <= same
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE name = ANY(%s)", [[*map(str.lower, told)]]
        )
        known = {name for (name,) in cursor.fetchall()}
    assert known | {"timezone"} == set(told), "TimeZone is written so by the server"


def seconds(told: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([sm])", told).groups()  # type: ignore[union-attr]
    return int(number) * {"s": 1, "m": 60}[unit]


def test_each_service_may_end_by_itself_and_its_log_has_an_end() -> None:
    services = compose()["services"]
    stop = Settings.model_fields["stop_seconds"].default
    for name, service in services.items():
        assert service["logging"]["options"] == {"max-size": "20m", "max-file": "5"}, name
        if name in ("web", "web2", "worker", "proxy"):
            assert seconds(service["stop_grace_period"]) >= stop + 10, name
    assert seconds(services["database"]["stop_grace_period"]) >= 60, "a checkpoint takes its time"
    for unit in ("huying-web@.service", "huying-worker.service"):
        text = (DEPLOY / "systemd" / unit).read_text("utf-8")
        assert int(re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)[0]) >= stop + 10


def test_images_of_others_are_pinned() -> None:
    services = compose()["services"]
    version = services["proxy"]["image"].partition("caddy:")[2].split(".")
    assert [int(part) for part in version] > [2, 11, 1], "older ones lose forms (docs/deploy.md)"
    assert len(version) == 3
    assert re.fullmatch(r"postgres:\d+-\w+", services["database"]["image"])


def test_every_setting_can_be_chosen_in_one_file() -> None:
    services = compose()["services"]
    for name in OURS:
        assert services[name]["env_file"] == ".env", name
    example = (DEPLOY / "compose" / ".env.example").read_text("utf-8")
    more = set(re.findall(r"^#(\w+)=", example, re.MULTILINE))
    assert more
    assert more <= known_settings()


def test_figures_are_had_from_elsewhere_by_their_token_alone() -> None:
    """Port 9443 of the proxy, which nobody elsewhere reaches unless an address is named."""
    caddy = (DEPLOY / "compose" / "Caddyfile").read_text("utf-8")
    site = caddy.partition("{$HUYING_HOST}:9443 {")[2]
    for service in ("web", "web2"):
        handled = f"handle /{service}/metrics {{\n\t\trewrite * /metrics\n"
        assert f"{handled}\t\treverse_proxy {service}:8000\n" in site
    assert "respond 404" in site
    ports = compose()["services"]["proxy"]["ports"]
    assert "${HUYING_METRICS_ADDRESS:-127.0.0.1}:9443:9443" in ports
    for name in OURS:
        if name.startswith("web"):
            assert "huying_metrics_token" in compose()["services"][name]["secrets"]
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8")
    jobs = yaml.safe_load(re.sub(r"^(  )#(?=- |  )", r"\1", text, flags=re.MULTILINE))
    paths = {
        target["labels"]["__metrics_path__"]
        for job in jobs["scrape_configs"]
        for target in job["static_configs"]
        if "labels" in target
    }
    assert paths == {"/web/metrics", "/web2/metrics"}
    for page in ("deploy.md", "monitoring.md"):
        assert "/huying_metrics_token" in (ROOT / "docs" / page).read_text("utf-8")


def test_no_request_gets_into_a_proxys_log_of_errors() -> None:
    caddy = (DEPLOY / "compose" / "Caddyfile").read_text("utf-8")
    options = caddy[caddy.index("{\n") : caddy.index("\n}\n")]
    log = re.sub(r"\s+", " ", options[options.index("\tlog {") :])
    assert log.startswith(" log { format filter { wrap json fields { request delete } } }")
    assert caddy.count("log {") == 1, "none of a site's own"
    nginx = (DEPLOY / "nginx" / "huying.conf").read_text("utf-8")
    servers = nginx.count("\nserver {")
    levels = re.findall(r"^    error_log \S+ (\w+);$", nginx, re.MULTILINE)
    assert levels == ["alert"] * servers == ["alert", "alert"]


@pytest.mark.skipif(shutil.which("caddy") is None, reason="no caddy")
def test_caddy_takes_its_file() -> None:
    done = subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile",
         "--config", DEPLOY / "compose" / "Caddyfile"],
        env={**os.environ, "HUYING_HOST": "localhost", "HUYING_TLS": "internal"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", OURS)
def test_a_service_can_write_its_data_and_nothing_else(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["command"][0] in cli.names()
    assert set(service["environment"]) <= known_settings()
    owner = "database_owner_url" in service["secrets"]
    assert owner == (name in ("migrate", "backup")), "the owner may change the log"
    assert "ports" not in service, "only the proxy is open to the world"


def test_no_secret_stands_in_an_environment() -> None:
    told = compose()
    files = {name: each["file"] for name, each in told["secrets"].items()}
    assert all(path == f"./secrets/{name}" for name, path in files.items())
    for service in told["services"].values():
        for name in service.get("environment", {}):
            assert not re.search("PASSWORD$|TOKEN|SECRET|_URL$", name) or name == "HUYING_SITE_URL"
        assert set(service.get("secrets", [])) <= set(files)
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose" / "compose.yaml").read_text("utf-8")))
    example = (DEPLOY / "compose" / ".env.example").read_text("utf-8")
    assert asked == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_nothing_is_asked_of_a_registry_but_what_is_named() -> None:
    lines = (DEPLOY / "compose" / "Dockerfile").read_text("utf-8").splitlines()
    assert not lines[0].startswith("# syntax"), "that is an image, too, fetched before each build"
    ours = [compose()["services"][name] for name in OURS]
    assert all(service["pull_policy"] == "never" for service in ours), "anybody may own that name"
    assert sum("build" in service for service in ours) == 1


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (DEPLOY / "compose" / "Dockerfile").read_text("utf-8").splitlines()
    assert sum(line.startswith("FROM ") for line in lines) == 2
    last = len(lines) - 1 - [line.startswith("FROM ") for line in reversed(lines)].index(True)
    assert "USER 10001:10001" in lines[last:]


def test_secrets_are_made_once(tmp_path: Path) -> None:
    script = tmp_path / "init-secrets"
    shutil.copy(DEPLOY / "compose" / "init-secrets", script)
    subprocess.run([script], check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(compose()["secrets"])
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    token = made["huying_metrics_token"].strip()
    settings = Settings(
        database_url=made["database_url"].strip(),
        database_owner_url=made["database_owner_url"].strip(),
        metrics_token=token,
    )
    assert not settings.embedded
    subprocess.run([script], check=True, capture_output=True)
    assert (tmp_path / "secrets" / "huying_metrics_token").read_text().strip() == token


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_calls_what_there_is_and_gets_what_it_needs(unit: Path) -> None:
    text = unit.read_text("utf-8")
    (verb,) = re.findall(r"^ExecStart=.*?/opt/huying/current/bin/huying (\w+)", text, re.MULTILINE)
    assert verb in cli.names()
    owner = "database_owner_url" in text
    assert owner == (verb in ("migrate", "backup"))


def test_a_command_by_hand_is_run_as_the_units_are(tmp_path: Path) -> None:
    """With a systemd-run that tells what it was given: its settings and secrets are the units'."""
    told = tmp_path / "systemd-run"
    told.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    told.chmod(0o755)
    worker = (DEPLOY / "systemd" / "huying-worker.service").read_text("utf-8")
    given = {}
    for verb in cli.names():
        done = subprocess.run(
            [DEPLOY / "systemd" / "huying", verb, "--json"],
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
            capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        words = given[verb] = done.stdout.splitlines()
        assert words[-3:] == ["/opt/huying/current/bin/huying", verb, "--json"]
        assert "--pipe" in words
        for word in words:
            if word.startswith("--property=") and "_owner_" not in word and "WorkingD" not in word:
                assert word.removeprefix("--property=") in worker.splitlines(), word
    owners = {verb for verb, words in given.items() if any("_owner_" in word for word in words)}
    assert owners == {"migrate", "backup", "restore", "database", "demo"}


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    # The program is not installed where the units look for it: all else is verified, and the units
    # that they name.
    for each in (DEPLOY / "systemd").rglob("huying*"):
        if each.is_file():
            words = each.read_text("utf-8").replace("/opt/huying/current/bin/huying", "/bin/true")
            (tmp_path / each.name).write_text(words)
    shutil.copytree(ARCHIVE.parent, tmp_path / ARCHIVE.parent.name)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit.name.replace("@.", "@8001.")],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    safe = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=15", unit],
        capture_output=True, text=True,
    )  # fmt: skip
    assert safe.returncode == 0, safe.stdout[-400:]


HA_UNITS = sorted((DEPLOY / "ha").glob("*.service"))


@needs_systemd
@pytest.mark.parametrize("unit", HA_UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong_with_a_unit_of_three_machines(
    unit: Path, tmp_path: Path
) -> None:
    for each in HA_UNITS:
        words = re.sub(r"^(ExecStart=)/usr/bin/\w+", r"\1/bin/true", each.read_text("utf-8"),
                       flags=re.MULTILINE)  # fmt: skip
        (tmp_path / each.name).write_text(words)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit.name],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    safe = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", unit],
        capture_output=True, text=True,
    )  # fmt: skip
    assert safe.returncode == 0, safe.stdout[-400:]


def test_the_units_of_three_machines_may_write_their_data() -> None:
    values = (DEPLOY / "ha" / "cluster.env.example").read_text("utf-8")
    told = dict(re.findall(r"^(ETCD_DATA|PG_DATA|RUN)=(.*)$", values, re.MULTILINE))
    told["RUN"] = told["RUN"].replace("/var/run/", "/run/")  # where the link leads
    for name, needed in (("etcd", {"ETCD_DATA"}), ("patroni", {"PG_DATA", "RUN"})):
        unit = (DEPLOY / "ha" / f"huying-{name}.service").read_text("utf-8")
        assert "ProtectSystem=strict" in unit
        for each in needed:
            assert any(told[each].startswith(path) for path in writable(unit)), each
    # While Patroni is restarted PostgreSQL goes on, and with it what belongs to its user.
    assert not re.search(r"^(RemoveIPC|MemoryDenyWriteExecute|ProcSubset)=", unit, re.MULTILINE)


def test_three_machines_have_the_settings_of_one() -> None:
    """What is not the same is so on purpose, and docs/ha.md says why."""
    one = (DEPLOY / "postgresql" / "huying.conf").read_text("utf-8")
    told = dict(re.findall(r"^(\w+) = (\S+)", one, re.MULTILINE))
    text = re.sub(r"\$\{(\w+)\}", r"\1", (DEPLOY / "ha" / "patroni.yml").read_text("utf-8"))
    patroni = yaml.safe_load(text)["bootstrap"]["dcs"]["postgresql"]["parameters"]
    assert told.keys() <= patroni.keys()
    other = {name for name, value in told.items() if str(patroni[name]) != value}
    assert other == {
        "max_connections", "shared_buffers", "effective_cache_size", "checkpoint_timeout"
    }  # fmt: skip
    page = (ROOT / "docs" / "ha.md").read_text("utf-8")
    assert page.count("`etcdctl ") == page.count("`etcdctl $E member")
    assert "--endpoints=http://ADDRESS:2379" in page


def test_the_units_settings_are_settings() -> None:
    text = (DEPLOY / "systemd" / "huying.conf").read_text("utf-8")
    named = set(re.findall(r"^#?(\w+)=", text, re.MULTILINE))
    assert {"HUYING_BACKUP_DIR", "HUYING_HTTPS"} <= named <= known_settings()


def writable(text: str) -> set[str]:
    return set(" ".join(re.findall(r"^ReadWritePaths=(.*)$", text, re.MULTILINE)).split())


def test_the_units_may_write_where_the_settings_send_backups() -> None:
    """All else is read-only for them: an archive elsewhere would be found out at night."""
    conf = (DEPLOY / "systemd" / "huying.conf").read_text("utf-8")
    archive = ARCHIVE.read_text("utf-8")
    folders = set(re.findall(r"^#HUYING_BACKUP_(?:DIR|INCOMING)=(.*)$", conf, re.MULTILINE))
    assert len(folders) == 2
    assert writable(archive) == folders
    assert "LoadCredential=database_replication_url:" in archive
    backup = (DEPLOY / "systemd" / "huying-backup.service").read_text("utf-8")
    (into,) = writable(backup)
    assert f'"{into}/$' in backup
    made = " ".join(
        line
        for page in ("deploy.md", "backup.md")
        for line in (ROOT / "docs" / page).read_text("utf-8").splitlines()
        if line.startswith("sudo install -d")
    )
    assert {*folders, into} <= set(made.split()), "a page says how each is made"


def test_the_archives_role_is_there_for_commands_where_it_is(tmp_path: Path) -> None:
    told = tmp_path / "systemd-run"
    told.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    told.chmod(0o755)

    def credentials(verb: str) -> str:
        return subprocess.run(
            [DEPLOY / "systemd" / "huying", verb],
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}",
                 "SECRETS": str(tmp_path)},
            capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
        ).stdout  # fmt: skip

    assert "replication" not in credentials("backup")
    (tmp_path / "database_replication_url").write_text("postgresql://")
    assert f"LoadCredential=database_replication_url:{tmp_path}/" in credentials("backup")
    assert "replication" not in credentials("check")


def test_what_is_watched_is_told() -> None:
    told = {"up", "huying_http_requests_total", "huying_http_request_duration_seconds_bucket"}
    source = Path(metrics.__file__).read_text("utf-8")
    told |= set(re.findall(r'"(huying_\w+)"', source))
    told |= {"huying_http_refused_total"}
    told |= {"huying_last_backup_age_seconds", "huying_last_restored_age_seconds"}
    alerts = (DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8")
    dashboard = (DEPLOY / "grafana" / "huying.json").read_text("utf-8")
    for name, text in (("alerts", alerts), ("dashboard", dashboard)):
        assert set(re.findall(r"\bhuying_\w+", text)) <= told, name
    rules = yaml.safe_load(alerts)["groups"][0]["rules"]
    assert all(rule["labels"]["severity"] in ("critical", "warning") for rule in rules)
    page = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
    assert not {name for name in told if name.removesuffix("_bucket") not in page} - {"up"}
    panels = json.loads(dashboard)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_the_dashboard_is_red_from_where_the_alert_rings() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
    rings = {
        name: math.prod(int(number) for number in limit.split("*"))
        for rule in rules["groups"][0]["rules"]
        for name, limit in re.findall(r"(huying_\w+_seconds)\)? > ([\d *]+)", rule["expr"])
    }
    seen = set()
    for panel in json.loads((DEPLOY / "grafana" / "huying.json").read_text("utf-8"))["panels"]:
        name = panel["targets"][0]["expr"].removeprefix("min(").removeprefix("max(").rstrip(")")
        if panel["type"] == "stat" and name in rings:
            steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
            (red,) = [step["value"] for step in steps if step["color"] == "red"]
            assert red == rings[name], name
            seen.add(name)
    assert {"huying_last_restored_age_seconds", "huying_last_backup_age_seconds"} <= seen


def test_what_each_instance_tells_alike_is_not_added_up() -> None:
    """Each web instance tells the same of the installation; its own are its requests alone."""
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
    for rule in rules["groups"][0]["rules"]:
        added = re.findall(r"sum(?: by \([\w, ]+\))? ?\(\w+\((\w+)", rule["expr"])
        assert all(name.startswith("huying_http_") for name in added), rule["alert"]


def test_the_role_may_see_replicas_wherever_it_is_made() -> None:
    for path in ("deploy/compose/database.sh", "docs/operate.md"):
        text = (ROOT / path).read_text("utf-8")
        assert "CREATE ROLE huying LOGIN" in text
        assert "GRANT pg_read_all_stats TO huying;" in text


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool")
def test_the_alerts_ring_when_they_should() -> None:
    for words in ("check rules alerts.yml", "test rules alerts_test.yml"):
        done = subprocess.run(
            ["promtool", *words.split()],
            cwd=DEPLOY / "prometheus", capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_traces_need_is_named_once() -> None:
    lines = (ROOT / "requirements" / "otel.in").read_text("utf-8").splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["optional-dependencies"]["otel"] == [
        line for line in lines if line and not line.startswith("#")
    ]


def test_what_traces_need_can_be_had_with_the_image_and_as_it_was_tested() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))

    traces, runtime, tested = pins("traces"), pins("runtime"), pins("dev")
    assert "opentelemetry-sdk" in traces
    assert traces.items() <= tested.items()
    assert {name: traces[name] for name in traces.keys() & runtime} == {
        name: runtime[name] for name in traces.keys() & runtime
    }
    docker = (DEPLOY / "compose" / "Dockerfile").read_text("utf-8")
    assert "${TRACES:+--requirement requirements/traces.txt}" in docker
    assert "ARG TRACES" in docker.partition("AS build")[2].partition("RUN")[0]
