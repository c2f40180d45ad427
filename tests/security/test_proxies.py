"""Whose word is taken about where a request comes from, and what https asks for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessLog
from django.conf import settings
from django.test import Client, RequestFactory

from huying.installation import Settings, SettingsError, load
from huying.people.adapters import client_address
from huying.people.addresses import client_of, counted, proxies_from
from tests.desk.world import PASSWORD, World

ANYONE, PROXY, INNER = "203.0.113.9", "10.0.0.1", "10.0.0.2"


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "client"),
    [
        # Nobody is believed.
        ("0", ANYONE, "1.1.1.1", ANYONE),
        ("", PROXY, "1.1.1.1, 2.2.2.2", PROXY),
        # One, two in a row: what the client wrote itself stands further in front.
        ("1", PROXY, ANYONE, ANYONE),
        ("1", PROXY, f"1.1.1.1, {ANYONE}", ANYONE),
        ("2", PROXY, f"1.1.1.1, {ANYONE}, {INNER}", ANYONE),
        ("2", PROXY, ANYONE, ANYONE),
        ("1", PROXY, "", PROXY),
        # By their addresses: who comes past them is believed nothing.
        (PROXY, PROXY, f"1.1.1.1, {ANYONE}", ANYONE),
        (PROXY, ANYONE, "1.1.1.1", ANYONE),
        ("10.0.0.0/8", PROXY, f"1.1.1.1, {ANYONE}, {INNER}", ANYONE),
        (f"{PROXY}, {INNER}", PROXY, f"1.1.1.1,{ANYONE},{INNER}", ANYONE),
        ("10.0.0.0/8, fd00::/8", "fd00::1", f"{ANYONE}, {PROXY}", ANYONE),
        ("10.0.0.0/8", PROXY, INNER, INNER),
        # Ports, brackets, IPv4 in IPv6, and what is no address.
        (PROXY, f"::ffff:{PROXY}", f"{ANYONE}:4711", ANYONE),
        ("1", PROXY, "[2001:db8::1]:443", "2001:db8::1"),
        ("1", PROXY, "2001:db8::1", "2001:db8::1"),
        ("1", PROXY, "<script>", PROXY),
        ("2", PROXY, f"{ANYONE}, unknown", PROXY),
        ("1", "", ANYONE, ""),
    ],
)
def test_the_header_is_believed_as_far_as_proxies_wrote_it(
    proxies: str, remote: str, forwarded: str, client: str
) -> None:
    assert client_of(remote, forwarded, proxies_from(proxies)) == client


@pytest.mark.parametrize(
    ("address", "as_what"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_address_is_counted_with_all_that_its_holder_may_choose(
    address: str, as_what: str
) -> None:
    assert counted(address) == as_what


@pytest.mark.parametrize("value", ["nginx", "10.0.0.0/33", "1,2,x", "-1", "10.0.0.1/8"])
def test_a_setting_that_names_no_proxies_stops_the_start(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_PROXIES", value)
    with pytest.raises(SettingsError, match="HUYING_PROXIES"):
        load()


@pytest.mark.parametrize(
    ("https", "proxies", "trusted"),
    [(False, "", 0), (True, "", 1), (True, "0", 0), (False, "2", 2)],
)
def test_proxies_are_trusted_with_and_without_https(
    https: bool, proxies: str, trusted: int
) -> None:
    assert Settings(https=https, proxies=proxies).trusted_proxies == trusted


def test_sign_ins_are_noted_and_locked_by_that_address(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings, "HUYING", Settings(proxies=PROXY))
    sent = {"login": world.accounts["dispatcher"].username}

    def sign_in(password: str, remote: str, forwarded: str) -> int:
        more = {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}
        return Client().post(
            "/accounts/login/", sent | {"password": password}, **more
        ).status_code  # fmt: skip

    assert sign_in(PASSWORD, PROXY, f"1.1.1.1, {ANYONE}") == 302
    assert AccessLog.objects.get().ip_address == ANYONE
    for number in range(settings.AXES_FAILURE_LIMIT):
        sign_in("wrong", PROXY, f"198.51.100.{number}, {ANYONE}")
    assert sign_in(PASSWORD, PROXY, ANYONE) == 429
    assert sign_in(PASSWORD, PROXY, "203.0.113.10") == 302
    # Past the proxy, the header says nothing.
    assert sign_in(PASSWORD, ANYONE, "203.0.113.10") == 429


def test_a_request_that_no_client_made_has_no_address() -> None:
    request = RequestFactory().get("/")
    del request.META["REMOTE_ADDR"]
    assert client_address(request) is None


@pytest.mark.parametrize("https", [True, False])
def test_every_cookie_is_secure_where_the_pages_are(https: bool, tmp_path: Path) -> None:
    code = (
        "import json; from huying import settings as s; print(json.dumps("
        "{n: getattr(s, n) for n in dir(s) if n.endswith('_COOKIE_SECURE')}))"
    )
    environment = os.environ | {"HUYING_HTTPS": str(https), "HUYING_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    found = json.loads(done.stdout)
    assert set(found.values()) == {https}
    names = {"SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE"}
    assert names <= set(found)


def test_the_cookie_of_the_language_is_as_the_others(settings: Any) -> None:
    settings.LANGUAGE_COOKIE_SECURE = True
    client = Client()
    client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"}, secure=True)
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
