"""A village with a branch, its secretary and two members, for each test; rolled back after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def attachments_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.attaching.folder", lambda: tmp_path / "attachments")


@pytest.fixture
def people(town: Any) -> Any:
    from tests.branches.party import Party

    return Party(town)
