"""Callers of every role, and a client that speaks as one of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from huying.api.models import Integration

TOWN = "440113120"
COMMUNITY = "440113120213"
GRID = "440113120213001"
ALL_SCOPES = ("read", "report", "verbs", "attach", "locate")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers must not outlive the test that wrote it."""
    from huying import limiting
    from huying.api import tokens

    tokens.forget()
    limiting.forget()
    yield
    tokens.forget()


class Api:
    """The interface as one caller sees it."""

    def __init__(self, client: Client, secret: str | None) -> None:
        self.client = client
        self.headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query or None, headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str | None = "new", **headers: str) -> Any:
        """Posts JSON; under a fresh key unless one is given, or none with None."""
        sent = self.headers | headers
        if key is not None:
            sent["Idempotency-Key"] = uuid.uuid4().hex if key == "new" else key
        return self.client.post(
            f"/api/v1{path}",
            body if isinstance(body, str | bytes) else json.dumps({} if body is None else body),
            content_type="application/json",
            headers=sent,
        )

    def report(self, text: str = "路面有坑，车辆难行", **fields: Any) -> Any:
        return self.post("/cases", {"text": text, **fields})

    def verb(self, number: str, verb: str, key: str = "new", **inputs: Any) -> Any:
        return self.post(f"/cases/{number}/verbs/{verb}", inputs, key=key)


@pytest.fixture
def anyone(client: Client) -> Api:
    """Somebody without a token."""
    return Api(client, None)


Caller = Callable[..., Api]


@pytest.fixture
def caller(client: Client, db: None) -> Caller:
    """Makes a connected system with a token, and speaks as it."""
    from django.utils import timezone

    from huying.api import tokens

    def make(
        role: str = "dispatcher",
        area: str = "440113",
        *,
        unit: Any = None,
        scopes: tuple[str, ...] = ALL_SCOPES,
        days: int = 30,
        name: str = "",
    ) -> Api:
        now = timezone.now()
        integration = tokens.connect(
            name or f"{role} {area} {uuid.uuid4().hex[:6]}",
            role=role,
            area_code=area,
            unit=unit,
            now=now,
        )
        token, secret = tokens.issue(integration, scopes=scopes, days=days, now=now)
        api = Api(client, secret)
        api.token = token  # type: ignore[attr-defined]
        return api

    return make


@pytest.fixture
def district(caller: Caller) -> Api:
    """The district's desk, with every scope."""
    return caller("dispatcher", "440113", name="district desk")


@pytest.fixture
def integration(district: Api) -> Integration:
    found: Integration = district.token.integration  # type: ignore[attr-defined]
    return found


@pytest.fixture
def grid(db: None) -> str:
    return drawn_grid()


def drawn_grid() -> str:
    """One square grid around 113.45, 22.95 in 小龙村."""
    from django.utils import timezone

    from huying.places import freshness, locating
    from huying.places.models import Grid

    west, south, east, north = 113.44, 22.94, 113.46, 22.96
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    Grid.objects.create(
        code=f"{COMMUNITY}001",
        community_id=COMMUNITY,
        name="小龙村第1网格",
        outline={"type": "Polygon", "coordinates": [corners]},
        changed_at=timezone.now(),
    )
    freshness.raise_versions(["440113"])
    locating.refresh()
    return f"{COMMUNITY}001"
