"""What an installation can choose about an outside identity provider; a part of
`huying.installation`."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings


class ProviderSettings(BaseSettings):
    """The provider over which people may sign in (OpenID Connect). Without an issuer: none."""

    oidc_issuer: str = Field(
        "",
        description="The outside identity provider (OpenID Connect), as it names itself: "
        "https://…; empty: none. See docs/people.md.",
    )
    oidc_client_id: str = Field("", description="The name under which the provider knows huying.")
    oidc_client_secret: str = Field(
        "", repr=False, description="The secret that belongs to it; or else the next."
    )
    oidc_client_secret_file: Path | None = Field(
        None, description="A file that holds the secret and nothing else."
    )
    oidc_name: str = Field(
        "统一身份认证", min_length=1, max_length=20,
        description="What the sign-in page calls the provider: 用…登录.",
    )  # fmt: skip
    oidc_claim: str = Field(
        "sub", pattern=r"^[A-Za-z0-9_.:/-]{1,80}$",
        description="The provider's claim by which accounts are linked; one that never passes "
        "to another person, such as sub or a staff number.",
    )  # fmt: skip

    @field_validator("oidc_client_secret_file", mode="before")
    @classmethod
    def _secret_file(cls, value: object) -> object:
        return value or None

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if value and not (parts.scheme == "https" or (parts.scheme == "http" and here)):
            raise ValueError("it must start with https://")
        if value and (not parts.hostname or parts.query or parts.fragment or parts.username):
            raise ValueError("it is an address with a path at most")
        return value

    @model_validator(mode="after")
    def _provider(self) -> Self:
        parts = (self.oidc_client_id, self.oidc_client_secret, self.oidc_client_secret_file)
        if not self.oidc_issuer:
            if any(parts):
                raise ValueError(
                    "HUYING_OIDC_CLIENT_ID or _SECRET is set without HUYING_OIDC_ISSUER"
                )
            return self
        if not self.oidc_client_id:
            raise ValueError("HUYING_OIDC_ISSUER is set without HUYING_OIDC_CLIENT_ID")
        if bool(self.oidc_client_secret) == bool(self.oidc_client_secret_file):
            raise ValueError(
                "HUYING_OIDC_ISSUER needs one of HUYING_OIDC_CLIENT_SECRET and "
                "HUYING_OIDC_CLIENT_SECRET_FILE"
            )
        if self.oidc_client_secret_file is not None:
            try:
                held = bool(self.oidc_secret)
            except (OSError, UnicodeDecodeError) as error:
                raise ValueError(
                    f"HUYING_OIDC_CLIENT_SECRET_FILE={self.oidc_client_secret_file} cannot be "
                    f"read: {error}"
                ) from error
            if not held:
                raise ValueError("HUYING_OIDC_CLIENT_SECRET_FILE names an empty file")
        return self

    @cached_property
    def oidc_secret(self) -> str:
        """The secret by which huying proves itself to the identity provider."""
        if self.oidc_client_secret_file is None:
            return self.oidc_client_secret
        return self.oidc_client_secret_file.read_text("utf-8").strip()
