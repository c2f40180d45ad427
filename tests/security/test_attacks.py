"""Attacks as somebody would try them, each at the nearest real door."""

from __future__ import annotations

import ast
import io
import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import huying
from huying.cases.models import Case
from huying.cells import as_words, from_words
from huying.errors import BadInput
from huying.logs import Discreet, hushed
from huying.notices import webhooks
from huying.notices.posting import Forbidden, Unreachable, post
from huying.people.models import Account
from tests.desk.world import FAR_COMMUNITY, PASSWORD, World
from tests.security.test_doors import addresses
from tests.security.test_planted import token

As = Callable[..., Client]
PACKAGE = Path(huying.__file__).parent
EVIL = "https://evil.example/"


# --- what a client claims to be


CLAIMS = {
    "HTTP_REMOTE_USER": "town-security",
    "HTTP_X_REMOTE_USER": "dispatcher",
    "HTTP_X_FORWARDED_USER": "dispatcher",
    "HTTP_X_FORWARDED_EMAIL": "dispatcher@panyu.example",
    "HTTP_X_AUTH_REQUEST_USER": "dispatcher",
    "HTTP_X_WEBAUTH_USER": "dispatcher",
    "HTTP_X_SSL_CLIENT_S_DN": "CN=dispatcher",
    "HTTP_OIDC_CLAIM_SUB": "dispatcher",
    "HTTP_X_USER_ID": "1",
    "HTTP_X_POST": "1",
    "HTTP_X_ROLE": "security_administrator",
    "HTTP_X_AREA": "440113",
    "HTTP_X_ORIGINAL_URL": "/desk/",
    "HTTP_X_REWRITE_URL": "/desk/",
    "HTTP_X_HTTP_METHOD_OVERRIDE": "GET",
    "HTTP_X_REAL_IP": "127.0.0.1",
    "HTTP_X_FORWARDED_FOR": "127.0.0.1",
    "HTTP_FORWARDED": "for=127.0.0.1;host=localhost;proto=https",
}


def test_no_header_signs_anybody_in_or_gives_a_role(world: World, as_: As) -> None:
    nobody = Client(**CLAIMS)
    assert nobody.get("/desk/").status_code == 302
    assert nobody.get("/admin/").status_code in (302, 403)
    assert nobody.get("/api/v1/cases").status_code == 401
    case = world.reported()
    Case.objects.filter(pk=case.pk).update(
        area_code=f"{FAR_COMMUNITY}001", holder_code=FAR_COMMUNITY
    )
    worker = as_("worker", **CLAIMS)
    assert worker.get(f"/desk/cases/{case.number}").status_code != 200
    assert worker.get("/admin/").status_code in (302, 403)
    # Neither does what is said in the address or in a form.
    claimed = {"role": "district_leader", "area": "440113", "post": "1", "account": "1"}
    assert worker.get(f"/api/v1/cases/{case.number}", claimed).status_code == 404


