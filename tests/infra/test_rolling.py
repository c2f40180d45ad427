"""Two instances behind nginx are restarted in turn, and every request meanwhile is answered.

Slow, because it starts the pages four times; nothing shorter shows that no request is lost.
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from huying import tls
from tests.infra.test_serve import free_port, wait_for

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

RESTART = """#!/bin/sh
# What systemctl restart does, for the instance that is named by its port.
port=${{1#huying-web@}}; port=${{port%.service}}
cd {folder}
if [ -s $port.pid ]; then
    kill -TERM $(cat $port.pid)
    while kill -0 $(cat $port.pid) 2>/dev/null; do sleep 0.05; done
fi
setsid {python} -m huying web --port $port >>$port.log 2>&1 </dev/null &
echo $! >$port.pid
"""

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="needs nginx"),
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


class House:
    """nginx with TLS, and two instances behind it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = [free_port(), free_port()]
        self.door, plain = free_port(), free_port()
        pair = tls.prepare(folder, ["127.0.0.1"], datetime.now(UTC))
        text = (DEPLOY / "nginx" / "huying.conf").read_text("utf-8")
        for here, there in (
            ("server 127.0.0.1:8001", f"server 127.0.0.1:{self.ports[0]}"),
            ("server 127.0.0.1:8002", f"server 127.0.0.1:{self.ports[1]}"),
            ("listen 443 ssl", f"listen 127.0.0.1:{self.door} ssl"),
            ("    listen [::]:443 ssl http2;\n", ""),
            ("listen 80", f"listen 127.0.0.1:{plain}"),
            ("    listen [::]:80;\n", ""),
            ("/etc/huying/tls/fullchain.pem", str(pair.cert)),
            ("/etc/huying/tls/privkey.pem", str(pair.key)),
            ("/var/log/nginx", str(folder)),
        ):
            assert here in text, here
            text = text.replace(here, there)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
            f"events {{}}\nhttp {{\n{temporary}{text}\n}}\n"
        )
        self.restart = folder / "restart"
        self.restart.write_text(RESTART.format(folder=folder, python=sys.executable))
        self.restart.chmod(0o700)
        self.environment = {
            **os.environ,
            "HUYING_WEB_PROCESSES": "1",
            "HUYING_HTTPS": "true",
            "HUYING_PROXIES": "127.0.0.1",
            "RESTART": str(self.restart),
            "WAIT": "300",
        }
        self.environment.pop("DATABASE_OWNER_URL", None)
        self.nginx: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert NGINX is not None
        conf = str(self.folder / "nginx.conf")
        subprocess.run([NGINX, "-t", "-q", "-p", str(self.folder), "-c", conf], check=True)
        for port in self.ports:
            unit = f"huying-web@{port}.service"
            subprocess.run([self.restart, unit], env=self.environment, check=True)
        self.nginx = subprocess.Popen([NGINX, "-p", str(self.folder), "-c", conf])
        wait_for(lambda: all(map(self._listens, self.ports)) and self.ask("GET") == 200)

    @staticmethod
    def _listens(port: int) -> bool:
        with suppress(OSError):
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("GET", "/healthz")
            return asked.getresponse().status == 200
        return False

    def connection(self) -> http.client.HTTPSConnection:
        unasked = ssl.create_default_context()
        unasked.check_hostname, unasked.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.door, timeout=30, context=unasked)

    def ask(self, method: str, path: str = "/accounts/login/") -> int:
        with suppress(OSError):
            asked = self.connection()
            asked.request(method, path)
            return asked.getresponse().status
        return 0

    def pid(self, port: int) -> int:
        return int((self.folder / f"{port}.pid").read_text())

    def stop(self) -> None:
        if self.nginx is not None:
            self.nginx.terminate()
            self.nginx.wait(20)
        for port in self.ports:
            with suppress(OSError, ValueError):
                os.kill(self.pid(port), signal.SIGTERM)
        wait_for(lambda: not any(map(self._listens, self.ports)), 30)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    try:
        yield made
    finally:
        made.stop()


class People(threading.Thread):
    """Looks at a page and sends a form, again and again; what was answered."""

    def __init__(self, house: House) -> None:
        super().__init__(daemon=True)
        self.house, self.done, self.answers = house, threading.Event(), Counter[Any]()

    def run(self) -> None:
        connection = self.house.connection()
        while not self.done.is_set():
            for method in ("GET", "POST"):
                try:
                    connection.request(method, "/accounts/login/", body=b"x=1")
                    answer = connection.getresponse()
                    answer.read()
                    self.answers[method, answer.status] += 1
                except (OSError, http.client.HTTPException) as error:
                    self.answers[method, type(error).__name__] += 1
                    connection = self.house.connection()
            time.sleep(0.03)  # the instance that starts needs the processor too


def test_each_request_is_answered_while_instances_restart_in_turn(house: House) -> None:
    house.start()
    assert house.ask("GET", "/metrics") == house.ask("GET", "/healthz") == 404, "not from outside"
    before = [house.pid(port) for port in house.ports]
    people = [People(house) for _ in range(3)]
    for one in people:
        one.start()
    done = subprocess.run(
        [DEPLOY / "systemd" / "rolling-restart", *map(str, house.ports)],
        env=house.environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    for one in people:
        one.done.set()
    for one in people:
        one.join(30)
    assert done.returncode == 0, done.stderr
    assert not set(before) & {house.pid(port) for port in house.ports}
    answers = sum((one.answers for one in people), Counter())
    # A form without its token is refused by the page itself: it was answered all the same.
    assert set(answers) == {("GET", 200), ("POST", 403)}, answers
    assert answers.total() > 100
    print(f"{answers.total()} requests, none lost")  # noqa: T201
    assert "127.0.0.1" not in (house.folder / "huying.log").read_text()
