"""The load's clock: what waits behind a slow answer is seen to wait."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from huying.benchmarks import arrivals

STALL_S = 0.4

Answer = Callable[[str, bytes], tuple[int, bytes]]


def step(kind: str, line: str, body: str = "", takes: str = "") -> dict[str, str]:
    return {"kind": kind, "line": line, "head": "{who}", "body": body, "takes": takes}


class Server:
    """Answers each request on a line of its own thinking, and keeps what was asked."""

    def __init__(
        self, answer: Callable[[str, bytes], tuple[int, bytes]], stall_at: int = -1
    ) -> None:
        self.answer, self.stall_at = answer, stall_at
        self.asked: list[tuple[str, bytes]] = []
        self.stalled = 0.0
        self.free = asyncio.Lock()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(
                    line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
                )
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                async with self.free:
                    self.asked.append((head, body))
                    if len(self.asked) == self.stall_at:
                        await asyncio.sleep(STALL_S)
                status, told = self.answer(head, body)
                writer.write(
                    b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(told), told)
                )
        except (EOFError, ConnectionError):
            writer.close()


def played(server: Server, **order: Any) -> list[dict[str, Any]]:
    async def play() -> list[dict[str, Any]]:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        async with listening:
            port = listening.sockets[0].getsockname()[1]
            whole = {"host": "127.0.0.1", "port": port, "seed": 1, "photos": [], **order}
            return await arrivals.run(whole)

    return asyncio.run(play())


def kind(*steps: dict[str, str], share: float = 1.0) -> dict[str, Any]:
    return {"share": share, "steps": list(steps), "casts": [{"who": "X-Who: worker\r\n"}]}


def test_a_server_that_stands_still_is_seen_by_all_who_came_meanwhile() -> None:
    server = Server(lambda _head, _body: (200, b"{}"), stall_at=5)
    (got,) = played(
        server,
        kinds=[kind(step("look", "GET /"))],
        phases=[{"name": "all", "per_s": 100.0, "seconds": 0.8}],
    )
    took = got["took_ms"]["look"]
    assert len(took) == got["sent"] == len(server.asked)
    # A load that waited for each answer would have one slow one.
    assert sum(ms > STALL_S * 500 for ms in took) >= 10
    assert got["errors"] == {}


def test_a_chain_names_in_later_requests_what_was_answered_before() -> None:
    def answer(head: str, body: bytes) -> tuple[int, bytes]:
        return (201, b'{"number": "440113001"}') if b"words" in body else (200, b"{}")

    server = Server(answer)
    (got,) = played(
        server,
        kinds=[],
        phases=[
            {
                "name": "back",
                "per_s": 0.0,
                "within": 0.05,
                "patience": 1.0,
                "phones": [{"who": f"X-Who: {n}\r\n"} for n in range(3)],
                "queue": [
                    [
                        step("report", "POST /cases", '{"words":"{key}"}', "number"),
                        step("settle", "POST /cases/{number}/settle", '{"n":1}'),
                    ]
                ],
            }
        ],
    )
    assert got["numbers"] == ["440113001"] * 3
    assert [head.split()[1] for head, _ in server.asked].count("/cases/440113001/settle") == 3
    keys = {json.loads(body)["words"] for _, body in server.asked if b"words" in body}
    assert len(keys) == 3, "each report has a key of its own"


def test_while_phones_come_back_what_they_send_anyway_does_not_come_as_well() -> None:
    server = Server(lambda _head, _body: (200, b"{}"))
    (got,) = played(
        server,
        kinds=[
            kind(step("position", "POST /track", '{"n":1}'), share=50.0) | {"by": "phones"},
            kind(step("look", "GET /"), share=50.0),
        ],
        phases=[
            {
                "name": "back", "per_s": 100.0, "within": 0.5, "patience": 1.0, "without": "phones",
                "phones": [{"who": ""}] * 20, "queue": [[step("send", "POST /queue", '{"n":1}')]],
            }
        ],
    )  # fmt: skip
    assert set(got["took_ms"]) == {"send", "look"}
    assert 5 <= len(got["took_ms"]["look"]) <= 50  # of 100 a second, half, for half a second


@pytest.mark.parametrize("status", [409, 422, 500])
def test_an_answer_that_is_none_is_an_error(status: int) -> None:
    server = Server(lambda _head, _body: (status, b"no"))
    (got,) = played(
        server,
        kinds=[kind(step("look", "GET /"))],
        phases=[{"name": "all", "per_s": 50.0, "seconds": 0.2}],
    )
    assert sum(got["errors"]["look"].values()) == got["sent"] > 0


def test_a_phone_sends_again_under_the_same_key_what_was_put_off() -> None:
    answers = iter([503, 201])
    server = Server(lambda _head, _body: (next(answers), b'{"number": "7"}'))
    (got,) = played(
        server,
        kinds=[],
        phases=[
            {
                "name": "back", "per_s": 0.0, "within": 0.01, "patience": 5.0,
                "phones": [{"who": ""}],
                "queue": [[step("report", "POST /cases", '{"k":"{key}"}', "number")]],
            }
        ],
    )  # fmt: skip
    first, second = server.asked
    assert first == second
    assert (got["again"], got["errors"], got["sent"]) == (1, {}, 1)


def test_what_a_phone_gave_up_is_no_queue_that_was_emptied() -> None:
    def answer(head: str, _body: bytes) -> tuple[int, bytes]:
        return (
            (503, b"later")
            if "/photos" in head
            else (422, b"no")
            if "/no" in head
            else (200, b"{}")
        )

    (got,) = played(
        Server(answer),
        kinds=[],
        phases=[
            {
                "name": "back", "per_s": 0.0, "within": 0.01, "patience": 0.05,
                "phones": [{"who": ""}],
                "queue": [
                    [step("a", "POST /photos", '{"n":1}'), step("b", "POST /r", '{"n":1}')],
                    [step("c", "POST /no", '{"n":1}')],
                    [step("d", "POST /track", '{"n":1}')],
                ],
            }
        ],
    )  # fmt: skip
    # The photo and the report that waits for it are left; the other was refused.
    assert (got["phones_left"], got["phones_errors"], got["drained_s"]) == (2, 2, None)
