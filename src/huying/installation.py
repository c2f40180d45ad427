"""What an installation can choose: one typed class, read from the environment.

`config` is the one instance. Names in the environment are the fields' names in capitals after
`HUYING_` (`HUYING_PORT=8080`); the two connection strings also go by the names the world uses,
`DATABASE_URL` and `DATABASE_OWNER_URL`. A value that can't be used stops the start with a
sentence that says which and why.
"""

from __future__ import annotations

import os
from datetime import time
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from huying import embedded
from huying.database_url import database_from_url
from huying.embedded import Layout
from huying.enduring import EnduringSettings
from huying.guard_limits import Limits
from huying.identity import ProviderSettings
from huying.outside import OutsideSettings
from huying.people.addresses import Proxies, proxies_from
from huying.privacy import PrivacySettings
from huying.safekeeping import BackupSettings
from huying.telemetry.choosing import TelemetrySettings

PACKAGE = Path(__file__).resolve().parent

SECRETS_DIR = "HUYING_SECRETS_DIR"
"""Names a folder with a file for each secret, as container engines and systemd give them."""


class SettingsError(SystemExit):
    """A setting has a value that can't be used; the message says which and why."""


def default_home() -> Path:
    """`var/` in a checkout; the user's data folder otherwise (root's: /var/lib/huying)."""
    checkout = PACKAGE.parent.parent
    if PACKAGE.parent.name == "src" and (checkout / "pyproject.toml").exists():
        return checkout / "var"
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/huying")
    return user_data_path("huying", appauthor=False)


