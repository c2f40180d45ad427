"""What an installation can choose about personal data; a part of `huying.installation`."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class PrivacySettings(BaseSettings):
    """How often sealed data may be looked at, and what of it an auditor is shown."""

    reveals_per_hour: int = Field(
        60, ge=1, le=100_000, description="Looks at sealed data that one account may take an hour."
    )
    reveals_per_day: int = Field(
        300, ge=1, le=100_000, description="Looks at sealed data that one account may take a day."
    )
