"""The small town of `world`, and browsers of Django's kind signed in as its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

if TYPE_CHECKING:
    from tests.desk.sealed import Sealed
    from tests.desk.world import World


@pytest.fixture(autouse=True)
def attachments_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.attaching.folder", lambda: tmp_path / "attachments")


@pytest.fixture
def world(db: None) -> World:
    from tests.desk.world import build

    return build()


@pytest.fixture
def sealed() -> Iterator[Sealed]:
    """What the test seals, to be looked for in what it is shown."""
    from tests.desk.sealed import Sealed

    noted = Sealed()
    with noted.noting():
        yield noted


@pytest.fixture
def as_(world: World) -> Callable[[str], Client]:
    """A client signed in as one of the town's people."""

    def signed_in(name: str, **more: Any) -> Client:
        client = Client(**more)
        # Without Django's login signal, which asks for an address that no client of this kind has.
        account, session = world.accounts[name], client.session
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.save()
        return client

    return signed_in
