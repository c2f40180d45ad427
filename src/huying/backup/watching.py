"""Whether backups are what somebody relies on them to be, and telling administrators when not.

`state` is what `/metrics` and the pages read: the data folder's notes and the spool, no database.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from django.db import models
from django.utils.translation import gettext_lazy as _

from huying.backup import place, shipping
from huying.backup.manifest import BackupError
from huying.installation import config
from huying.notices.kinds import Kind, kind
from huying.notices.planning import SHANGHAI
from huying.notices.telling import Whom, tell
from huying.people.acting import in_force
from huying.people.models import Post, Role

log = logging.getLogger(__name__)


BASE_LATE: Final = 1.5
"""A base backup may be late by half of its time."""


class Concern(models.TextChoices):
    """What is wrong with backups."""

    FAILED = "failed", _("The log of changes could not be taken into the archive.")
    BEHIND = "behind", _("The log of changes waits for the archive: what is newer is in no backup.")
    DROPPED = "dropped", _("Part of the log was let go, for too much of it waited: no second since "
                           "then can be restored until there is a new base backup.")  # fmt: skip
    BASE_OLD = "base_old", _("The last base backup is too old.")
    UNPROVED = "unproved", _("For too long no backup was restored and proved.")
    DRILL_FAILED = "drill_failed", _("The last restore drill did not succeed.")


KINDS: Final[dict[Concern, Kind]] = {
    each: kind(f"backup_{each}", _("Backups need you"), each.label) for each in Concern
}
"""The notice of each: its words are filled in by nothing, and read in the reader's language."""


@dataclass(frozen=True, slots=True)
class State:
    """How backups stand.

    Attributes:
        configured: whether there is an archive at all; nothing else is said without one.
        since_hours: since when it is set up.
        base_hours: since the last base backup; None: never.
        proved_hours: since a backup was last restored and proved; None: never.
        lag_seconds: how long the oldest thing has waited for the archive; 0: nothing waits.
        backlog_bytes: what waits in the spool.
        dropped: segments of the log that were let go, and that no base backup has made up for.
        failed: whether the last taking in, or the last base backup, failed.
        drill_failed: whether the last drill did.
    """

    configured: bool
    since_hours: float = 0.0
    base_hours: float | None = None
    proved_hours: float | None = None
    lag_seconds: float = 0.0
    backlog_bytes: int = 0
    dropped: int = 0
    failed: bool = False
    drill_failed: bool = False


def state(*, now: datetime) -> State:
    """How backups stand now."""
    if config.backup_dir is None:
        return State(configured=False)
    kept = place.remembered()
    oldest = shipping.oldest_waiting()

    def hours(name: str) -> float | None:
        moment = kept.get(name)
        if not moment:
            return None
        return max(0.0, (now - datetime.fromisoformat(moment)) / timedelta(hours=1))

    return State(
        configured=True,
        since_hours=hours("since") or 0.0,
        base_hours=hours("base_at"),
        proved_hours=hours("proved_at"),
        lag_seconds=0.0 if oldest is None else max(0.0, now.timestamp() - oldest),
        backlog_bytes=shipping.backlog_bytes(),
        dropped=(kept.get("dropped") or {}).get("segments", 0),
        failed=bool(kept.get("error") or kept.get("base_error")),
        drill_failed=not (kept.get("drill") or {"ok": True})["ok"],
    )


def concerns(
    how: State, *, behind_minutes: int, base_hours: int, proved_within_days: int
) -> list[Concern]:
    """What administrators must be told, the most pressing first. Pure.

    What was set up today is not yet late.
    """
    if not how.configured:
        return []
    base = how.since_hours if how.base_hours is None else how.base_hours
    proved = how.since_hours if how.proved_hours is None else how.proved_hours
    found = {
        Concern.DROPPED: how.dropped > 0,
        Concern.FAILED: how.failed,
        Concern.BEHIND: how.lag_seconds > behind_minutes * 60,
        Concern.BASE_OLD: base > base_hours * BASE_LATE,
        Concern.DRILL_FAILED: how.drill_failed,
        Concern.UNPROVED: proved > proved_within_days * 24,
    }
    return [concern for concern, is_so in found.items() if is_so]


def present_concerns(*, now: datetime) -> list[Concern]:
    """What administrators must be told now, by the settings."""
    return concerns(
        state(now=now),
        behind_minutes=config.backup_behind_minutes,
        base_hours=config.backup_base_hours,
        proved_within_days=config.backup_proved_within_days,
    )


