"""The desk's small town, seen from its service points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.desk.conftest import as_, attachments_apart, world

__all__ = ["as_", "attachments_apart", "world"]


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """A form as a browser without scripts sends it, with the sum worked out."""
    from huying import limiting
    from huying.public import guarding

    limiting.forget()
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)

    def with_sum(**more: Any) -> dict[str, Any]:
        ticket = guarding.new_ticket()
        read = guarding.read_ticket(ticket)
        assert read is not None
        return {"ticket": ticket, "answer": str(sum(guarding._sum(read)))} | more

    return with_sum
