"""Who acts, and a catalogue that is read anew for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from huying.people.acting import Actor


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    from huying.catalogue import versions

    versions.forget()
    yield
    versions.forget()


def _account(number: int, role: str) -> Actor:
    from huying.people.acting import Actor, ActorKind
    from huying.people.models import Role

    return Actor(ActorKind.ACCOUNT, account_id=number, role=Role(role), area_code="440113")


@pytest.fixture
def administrator() -> Actor:
    return _account(7, "administrator")


@pytest.fixture
def dispatcher() -> Actor:
    return _account(8, "dispatcher")
