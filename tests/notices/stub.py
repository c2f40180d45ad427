"""A gateway on loopback that does what it is told: answers, fails, stalls, and remembers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Stub:
    """``answers`` are used up in turn, the last one for ever: (status, body), or "stall"."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers) or [(200, {})]
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""
        self.free = threading.Event()

    def next(self, path: str) -> Any:
        if path.startswith("/cgi-bin/gettoken"):
            tokens = sum(r[0].startswith("/cgi-bin/gettoken") for r in self.requests)
            return 200, {"errcode": 0, "access_token": f"token-{tokens}", "expires_in": 7200}
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def sent(self) -> list[tuple[str, dict[str, str], bytes]]:
        """Without those for a token."""
        return [each for each in self.requests if "gettoken" not in each[0]]

    def bodies(self) -> list[Any]:
        return [json.loads(body) for _path, _headers, body in self.sent()]


@contextmanager
def running(*answers: Any) -> Iterator[Stub]:
    stub = Stub(*answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            stub.requests.append((self.path, headers, body))
            answer = stub.next(self.path)
            if answer == "stall":
                stub.free.wait(5)
                return
            status, told = answer
            said = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield stub
    finally:
        stub.free.set()
        server.shutdown()
        thread.join()
        server.server_close()
