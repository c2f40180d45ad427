"""How the server hands its log over: the words of its `archive_command`. Needs no Django."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from huying.installation import Settings, config

SPOOL: Final = "outgoing"

SEGMENT: Final = 16 << 20
"""Bytes of one segment of the log."""

DROPPED: Final = "dropped"
"""The file in the spool that names what was let go because too much waited."""

COMMAND: Final = (
    'set -eu; o="{spool}"; k=$(du -sk "$o/." | cut -f1); '
    'n=$(ls pg_wal/archive_status | grep -c "ready$") || true; '
    'if [ "$k" -gt {most_kb} ] || [ "$n" -gt {most_segments} ]; '
    'then echo %f >> "$o/dropped"; exit 0; fi; '
    'gzip -1 -c "%p" > "$o/%f.part"; touch -r "%p" "$o/%f.part"; sync "$o/%f.part"; '
    'mv -f "$o/%f.part" "$o/%f.gz"; sync "$o"'
)
"""What the server runs for each segment; its folder is that of the database.

The time of a handed-over file is that of the segment's last byte.
"""


def command(spool: str, settings: Settings = config) -> str:
    """The `archive_command` that lays segments into the folder ``spool``."""
    return COMMAND.format(
        spool=spool,
        most_kb=int(settings.backup_backlog_gb * 1024 * 1024),
        most_segments=max(2, int(settings.backup_backlog_gb * 2**30 / SEGMENT)),
    )


def command_for_two(spool: str, settings: Settings = config) -> str:
    """The same for a server whose user is not huying's: what it writes may be read by the folder's
    group, where PostgreSQL would keep it to its own user."""
    return f"umask 027; {command(spool, settings)}"


def tuning(settings: Settings = config) -> dict[str, str]:
    """What the embedded server is told to hand its log over; nothing without an archive."""
    if settings.backup_dir is None:
        return {}
    return {
        "archive_mode": "on",
        "archive_command": command(f"@{SPOOL}@", settings),
        "archive_timeout": f"{settings.backup_switch_seconds}s",
    }


def folders(settings: Settings = config) -> dict[str, Path]:
    """The folders that go with `tuning`."""
    return {} if settings.backup_dir is None else {SPOOL: settings.layout.root / SPOOL}
