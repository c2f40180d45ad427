"""Back to seconds drawn at random from a time of load, and whether everything is as it was then.

While two clients report with photos and lead cases from report to close, and the log is taken into
the archive as the worker does it, the truth is remembered at seconds drawn at random: rows of each
table, heads of the chains, digests of attachments. For that moment the clients wait, or nobody
could say what the truth of the second was. Afterwards each is restored from the archive, by the
functions that `huying restore --at` calls, and compared with it. Nothing but equal is right.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huying.benchmarks.bed import ROOM, Bed
from huying.cli import CommandError, say

if TYPE_CHECKING:
    from huying.benchmarks.lifecycle import People
    from huying.benchmarks.truth import Truth

CLIENTS = 2


@contextmanager
def archive_beside() -> Iterator[Path]:
    """A folder for the archive, named in the environment before anything reads it."""
    folder = Path(tempfile.mkdtemp(prefix="huying-archive-", dir=ROOM if ROOM.is_dir() else None))
    os.environ["HUYING_BACKUP_DIR"] = str(folder)
    try:
        yield folder
    finally:
        os.environ.pop("HUYING_BACKUP_DIR", None)
        shutil.rmtree(folder, ignore_errors=True)


class _Gate:
    """Lets clients work, or none of them."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._open = True
        self._inside = 0
        self.done = False

    @contextmanager
    def passed(self) -> Iterator[None]:
        with self._condition:
            self._condition.wait_for(lambda: self._open or self.done)
            self._inside += 1
        try:
            yield
        finally:
            with self._condition:
                self._inside -= 1
                self._condition.notify_all()

    @contextmanager
    def shut(self) -> Iterator[None]:
        with self._condition:
            self._open = False
            self._condition.wait_for(lambda: self._inside == 0)
        try:
            yield
        finally:
            with self._condition:
                self._open = True
                self._condition.notify_all()


def photo(draw: random.Random) -> io.BytesIO:
    """A picture of noise: no two are alike, and none can be compressed away."""
    from PIL import Image

    picture = Image.frombytes("RGB", (160, 120), draw.randbytes(160 * 120 * 3))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=85)
    target.seek(0)
    return target


def report(who: People, draw: random.Random) -> None:
    """A report with a photo."""
    from huying.cases import attaching
    from huying.cases.models import Channel
    from huying.intake.reporting import Told, take

    now = datetime.now(UTC)
    taken = attaching.stage(photo(draw), kind="photo_before", by=who.dispatcher, now=now)
    take(
        Told(
            channel=Channel.HOTLINE, text=f"路边有垃圾，第 {draw.randrange(10**9)} 处。",
            lon=who.lon, lat=who.lat, photos=(taken.pk,), alarms=False,
            contact_name="何婆婆", contact_phone=f"138{draw.randrange(10**8):08d}",
        ),
        by=who.dispatcher, now=now,
    )  # fmt: skip


class _Load:
    """The clients and the taking in, in threads of this process."""

    def __init__(self, who: People, gate: _Gate, seed: int) -> None:
        self.who, self.gate = who, gate
        self.reports = self.loops = 0
        self.errors: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._client, args=(random.Random(seed + n),))  # noqa: S311
            for n in range(CLIENTS)
        ] + [threading.Thread(target=self._take_in)]

    def start(self) -> None:
        for each in self._threads:
            each.start()

    def end(self) -> None:
        self.gate.done = True
        for each in self._threads:
            each.join()
        if self.errors:
            raise self.errors[0]

    def _client(self, draw: random.Random) -> None:
        from django.db import connections

        from huying.benchmarks.lifecycle import live

        try:
            while not self.gate.done:
                with self.gate.passed():
                    if draw.random() < 0.3:
                        live(self.who)
                        self.loops += 1
                    else:
                        report(self.who, draw)
                        self.reports += 1
        except BaseException as error:
            self.errors.append(error)
        finally:
            connections.close_all()

    def _take_in(self) -> None:
        from huying.backup import shipping

        try:
            while not self.gate.done:
                shipping.take_in(now=datetime.now(UTC))
                time.sleep(0.5)
        except BaseException as error:
            self.errors.append(error)


def run(bed: Bed, times: int, seed: int, spread: float) -> dict[str, Any]:
    """Remembers ``times`` seconds, at most ``spread`` seconds apart, and restores each of them."""
    from huying.backup import basing, placing, shipping
    from huying.benchmarks.filling import people
    from huying.benchmarks.lifecycle import cast

    people(bed)
    who = cast()
    basing.make(now=datetime.now(UTC))
    gate = _Gate()
    load = _Load(who, gate, seed)
    draw = random.Random(seed)  # noqa: S311
    load.start()
    try:
        remembered = []
        for number in range(times):
            if number == times // 2 and number:
                basing.make(now=datetime.now(UTC))
            time.sleep(draw.uniform(0.2, max(0.3, spread)))
            remembered.append(_remember(bed, gate))
            say(f"remembered {number + 1}/{times}")
    finally:
        load.end()
    with bed.admin("postgres") as server:
        placing.hand_over(server)
    shipping.take_in(now=datetime.now(UTC))
    return _restored(remembered) | {
        "name": "restore", "times": times, "reports": load.reports, "loops": load.loops,
        "seed": seed,
    }  # fmt: skip


def _remember(bed: Bed, gate: _Gate) -> tuple[datetime, Truth]:
    """The truth of the next full second, in which nobody writes."""
    from huying.benchmarks import truth
    from huying.installation import config

    with gate.shut():
        second = int(time.time()) + 1
        time.sleep(max(0.0, second - time.time()) + 0.01)
        seen = truth.look(bed.url(owner=True), config.attachments)
    return datetime.fromtimestamp(second, UTC), seen


def _restored(remembered: list[tuple[datetime, Truth]]) -> dict[str, Any]:
    from huying.backup import place, proving, recovering
    from huying.benchmarks import truth
    from huying.installation import config

    archive = place.archive()
    room_home = config.home / "room"
    wrong, told, seconds, size = 0, [], [], 0.0
    for number, (at, was) in enumerate(remembered, 1):
        shutil.rmtree(room_home, ignore_errors=True)
        began = time.perf_counter()
        way = recovering.way_to(archive, at)
        with recovering.recovered(archive, way, room_home) as room:
            proof = proving.prove(archive, room)
            took = time.perf_counter() - began
            differs = truth.differences(was, truth.look(room.url(owner=True), room.attachments))
        size = (way.base.cluster_bytes + proof.attachment_bytes) / 1e9
        seconds.append(took / 60 / size)
        if differs or proof.problems:
            wrong += 1
            told += [f"{at.isoformat()}: {each}" for each in (*differs, *proof.problems)][:5]
        say(f"restored {number}/{len(remembered)} in {took:.1f} s: {len(differs)} differ")
    shutil.rmtree(room_home, ignore_errors=True)
    if not seconds:
        raise CommandError("nothing was remembered")
    return {
        "ok": wrong == 0,
        "wrong": wrong,
        "differences": told,
        "minutes_per_gb": round(sorted(seconds)[len(seconds) // 2], 2),
        "gb": round(size, 3),
        "rows": sum(remembered[-1][1].tables.values()),
        "attachments": sum(1 for each in remembered[-1][1].attachments if each.endswith(".jpg")),
    }