def test_no_page_is_made_for_a_host_that_is_not_ours(world: World, settings: Any) -> None:
    assert Client().get("/accounts/login/", HTTP_HOST="evil.example").status_code == 400
    forged = {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_HOST": "evil.example"}
    forged |= {"HTTP_FORWARDED": "host=evil.example;proto=https"}
    page = Client().get("/open311/discovery.json", **forged)
    assert page.status_code == 200
    assert b"evil.example" not in page.content
    # Without a proxy that sets it, nobody's word makes a plain request a safe one.
    settings.SECURE_PROXY_SSL_HEADER = None
    plain = Client().get("/accounts/login/", HTTP_X_FORWARDED_PROTO="https")
    assert not plain.wsgi_request.is_secure()


# --- every address once, by somebody who wants more than they have


PRIVILEGED: dict[str, Any] = {
    "role": "security_administrator",
    "is_active": "1",
    "is_superuser": "1",
    "is_staff": "1",
    "account": "1",
    "account_id": "1",
    "username": "planted",
    "password": "planted-7788-word",
    "outside_id": "planted",
    "post_id": "1",
    "unit_id": "1",
    "scopes": "read",
    "agreed_at": "2020-01-01",
    "agreed_by": "1",
    "decided_by": "1",
    "demo": "1",
    "next": EVIL,
    "url": EVIL,
    "return_to": EVIL,
    "redirect": EVIL,
}
OF_THE_CASE: dict[str, Any] = {
    "state": "closed",
    "number": "440113209901010000009",
    "district_code": "990001",
    "holder_code": FAR_COMMUNITY,
    "last_seq": "99",
    "received_at": "2001-02-03T04:05",
    "closed_at": "2001-02-03T04:05",
    "due_at": "2091-02-03T04:05",
    "reporter_kind": "system",
    "reopened": "9",
    "id": "00000000-0000-4000-8000-00000000beef",
}
RIGHTS = (
    "account",
    "post",
    "unit",
    "integration",
    "token",
    "open311_key",
    "wall_screen",
    "subscription",
)
"""Tables that say who may do what."""


def rights() -> dict[str, str]:
    """Each of those tables as one digest; where one began to work today is left aside."""
    found = {}
    with connection.cursor() as cursor:
        for table in RIGHTS:
            cursor.execute(
                f"SELECT md5(coalesce(string_agg((to_jsonb(t) - 'last_login' - 'last_post'"
                f" - 'tour_seen_at' - 'last_used_at' - 'last_used_on')::text, '|' ORDER BY"
                f" to_jsonb(t)::text), '')) FROM {table} t"
            )
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.slow
def test_no_address_gives_more_than_one_has_leads_away_or_stays_in_a_cache(
    world: World, as_: As
) -> None:
    case = world.dispatched()
    client, before = as_("dispatcher"), rights()
    account = str(world.accounts["dispatcher"].pk)
    wrong: list[str] = []
    tried = 0
    for url, name in addresses():
        if "logout" in url or name in ("end_sessions",):
            continue
        url = url.replace("/cases/x", f"/cases/{case.number}")
        for method, ask in (("GET", client.get), ("POST", client.post)):
            answer = ask(url, PRIVILEGED | OF_THE_CASE)
            tried += 1
            where = f"{method} {url} {answer.status_code}"
            if answer.status_code >= 500:
                wrong.append(where)
            # The page for signing in is told where one was, with all of it: no other site.
            if urlsplit(answer.headers.get("Location", "")).netloc not in ("", "testserver"):
                wrong.append(f"{where} leads away: {answer.headers['Location']}")
            if answer.headers.get("X-Content-Type-Options") != "nosniff":
                wrong.append(f"{where} may be sniffed")
            policy = answer.headers.get("Content-Security-Policy", "")
            if "frame-ancestors 'none'" not in policy:
                wrong.append(f"{where} may be framed: {policy}")
            kept = answer.headers.get("Cache-Control", "")
            private = url.startswith(("/desk", "/me", "/api/v1/", "/admin/", "/field/data"))
            if (
                private
                and method == "GET"
                and answer.status_code == 200
                and not url.startswith(("/admin/jsi18n", "/api/v1/openapi.json"))
                and not {"no-store", "private"} & set(kept.replace(" ", "").split(","))
            ):
                wrong.append(f"{where} may be kept: {kept!r}")
    assert not wrong, "\n".join(wrong)
    assert tried > 500
    assert rights() == before
    assert client.session["_auth_user_id"] == account
    case.refresh_from_db()
    for column, planted in OF_THE_CASE.items():
        if hasattr(case, column):
            assert not str(getattr(case, column)).startswith(str(planted)[:10]), column


def test_the_interface_takes_no_input_that_it_does_not_name(world: World) -> None:
    schema = Client().get("/api/v1/openapi.json").json()
    bodies = {
        content["schema"]["$ref"].rpartition("/")[2]
        for path in schema["paths"].values()
        for operation in path.values()
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json" and "$ref" in content["schema"]
    }
    assert len(bodies) > 15
    open_ones = [
        name
        for name in sorted(bodies)
        if schema["components"]["schemas"][name].get("additionalProperties") is not False
    ]
    assert not open_ones
    headers = {"Authorization": f"Bearer {token()}", "Idempotency-Key": "mass"}
    before = Case.objects.count()
    for extra in ("state", "number", "holder_code", "id", "__proto__", "reporter"):
        told = {"text": "路灯不亮", extra: "closed"}
        answer = Client().post(
            "/api/v1/cases", json.dumps(told), content_type="application/json", headers=headers
        )
        assert answer.status_code == 422, extra
    assert Case.objects.count() == before


# --- finding out what there is


def test_a_name_that_nobody_has_costs_as_much_as_a_wrong_password(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 10)
    hashed = 0
    whole = PBKDF2PasswordHasher.encode

    def counted(self: Any, *args: Any, **kwargs: Any) -> str:
        nonlocal hashed
        hashed += 1
        made: str = whole(self, *args, **kwargs)
        return made

    account = world.accounts["dispatcher"]
    account.set_password(PASSWORD)
    account.save()
    Account.objects.create(username="invited", name="新来", password="!unusable")
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)
    pages, costs = set(), set()
    for name in (account.username, "nobody-has-it", "invited"):
        hashed = 0
        page = Client().post("/accounts/login/", {"login": name, "password": "wrong-7788"})
        said = page.content.decode().split("<main")[1].split("</main>")[0]
        said = said.replace(name, "NAME")
        pages.add(said[said.index("alert") :][:300] if "alert" in said else said[-300:])
        costs.add(hashed)
    assert costs == {1}
    assert len(pages) == 1


