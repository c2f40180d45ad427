"""The small town of the desk's tests; photos lie in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.desk.conftest import as_, world

__all__ = ["as_", "world"]


@pytest.fixture(autouse=True)
def attachments_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.attaching.folder", lambda: tmp_path / "attachments")
