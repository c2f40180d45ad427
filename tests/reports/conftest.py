"""A town for each test; rolled back after it."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def town(db: None) -> Any:
    from tests.cases.town import Town  # models can be imported once Django is set up

    return Town()
