"""Sends the points of people who walk about, at the pace of their phones: a process of its own.

Each request goes out when its time has come, whether others have been answered or not; the time
that an answer takes runs from then. Reads one JSON object from standard input (host, port, per_s,
seconds, tries, cookies: a list of cookie headers with their token) and prints one. Needs nothing
but Python.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from typing import Any

LINES = 64


async def _walk(order: dict[str, Any]) -> dict[str, Any]:
    waiting: asyncio.Queue[tuple[float, int] | None] = asyncio.Queue()
    draw = random.Random(1)  # noqa: S311 - the same each time, nothing secret
    took: list[float] = []
    kept, failed, example = 0, 0, ""

    async def line() -> None:
        nonlocal kept, failed, example
        reader = writer = None
        while (job := await waiting.get()) is not None:
            due, who = job
            lon, lat = 113.4 + draw.random() / 50, 22.9 + draw.random() / 50
            body = json.dumps({"points": [[int(time.time() * 1000), lon, lat, 8]]}).encode()
            cookie, token = order["cookies"][who]
            head = (
                f"POST /field/track HTTP/1.1\r\nHost: {order['host']}:{order['port']}\r\n"
                f"Cookie: {cookie}\r\nX-CSRFToken: {token}\r\nX-Background: 1\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
            try:
                if writer is None or reader is None:
                    reader, writer = await asyncio.open_connection(order["host"], order["port"])
                writer.write(head + body)
                answer = await reader.readuntil(b"\r\n\r\n")
                at = answer.lower().index(b"content-length:") + 15
                content = await reader.readexactly(int(answer[at:].split(b"\r\n", 1)[0]))
                if answer[9:12] != b"200":
                    raise OSError((answer + content)[:400].decode(errors="replace"))
                kept += json.loads(content)["kept"]
            except (OSError, EOFError, ValueError) as error:
                failed, example = failed + 1, example or str(error)
                if writer is not None:
                    writer.close()
                reader = writer = None
            took.append((time.perf_counter() - due) * 1000)
        if writer is not None:
            writer.close()

    lines = [asyncio.create_task(line()) for _each in range(LINES)]
    began = time.perf_counter()
    sent = 0
    while (due := began + sent / order["per_s"]) < began + order["seconds"]:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        waiting.put_nowait((due, sent % len(order["cookies"])))
        sent += 1
    for _each in lines:
        waiting.put_nowait(None)
    await asyncio.gather(*lines)
    return {
        "sent": sent,
        "kept": kept,
        "failed": failed,
        "example": example,
        "took_ms": took,
        "seconds": time.perf_counter() - began,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_walk(json.load(sys.stdin)))))
