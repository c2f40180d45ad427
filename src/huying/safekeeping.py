"""What an installation can choose about backups to the second; a part of `huying.installation`."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings


class BackupSettings(BaseSettings):
    """Where base backups and the log of changes go, and when somebody must be told."""

    backup_dir: Path | None = Field(
        None,
        description="The folder of the archive for restoring to the second, on another disk or "
        "machine; empty: none. See docs/backup.md.",
    )
    backup_incoming: Path | None = Field(
        None,
        description="Where the archive_command of an external PostgreSQL puts its log for huying "
        "to take in; the embedded one has its own.",
    )
    database_replication_url: str = Field(
        "",
        validation_alias=AliasChoices(
            "DATABASE_REPLICATION_URL", "HUYING_DATABASE_REPLICATION_URL"
        ),
        description="A role of an external PostgreSQL with REPLICATION, for base backups.",
        repr=False,
    )
    backup_sealed: bool = Field(
        True, description="Encrypt the archive with the newest data key (SM4-GCM)."
    )
    backup_base_hours: int = Field(
        24, ge=1, le=24 * 31, description="After so many hours a new base backup is made."
    )
    backup_keep_days: int = Field(
        14, ge=1, le=3660,
        description="Every second of so many days back can be restored; what is older goes.",
    )  # fmt: skip
    backup_switch_seconds: int = Field(
        60, ge=5, le=3600,
        description="After so long at most what was written goes to the archive.",
    )  # fmt: skip
    backup_backlog_gb: float = Field(
        10, gt=0, le=10_000,
        description="So much of the log may wait on the database's disk for the archive. What goes "
        "beyond it is let go, so that the disk does not fill: administrators are told, and a new "
        "base backup is made.",
    )  # fmt: skip
    backup_behind_minutes: int = Field(
        10, ge=1, le=1440,
        description="Administrators are told when something has waited longer for the archive.",
    )  # fmt: skip
    backup_proved_within_days: int = Field(
        35, ge=1, le=366,
        description="Administrators are told when no backup was restored and proved for so long.",
    )  # fmt: skip
    backup_drill_days: int = Field(
        0, ge=0, le=366,
        description="After so many days the worker restores the newest backup into a folder of its "
        "own and proves it, at night; 0: only by huying restore --drill.",
    )  # fmt: skip

    @field_validator("backup_dir", "backup_incoming", mode="before")
    @classmethod
    def _no_folder(cls, value: object) -> object:
        return value or None

    @field_validator("backup_dir", "backup_incoming")
    @classmethod
    def _whole_path(cls, value: Path | None) -> Path | None:
        if value is not None and not value.expanduser().is_absolute():
            raise ValueError("it must be a whole path, from / on")
        return value.expanduser() if value else None