class Settings(
    EnduringSettings,
    ProviderSettings,
    OutsideSettings,
    PrivacySettings,
    BackupSettings,
    TelemetrySettings,
    BaseSettings,
):
    """What an installation can choose. Everything has a default that works."""

    model_config = SettingsConfigDict(
        env_prefix="HUYING_", frozen=True, extra="ignore", populate_by_name=True
    )

    home: Path = Field(
        default_factory=default_home,
        description="The data folder: embedded database, secrets, attachments, seals.",
    )
    database_url: str = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL", "HUYING_DATABASE_URL"),
        description="The application's connection to an external PostgreSQL 15 or later, "
        "postgresql://USER:PASSWORD@HOST:PORT/NAME; several as HOST:PORT,HOST:PORT (see "
        "docs/ha.md). Empty: the embedded server.",
    )
    database_owner_url: str = Field(
        "",
        validation_alias=AliasChoices("DATABASE_OWNER_URL", "HUYING_DATABASE_OWNER_URL"),
        description="The same database as the role that owns and migrates it.",
    )
    address: str = Field("127.0.0.1", description="The address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="The port the web server listens on.")
    web_processes: int = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 4), ge=1, le=64,
        description="Web processes; at most as many as processors is useful.",
    )  # fmt: skip
    web_threads: int = Field(
        16,
        ge=1,
        le=128,
        description="Requests that each web process works on at a time, each with a database "
        "connection; the others wait their turn. A quarter of them is for what pages ask by "
        "themselves.",
    )
    worker_concurrency: int = Field(
        4,
        ge=1,
        le=64,
        description="Jobs that the worker runs at the same time; and as many of those "
        "that can wait.",
    )
    worker_poll_seconds: float = Field(
        0.5, ge=0.05, le=60, description="How long the worker waits between looks at the queue."
    )
    allowed_hosts: str = Field(
        "localhost,127.0.0.1,[::1]",
        description="Host names under which the pages are reached, separated by commas. "
        "The listening address is always allowed.",
    )
    https: bool = Field(
        False,
        description="The pages are reached over HTTPS (behind a proxy that sets "
        "X-Forwarded-Proto): secure cookies, HSTS.",
    )
    tls_cert: Path | None = Field(
        None, description="The server's certificate (PEM), for https without a proxy: secure "
        "cookies, no HSTS. Set by huying serve --tls.",
    )  # fmt: skip
    tls_key: Path | None = Field(None, description="The key of that certificate (PEM).")
    proxies: str = Field(
        "",
        description="Whose X-Forwarded-For is believed: the addresses or networks of the proxies, "
        "separated by commas, or how many stand in a row (0: nobody's). Empty: one with "
        "HUYING_HTTPS, else none.",
    )
    debug: bool = Field(False, description="Django's debug pages. Never where residents come in.")
    time_zone: str = Field(
        "Asia/Shanghai", description="The zone in which times are shown and days are counted."
    )
    language: Literal["zh-hans", "en"] = Field(
        "zh-hans", description="The language of pages for those who chose none."
    )
    idle_minutes: int = Field(
        30,
        ge=1,
        le=1440,
        description="Minutes without a request after which one is signed out; "
        "up to two earlier, and never more than a fifteenth.",
    )
    second_factor: Literal["guardians", "everybody"] = Field(
        "guardians",
        description="Who must sign in with a second factor: the three guardian roles, or "
        "everybody (see docs/people.md).",
    )
    undo_seconds: int = Field(
        10,
        ge=0,
        le=60,
        description="Seconds in which the desk may undo its own accepting, declining, dispatching "
        "or merging. Notices of such a step wait as long.",
    )
    shifts: str = Field(
        "08:00,17:30", description="When the shifts of the desks change, separated by commas."
    )
    settle_check_percent: int = Field(
        10, ge=0, le=100,
        description="Share of matters settled on the spot that are drawn for a check.",
    )  # fmt: skip
    appeal_days: int = Field(
        15, ge=1, le=90,
        description="Days after it counted in which a counted fact may be appealed against.",
    )  # fmt: skip
    guards: str = Field(
        "",
        description="From where on something unusual is noticed, such as flood_reports=10 "
        "split_metres=50; what is not named stays as docs/fairness.md has it.",
    )
    track_keep_days: int = Field(
        30, ge=1, le=366, description="Days for which positions of people on duty are kept."
    )
    scores_close_day: int = Field(
        6,
        ge=1,
        le=28,
        description="On which day of the next month the scores of a month are closed; until then "
        "it is rated (see docs/scores.md).",
    )
    care_missed_days: str = Field(
        "1 2 4",
        description="After how many days without the visit that was due the grid head, the "
        "community's desk and the town's desk are told (see docs/care.md).",
    )
    crypto_provider: str = Field(
        "huying.audit.crypto.DefaultProvider",
        description="The class that encrypts, signs and digests, by its dotted path; a certified "
        "module's adapter can take its place (see docs/audit.md).",
    )
    api_writes_per_minute: int = Field(
        6000, ge=1, le=10_000_000, description="Writes a minute that one caller of the interface "
        "may do; each report of a batch counts.",
    )  # fmt: skip
    api_reads_per_minute: int = Field(
        6000, ge=1, le=10_000_000, description="Reads a minute that one caller of the interface "
        "may do.",
    )  # fmt: skip
    close_after_check: bool = Field(
        False,
        description="Close a case as soon as its check is passed, instead of leaving that to the "
        "desk. The system's closing is an event of its own.",
    )
    close_periods_after_days: int = Field(
        3, ge=1, le=60,
        description="A month or week is closed so many days after its end: from then on its "
        "figures stand as they were, and what comes later is shown as a correction.",
    )  # fmt: skip
    wall_stale_seconds: int = Field(
        30, ge=10, le=600,
        description="After so many seconds without new figures a wall says that it is stale.",
    )  # fmt: skip
    report_weekly: bool = Field(
        True,
        description="Make the report of each town and of the district on a week when it is over.",
    )
    report_day: int = Field(
        1, ge=0, le=28, description="The day of the month from which on the report of the last "
        "month is made; 0 makes none.",
    )  # fmt: skip
    registers_stale_days: str = Field(
        "address=730 dwelling=180 household=180 person=180 enterprise=90 facility=365",
        description="After how many days without a check a record of a register is stale.",
    )
    grid_head_is_secretary: bool = Field(
        False,
        description="A grid's head is the secretary of its party branch, and sees its members.",
    )
    map_tile_url: str = Field(
        "",
        description="Base map tiles, a URL with {z}, {x} and {y}; empty: the map shows the "
        "grids alone and needs no network.",
    )
    map_tile_datum: Literal["WGS-84", "GCJ-02", "BD-09"] = Field(
        "GCJ-02", description="The datum of the base map tiles."
    )

    @field_validator("home")
    @classmethod
    def _home(cls, value: Path) -> Path:
        value = value.expanduser()
        if not value.is_absolute():
            value = Path.cwd() / value
        if value.exists() and not value.is_dir():
            raise ValueError(f"{value} is not a folder")
        return value

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if value:
            database_from_url(value)
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {value!r}") from error
        return value

    @field_validator("proxies")
    @classmethod
    def _proxies(cls, value: str) -> str:
        proxies_from(value)
        return value

    @field_validator("shifts")
    @classmethod
    def _shifts(cls, value: str) -> str:
        _times(value)
        return value

    @field_validator("registers_stale_days")
    @classmethod
    def _stale(cls, value: str) -> str:
        _days_by_name(value)
        return value

    @field_validator("guards")
    @classmethod
    def _guards(cls, value: str) -> str:
        Limits.read(value)
        return value

    @field_validator("care_missed_days")
    @classmethod
    def _missed(cls, value: str) -> str:
        _three_days(value)
        return value

    @field_validator("map_tile_url")
    @classmethod
    def _tiles(cls, value: str) -> str:
        if value and not all(part in value for part in ("{z}", "{x}", "{y}")):
            raise ValueError("it needs {z}, {x} and {y}")
        return value

    @field_validator("tls_cert", "tls_key", mode="before")
    @classmethod
    def _pem(cls, value: object) -> object:
        return value or None

    @model_validator(mode="after")
    def _pair(self) -> Settings:
        if self.database_owner_url and not self.database_url:
            raise ValueError("DATABASE_OWNER_URL is set without DATABASE_URL")
        if self.database_url and self.database_url == self.database_owner_url:
            raise ValueError(
                "DATABASE_URL and DATABASE_OWNER_URL must name two roles: the application may "
                "not own the tables whose rows it must not change"
            )
        return self

    @property
    def secure(self) -> bool:
        """Whether browsers reach the pages over https, by a proxy or by us."""
        return self.https or self.tls_cert is not None

    @property
    def listens_anywhere(self) -> bool:
        """Whether the pages listen on all addresses that this machine has."""
        return self.address in ("0.0.0.0", "::")  # noqa: S104 - to know it when it was chosen

    @property
    def host_here(self) -> str:
        """What a browser on this machine types for the address that is listened on."""
        if self.listens_anywhere:
            return "127.0.0.1"
        return f"[{self.address}]" if ":" in self.address else self.address

    @property
    def own_address(self) -> str:
        """The address of the pages as people know it; where none was told, the server's own."""
        scheme = "https" if self.secure else "http"
        return self.site_url or f"{scheme}://{self.host_here}:{self.port}"

    @property
    def web_aside(self) -> int:
        """Of the web threads, those for what is asked by itself."""
        return max(1, self.web_threads // 4)

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded one."""
        return not self.database_url

    @property
    def secrets(self) -> Path:
        """The private folder of keys and passwords."""
        return _inside(self.home, "secrets")

    @property
    def attachments(self) -> Path:
        """The private folder of photos and documents."""
        return self.home / "attachments"

    @cached_property
    def shift_changes(self) -> tuple[time, ...]:
        """The times of the day at which a desk's shifts change."""
        return _times(self.shifts)

    @cached_property
    def stale_days(self) -> dict[str, int]:
        """After how many days a record of each register is stale; a name left out keeps its own."""
        usual = type(self).model_fields["registers_stale_days"].default
        return _days_by_name(usual) | _days_by_name(self.registers_stale_days)

    @cached_property
    def care_missed(self) -> tuple[int, ...]:
        """The days of `care_missed_days`."""
        return _three_days(self.care_missed_days)

    @cached_property
    def trusted_proxies(self) -> Proxies:
        """Whose word about a request's address is taken."""
        return proxies_from(self.proxies or ("1" if self.https else "0"))

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.home)

    def url(self, *, owner: bool = False) -> str:
        """The connection string of the application, or of the owner.

        Raises EmbeddedError if the embedded server was never started in this data folder.
        """
        if self.embedded:
            return self.layout.url(embedded.OWNER if owner else embedded.APPLICATION)
        return self.database_owner_url if owner else self.database_url