def test_a_case_out_of_sight_answers_as_one_that_never_was(world: World, as_: As) -> None:
    case = world.reported()
    Case.objects.filter(pk=case.pk).update(
        area_code=f"{FAR_COMMUNITY}001", holder_code=FAR_COMMUNITY
    )
    never = case.number[:-3] + "999"
    client = as_("worker")
    for path in ("/desk/cases/{}", "/api/v1/cases/{}", "/api/v1/cases/{}/events"):
        there, not_there = client.get(path.format(case.number)), client.get(path.format(never))
        assert there.status_code == not_there.status_code
        told = there.content.decode().replace(case.number, never)
        assert _without_tokens(told) == _without_tokens(not_there.content.decode())


def _without_tokens(page: str) -> str:
    return re.sub(r"[A-Za-z0-9]{60,}", "", page)


# --- making this machine ask another


INSIDE = [
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://0x7f.1/",
    "https://127.1/",
    "https://0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[2002:7f00:1::]/",
    "https://[64:ff9b::a00:1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.100.100.200/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
    "https://localhost/",
    "http://8.8.8.8/",
    "https://evil@127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    "https://8.8.8.8:99999/",
]


@pytest.mark.parametrize("url", INSIDE)
def test_a_webhook_leads_to_no_address_inside(url: str) -> None:
    with pytest.raises(BadInput):
        webhooks.check_url(url)
    if url.startswith("https") and "evil" not in url and "99999" not in url:
        with pytest.raises(Forbidden):
            post(url, b"{}", {}, timeout=1, allowed=webhooks.allowed)


