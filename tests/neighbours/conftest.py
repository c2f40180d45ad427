"""The desk's small town, with its members and volunteers."""

from tests.desk.conftest import as_, attachments_apart, world

__all__ = ["as_", "attachments_apart", "world"]