def keep(*, now: datetime) -> int:
    """Each minute: takes the log in, and tells of what is wrong; how many segments there were."""
    if config.backup_dir is None:
        return 0
    if "since" not in place.remembered():
        place.remember(since=now.isoformat(timespec="seconds"))
    taken = 0
    try:
        taken = shipping.take_in(now=now).segments
    except (BackupError, OSError) as error:
        # Remembered, and told below; the next minute tries again.
        log.error("The log of changes could not be taken into the archive: %s", error)
    tell_administrators(now=now)
    return taken


def tell_administrators(*, now: datetime) -> int:
    """A notice to each administrator for each thing that is wrong, once a day; how many."""
    found = present_concerns(now=now)
    if not found:
        return 0
    today = now.astimezone(SHANGHAI).date()
    posts = Post.objects.filter(in_force(today), role=Role.ADMINISTRATOR, account__is_active=True)
    by_district: dict[str, set[int]] = {}
    for area, account in posts.values_list("area_code", "account"):
        by_district.setdefault(area[:6], set()).add(account)
    return sum(
        tell(
            KINDS[concern],
            Whom(accounts=tuple(accounts)),
            key=f"backup:{concern}:{today}",
            district_code=district,
            now=now,
        )
        for district, accounts in by_district.items()
        for concern in found
    )


def sentences() -> list[str]:
    """What stands on the administrators' front page and over their pages."""
    return [str(each.label) for each in present_concerns(now=datetime.now(UTC))]


# --- base backups and drills by themselves --------------------------------------------------------


def base_if_due(*, now: datetime) -> int:
    """Makes a base backup when the last one is old, or when one alone mends the log; how many."""
    if config.backup_dir is None:
        return 0
    kept = place.remembered()
    last = kept.get("base_at")
    fresh = last and now - datetime.fromisoformat(last) < timedelta(hours=config.backup_base_hours)
    failed = kept.get("base_error")
    # One that failed is tried again in an hour, and not twelve times.
    waits = failed and now - datetime.fromisoformat(failed["at"]) < timedelta(hours=1)
    if (fresh and not kept.get("dropped")) or waits:
        return 0
    return _run("backup", "base")


def drill_if_due(*, now: datetime) -> int:
    """Makes a restore drill when the last is so old; how many."""
    if config.backup_dir is None or config.backup_drill_days == 0:
        return 0
    last = (place.remembered().get("drill") or {}).get("at")
    if last and now - datetime.fromisoformat(last) < timedelta(days=config.backup_drill_days):
        return 0
    return _run("restore", "--drill")


def _run(*arguments: str) -> int:
    """Runs a command of ours with the data folder's own rights, which the worker does not have."""
    own = {name: value for name, value in os.environ.items() if name not in _APPLICATIONS}
    environment = own if _is_embedded_here() else dict(os.environ)
    done = subprocess.run(
        [sys.executable, "-m", "huying", *arguments, "--json"],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        log.error("huying %s failed: %s", " ".join(arguments), done.stderr.strip()[-400:])
    return int(done.returncode == 0)


_APPLICATIONS: Final = ("DATABASE_URL", "HUYING_DATABASE_URL")


def _is_embedded_here() -> bool:
    """Whether the worker's database is the embedded one of this data folder.

    `huying serve` gives its children the application's connection string and nothing more.
    """
    return config.layout.exists() and str(config.layout.socket_dir()) in _unquoted()


def _unquoted() -> str:
    from urllib.parse import unquote

    return unquote(config.database_url)


def status(*, now: datetime) -> dict[str, Any]:
    """What `huying backup status` prints."""
    told: dict[str, Any] = {
        name: round(value, 1) if isinstance(value, float) else value
        for name, value in asdict(state(now=now)).items()
    }
    told["concerns"] = [str(each) for each in present_concerns(now=now)]
    if config.backup_dir is not None:
        told |= {"folder": str(config.backup_dir), "remembered": place.remembered()}
        try:
            told["restorable"] = _reach()
        except (BackupError, OSError, psycopg.Error) as error:
            told["restorable"] = str(error)
    return told


def _reach() -> str:
    from huying.backup import drilling

    return str(drilling.reachable()["told"])


def lines(role: object) -> Iterator[str]:
    """The banner's sentences for a role: administrators alone can do something."""
    if role == Role.ADMINISTRATOR:
        yield from sentences()
