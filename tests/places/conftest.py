"""Grids to try things on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from places_features import NOW, collection, four_squares


@pytest.fixture
def demo_grids(db: None) -> int:
    """All 2,025 drawn grids."""
    from huying.places.loading import load_demo_grids

    return load_demo_grids(NOW)


@pytest.fixture
def four_grids(db: None) -> None:
    """Two by two squares of a hundredth of a degree, in two communities."""
    from huying.places import importing

    importing.apply(importing.read(collection(*four_squares()), allow_gaps=True), now=NOW)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Sentences are looked at in the language of the source."""
    from django.utils.translation import override

    with override("en"):
        yield