def test_a_name_is_looked_up_once_and_what_was_looked_at_is_spoken_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up: list[str] = []

    def answers(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        looked_up.append(host)
        address = "192.0.2.1" if len(looked_up) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    spoken_to: list[str] = []

    def connects(self: Any) -> Any:
        spoken_to.append(self.host)
        raise OSError("nobody there")

    monkeypatch.setattr("huying.notices.posting.socket.getaddrinfo", answers)
    monkeypatch.setattr("urllib3.connection.HTTPConnection._new_conn", connects)
    with pytest.raises(Unreachable):
        post(
            "http://rebinding.example/",
            b"",
            {},
            timeout=1,
            allowed=lambda a, s: a == ip_address("192.0.2.1"),
        )
    assert looked_up[:1] == ["rebinding.example"]
    assert set(spoken_to) == {"192.0.2.1"}


@pytest.fixture
def redirecting() -> Iterator[tuple[str, list[str]]]:
    """A server outside that sends everybody inside."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/inside")  # type: ignore[attr-defined]
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/out", asked
    server.shutdown()
    thread.join()


def test_nobody_is_followed_to_another_address(redirecting: tuple[str, list[str]]) -> None:
    url, asked = redirecting
    assert post(url, b"{}", {}, timeout=5).status == 302
    assert asked == ["/out"]


SPEAK_OUT = {
    "notices/posting.py",  # webhooks, SMS, WeCom, hotlines: bounded, pinned, not redirected
    "notices/channels.py",  # Apprise, to the address that the operator has set
    "people/outside.py",  # the identity provider that the operator has set
}


def test_nothing_else_speaks_to_other_machines() -> None:
    speaking = ("urllib.request", "urllib3", "requests", "httpx", "http.client", "aiohttp")
    speaking += ("apprise", "smtplib", "ftplib", "authlib")
    found = set()
    for path in PACKAGE.rglob("*.py"):
        place = str(path.relative_to(PACKAGE))
        if place.startswith(("benchmarks/", "scenarios/")):
            continue  # they measure a server of their own making
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(
                name == each or name.startswith(f"{each}.") for name in names for each in speaking
            ):
                found.add(place)
    assert found - SPEAK_OUT <= {"cli/serve.py", "readiness.py", "supervisor.py"}, found


# --- files and words


def test_a_picture_that_is_also_something_else_is_a_picture_alone(world: World, as_: As) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "#357").save(picture, "JPEG")
    picture.write(b"<script>alert(1)</script><?php system('id') ?>PK\x03\x04" + b"x" * 99)
    picture.seek(0)
    picture.name = "photo.jpg.html"
    client = as_("dispatcher")
    made = client.post("/desk/photos", {"photo": picture, "kind": "photo_before"})
    assert made.status_code == 201
    shown = client.get(f"/desk/attachments/{made.json()['id']}")
    body = b"".join(shown.streaming_content) if shown.streaming else shown.content
    assert shown.headers["Content-Type"] in ("image/jpeg", "image/webp")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    for part in (b"script", b"php", b"PK\x03\x04", b"html"):
        assert part not in body


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../etc/passwd",
        "/static/%2e%2e/%2e%2e/secrets/django.key",
        "/static/..%2f..%2f..%2fsecrets%2fdjango.key",
        "/desk/attachments/..%2f..%2fsecrets%2fdjango.key",
        "/desk/attachments/%2e%2e/thumb",
        "/desk/exports/..%2fsecrets/file",
        "/.git/config",
        "/var/secrets/django.key",
        "/static/",
        "/static/huying/",
    ],
)
def test_no_path_leads_out_of_its_folder(path: str, world: World, as_: As) -> None:
    assert as_("dispatcher").get(path).status_code in (400, 404)


@pytest.mark.parametrize("body", ["[" * 50_000, '{"a":' * 5_000, '{"text": ' + "9" * 50_000 + "}"])
def test_a_body_made_to_break_a_parser_is_refused(body: str, world: World) -> None:
    headers = {"Authorization": f"Bearer {token()}", "Idempotency-Key": "deep"}
    answer = Client().post("/api/v1/cases", body, content_type="application/json", headers=headers)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/cases", "/desk/"])
def test_odd_methods_echo_and_do_nothing(method: str, path: str, world: World, as_: As) -> None:
    answer = as_("dispatcher").generic(method, path, HTTP_X_MINE="echo-me")
    assert answer.status_code in (302, 400, 401, 403, 404, 405)
    assert b"echo-me" not in answer.content


def test_no_header_is_split(world: World, as_: As) -> None:
    client = as_("dispatcher")
    split = "/desk/%0d%0aSet-Cookie:%20a=b"
    for answer in (
        client.post("/me/post", {"post": "x", "next": "/desk/\r\nSet-Cookie: a=b"}),
        client.get("/accounts/login/", {"next": split}),
        client.post("/i18n/setlang/", {"language": "en", "next": "/desk/\r\nSet-Cookie: a=b"}),
    ):
        assert "a" not in answer.cookies
        for value in answer.headers.values():
            assert "\n" not in value
            assert "\r" not in value


def test_what_somebody_sends_begins_no_line_of_a_log() -> None:
    record = logging.LogRecord("huying", logging.WARNING, __file__, 1, "refused %s", (
        "/x\n2026-11-29T00:00:00.000Z INFO huying all is well\r\x1b[2J\u202e\u2028",
    ), None)  # fmt: skip
    said = Discreet("%(asctime)s %(levelname)s %(message)s").format(record)
    first, second = said.split("\n")
    assert second.startswith("| 2026-11-29")
    assert first[:4].isdecimal()
    assert first[23] == "Z"
    assert not set("\r\x1b\u202e\u2028") & set(said)


def test_a_refused_request_leaves_a_line(
    world: World, as_: As, caplog: pytest.LogCaptureFixture
) -> None:
    as_("worker").get("/desk/reading/")
    Client().get("/api/v1/cases")
    told = [each.getMessage() for each in caplog.records if each.name == "huying.security"]
    assert any("/api/v1/cases" in line and "refused 401" in line for line in told)
    account = world.accounts["worker"].pk
    assert any("/desk/reading/" in line and f"account={account}" in line for line in told)


@pytest.mark.parametrize("place", ["a", "f", "n/f", "n/s", "n/c", "b", "accounts/invitation"])
def test_no_log_keeps_what_opens_a_page_by_itself(place: str) -> None:
    assert (
        hushed(f"refused 429 GET /{place}/abcdefgh23456789:1uXy-z/x")
        == f"refused 429 GET /{place}/…/x"
    )


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n' a9我"), max_size=6))
def test_words_in_a_table_are_no_formula_and_come_back(text: str) -> None:
    cell = as_words(text)
    assert cell[:1] not in tuple("=+-@\t\r\n")
    assert from_words(cell) == text


def test_the_cookies_belong_to_this_host_alone() -> None:
    code = (
        "from huying import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
        " s.LANGUAGE_COOKIE_NAME, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_SECONDS)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"HUYING_HTTPS": "true"},
    ).stdout.split()  # fmt: skip
    assert all(name.startswith("__Host-") for name in told[:3])
    assert told[3:] == ["True", "31536000"]
    assert not settings.SESSION_COOKIE_NAME.startswith("__")
