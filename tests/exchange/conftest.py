"""The town, a hotline connected to it, and pictures kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from huying import limiting

    monkeypatch.setattr("huying.cases.attaching.folder", lambda: tmp_path / "attachments")
    limiting.forget()
    yield
    limiting.forget()


@pytest.fixture
def town(db: None, settings: Any) -> Any:
    from huying.places.locating import refresh
    from tests.cases.town import Town

    usual = {"outside_timeout_seconds": 2, "webhook_networks": "127.0.0.0/8"}
    settings.HUYING = settings.HUYING.model_copy(update=usual)
    made = Town()
    refresh()
    return made
