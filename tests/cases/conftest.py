"""A town for a module of many short tests; what each does in it is rolled back after it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from tests.conftest import made_once


@pytest.fixture(scope="module")
def town_of_module(request: pytest.FixtureRequest) -> bytes | None:
    from tests.cases.town import Town  # models can be imported once Django is set up

    return made_once(request, Town)


@pytest.fixture
def shared_town(town_of_module: bytes | None, db: None) -> Any:
    from tests.cases.town import Town

    return pickle.loads(town_of_module) if town_of_module else Town()  # noqa: S301