@lru_cache(maxsize=8)
def _inside(folder: Path, name: str) -> Path:
    return folder / name


def _times(value: str) -> tuple[time, ...]:
    """Times of the day in a list with commas; ValueError for none, or what is no time."""
    return tuple(time.fromisoformat(each.strip()) for each in value.split(","))


def _three_days(value: str) -> tuple[int, ...]:
    """Three numbers of days, each at least the one before; ValueError for anything else."""
    days = tuple(int(each) for each in value.split())
    if len(days) != 3 or days[0] < 1 or list(days) != sorted(days):
        raise ValueError("three numbers of days are wanted, none smaller than the one before")
    return days


def _days_by_name(value: str) -> dict[str, int]:
    """Days by name, as in ``person=180 facility=365``; ValueError for anything else."""
    found = {name: int(days) for name, days in (each.split("=") for each in value.split())}
    if any(days < 1 for days in found.values()):
        raise ValueError("a number of days is at least 1")
    return found


def load() -> Settings:
    """Reads the environment, and the folder of secrets where one is named.

    Raises SettingsError with one sentence for each bad value.
    """
    secrets = os.environ.get(SECRETS_DIR) or None
    if secrets is not None and not os.access(secrets, os.R_OK | os.X_OK):
        raise SettingsError(f"{SECRETS_DIR}={secrets} is no folder that can be read.")
    try:
        return Settings(_secrets_dir=secrets)
    except ValidationError as error:
        sentences = []
        for problem in error.errors():
            name = str(problem["loc"][0]) if problem["loc"] else ""
            name = name if name.startswith("DATABASE") else f"HUYING_{name.upper()}"
            reason = problem["msg"].removeprefix("Value error, ")
            given = problem["input"]
            if not problem["loc"]:
                sentences.append(f"{reason}.")
            elif any(
                part in name for part in ("PASSWORD", "SECRET", "TOKEN", "URL", "SMS")
            ):  # may carry one
                sentences.append(f"{name} can't be used: {reason}.")
            else:
                sentences.append(f"{name}={given} can't be used: {reason}.")
        raise SettingsError("\n".join(sentences)) from None


config = load()
