"""The desk's small town, with an organisation that shares what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.desk.conftest import as_, attachments_apart, world

if TYPE_CHECKING:
    from tests.desk.world import World
    from tests.joint.stories import Village

__all__ = ["as_", "attachments_apart", "village", "world"]


@pytest.fixture
def village(world: World) -> Village:
    from tests.joint.stories import Village

    return Village(world)
