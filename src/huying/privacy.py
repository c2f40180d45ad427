"""What an installation can choose about personal data; a part of `huying.installation`."""

from __future__ import annotations

from datetime import time

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class PrivacySettings(BaseSettings):
    """How often sealed data may be looked at, and what of it an auditor is shown."""

    reveals_per_hour: int = Field(
        60, ge=1, le=100_000, description="Looks at sealed data that one account may take an hour."
    )
    reveals_per_day: int = Field(
        300, ge=1, le=100_000, description="Looks at sealed data that one account may take a day."
    )
    export_most_contacts: int = Field(
        500, ge=1, le=10_000, description="Cases in one exported list with names and phones."
    )
    reading_per_hour: int = Field(
        20, ge=1, description="More looks than this in an hour stand on the auditor's page."
    )
    reading_night: str = Field(
        "22:00-06:00", description="The hours of the night, in which looks are noticed."
    )
    reading_per_night: int = Field(
        3, ge=1, description="So many looks of one account in one night are unusual."
    )
    reading_readers: int = Field(6, ge=2, description="So many readers of one record are unusual.")
    reading_same_person: int = Field(
        5, ge=2, description="So many looks of one account at one person are unusual."
    )
    reading_same_purpose: int = Field(
        20, ge=2, description="So many people in one day for one purpose of the list are unusual."
    )
    reading_same_words: int = Field(
        5, ge=2, description="So many people for one reason in the same words are unusual."
    )

    @field_validator("reading_night")
    @classmethod
    def _night(cls, value: str) -> str:
        _hours(value)
        return value

    @property
    def reading_night_hours(self) -> tuple[time, time]:
        """When the night begins, and when it ends."""
        return _hours(self.reading_night)


def _hours(value: str) -> tuple[time, time]:
    """Two times of the day with a hyphen between; ValueError for anything else."""
    begin, _hyphen, end = value.partition("-")
    return time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
