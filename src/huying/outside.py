"""What an installation can choose about what leaves the house; a part of `huying.installation`."""

from __future__ import annotations

import json
from ipaddress import IPv4Network, IPv6Network, ip_network
from string import Formatter
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

Networks = tuple[IPv4Network | IPv6Network, ...]


def networks_from(text: str) -> Networks:
    """Addresses and networks separated by commas.

    Raises:
        ValueError: one of them is none.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def names_in(template: str) -> set[str]:
    """The names in braces; plain ones only.

    Raises:
        ValueError: the braces do not match, or hold more than a name.
    """
    found = set()
    for _words, name, form, conversion in Formatter().parse(template):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(f"{{{name}}} is not a plain name")
        found.add(name)
    return found


class OutsideSettings(BaseSettings):
    """Outside channels and webhooks. Without an address here a channel does not exist."""

    site_url: str = Field(
        "",
        description="Under which address people reach the pages, for links in outside messages; "
        "empty: messages have no link.",
    )
    outside_timeout_seconds: float = Field(
        10, gt=0, le=120, description="How long a gateway or a webhook's receiver may take."
    )
    outside_tries: int = Field(
        10, ge=1, le=50, description="How often a message is tried before it is put aside."
    )
    outside_first_wait_seconds: float = Field(
        30, gt=0, le=3600, description="The wait after the first failure; it doubles each time."
    )
    outside_longest_wait_seconds: float = Field(
        3600, gt=0, le=86400, description="No wait between two tries is longer."
    )
    apprise_url: str = Field(
        "",
        repr=False,
        description="Any service that the library Apprise knows, such as mailtos://…?to={address}; "
        "{address} is each person's own.",
    )
    apprise_per_minute: int = Field(60, ge=1, description="Messages a minute over it.")
    wecom_url: str = Field(
        "https://qyapi.weixin.qq.com",
        description="Where WeCom's interface is reached; a private installation has its own.",
    )
    wecom_corp_id: str = Field("", description="The enterprise's id at WeCom; empty: no WeCom.")
    wecom_agent_id: int = Field(0, ge=0, description="The id of the application at WeCom.")
    wecom_secret: str = Field("", repr=False, description="The secret of that application.")
    wecom_per_minute: int = Field(600, ge=1, description="Messages a minute over WeCom.")
    wecom_member_per_minute: int = Field(
        20, ge=1, description="Messages a minute to one member; WeCom itself drops more than 30."
    )
    sms_url: str = Field("", repr=False, description="The gateway's address; empty: no SMS.")
    sms_headers: str = Field(
        '{"Content-Type": "application/json"}',
        repr=False,
        description="Headers for the gateway, a JSON object.",
    )
    sms_body: str = Field(
        '{"phone": "{phone}", "text": "{text}", "id": "{id}"}',
        repr=False,
        description="What is sent to the gateway; {phone}, {text} and {id} are filled in, in JSON "
        "or in a form by the Content-Type. {id} is the same at each try.",
    )
    sms_success: str = Field(
        "",
        description="When the gateway has taken it, as in data.code=0: a path into its JSON "
        "answer and the value there; empty: any status of 200 to 299.",
    )
    sms_per_minute: int = Field(60, ge=1, description="Messages a minute over SMS.")
    sms_member_per_minute: int = Field(5, ge=1, description="Messages a minute to one phone.")
    webhook_networks: str = Field(
        "",
        description="Networks of the intranet that webhooks may go to, also over http, separated "
        "by commas, as in 10.1.0.0/16; empty: https to public addresses only.",
    )
    webhook_per_minute: int = Field(600, ge=1, description="Events a minute to one subscriber.")

    @field_validator("site_url", "wecom_url", "sms_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and (
            urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname
        ):
            raise ValueError("it must start with https:// or http://")
        return value.rstrip("/")

    @field_validator("apprise_url")
    @classmethod
    def _apprise(cls, value: str) -> str:
        if value and "{address}" not in value:
            raise ValueError("it needs {address}")
        return value

    @field_validator("sms_headers")
    @classmethod
    def _headers(cls, value: str) -> str:
        headers = json.loads(value)
        if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
            raise ValueError("it is no JSON object of strings")
        return value

    @field_validator("sms_body")
    @classmethod
    def _body(cls, value: str) -> str:
        if "{phone}" not in value or "{text}" not in value:
            raise ValueError("it needs {phone} and {text}")
        return value

    @field_validator("sms_success")
    @classmethod
    def _success(cls, value: str) -> str:
        if value and not all(value.partition("=")):
            raise ValueError("it is no path=value")
        return value

    @field_validator("webhook_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        networks_from(value)
        return value
