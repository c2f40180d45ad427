"""The desk's small town."""

from tests.desk.conftest import as_, attachments_apart, world

__all__ = ["as_", "attachments_apart", "world"]
