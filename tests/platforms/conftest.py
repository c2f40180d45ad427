"""The desk's small town, seen from its service points."""

from tests.desk.conftest import as_, attachments_apart, world

__all__ = ["as_", "attachments_apart", "world"]
