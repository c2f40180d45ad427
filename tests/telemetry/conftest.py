"""The desk's small town, looked at by those who run it."""

from tests.desk.conftest import as_, attachments_apart, world

__all__ = ["as_", "attachments_apart", "world"]
