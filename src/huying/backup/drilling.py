"""A restore drill: the newest backup is brought back, beside all else, proved and thrown away."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from huying.backup import place, proving, reaching, recovering
from huying.backup.manifest import MOST_TOLD, BackupError
from huying.installation import config

ROOM: Final = "drill"
HISTORY: Final = "drills.jsonl"


@dataclass
class Drill:
    """One drill. Times are UTC, in ISO 8601."""

    at: str
    ok: bool
    base: str = ""
    reached: str | None = None
    """Until when the restored log reaches."""
    problems: list[str] = field(default_factory=list)
    proof: dict[str, Any] = field(default_factory=dict)
    minutes_per_gb: float | None = None
    seconds: float = 0.0


def run(*, now: datetime) -> Drill:
    """Restores the newest backup into a folder of its own, proves it, and throws it away.

    What came of it is remembered, also when it could not even begin.

    Raises:
        BackupError: a base backup or another drill is under way: nothing was tried.
    """
    archive = place.archive()
    with place.alone("base", wait=False) as free:
        if not free:
            raise BackupError("A base backup is being made, or another restore proved.")
        began = time.monotonic()
        drill = Drill(at=now.isoformat(timespec="seconds"), ok=False)
        home = config.home / ROOM
        shutil.rmtree(home, ignore_errors=True)
        try:
            way = recovering.way_to(archive, None)
            drill.base, drill.reached = way.base.name, way.reaches.isoformat()
            with recovering.recovered(archive, way, home) as room:
                proof = proving.prove(
                    archive, room, with_keys=not recovering.lacking_keys(way), keep=False
                )
            drill.problems, drill.proof = proof.problems, asdict(proof) | {"problems": None}
            size = (way.base.cluster_bytes + proof.attachment_bytes) / 1e9
            drill.ok = not proof.problems
            drill.minutes_per_gb = round((time.monotonic() - began) / 60 / size, 2)
        except (BackupError, OSError, psycopg.Error) as error:
            drill.problems = [str(error)]
        finally:
            shutil.rmtree(home, ignore_errors=True)
        drill.seconds = round(time.monotonic() - began, 1)
        _write_down(drill)
    return drill


def _write_down(drill: Drill) -> None:
    told = {**asdict(drill), "problems": drill.problems[:MOST_TOLD]}
    descriptor = os.open(
        place.own_folder() / HISTORY, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
    )
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(json.dumps(told, ensure_ascii=False) + "\n")
    facts = {"drill": {"at": told["at"], "ok": told["ok"], "problems": told["problems"]}}
    if drill.ok:
        facts["proved_at"] = told["at"]
    place.remember(**facts)


def reachable() -> dict[str, Any]:
    """From when until when a restore leads, for people; raises BackupError as `way_to`."""
    archive = place.archive()
    way = recovering.way_to(archive, None)
    from huying.backup import basing

    first = basing.bases(archive)[0].reaches_from
    return {
        "from": first.astimezone(UTC).isoformat(timespec="seconds"),
        "until": way.reaches.astimezone(UTC).isoformat(timespec="seconds"),
        "told": f"{reaching.told(first)} … {reaching.told(way.reaches)}",
    }
