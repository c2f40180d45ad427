"""What an installation can choose about its own figures, logs and traces; a part of
`huying.installation`."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from huying.outside import Networks, networks_from


class TelemetrySettings(BaseSettings):
    """Who may read /metrics, what a log line looks like, and where traces go."""

    metrics_token: str = Field(
        "",
        repr=False,
        description="Whoever sends it as a bearer token may read /metrics: 16 characters or more.",
    )
    metrics_networks: str = Field(
        "",
        description="From which addresses /metrics may be read without a token, separated by "
        "commas, as in 10.1.0.5,10.2.0.0/24. Empty: from this machine only, past the proxy.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much the logs tell. They never hold personal data."
    )
    log_format: Literal["auto", "plain", "json"] = Field(
        "auto",
        description="A log's lines: for people (plain), or one JSON object a line (json). "
        "auto: plain on a terminal, json elsewhere.",
    )
    log_requests: Literal["none", "slow", "all"] = Field(
        "slow",
        description="Which requests get a line in the log: none, those that took a second or "
        "failed (slow), or all.",
    )
    database_disk: Path | None = Field(
        None,
        description="A folder on the disk of a PostgreSQL of your own on this machine, as in "
        "/var/lib/postgresql, whose room /metrics and huying check then tell, too.",
    )
    traces_url: str = Field(
        "",
        description="Where traces are sent, over OTLP/HTTP, as in http://127.0.0.1:4318/v1/traces; "
        "needs huying[otel]. Empty: no traces.",
    )
    traces_percent: float = Field(
        100, gt=0, le=100, description="The share of requests and jobs that are traced."
    )

    @field_validator("database_disk", mode="before")
    @classmethod
    def _no_disk(cls, value: object) -> object:
        return value or None

    @field_validator("metrics_token")
    @classmethod
    def _token(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("a token has 16 characters or more")
        return value

    @field_validator("metrics_networks")
    @classmethod
    def _metrics_networks(cls, value: str) -> str:
        networks_from(value)
        return value

    @field_validator("traces_url")
    @classmethod
    def _traces(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not (parts.scheme in ("http", "https") and parts.hostname):
            raise ValueError("it must start with http:// or https://")
        return value

    @cached_property
    def metrics_from(self) -> Networks:
        """Whose requests for /metrics need no token."""
        return networks_from(self.metrics_networks)

    def log_lines(self, on_terminal: bool) -> Literal["plain", "json"]:
        """What a log's lines look like on standard error."""
        if self.log_format == "auto":
            return "plain" if on_terminal else "json"
        return self.log_format
