"""The desk's small town again, seen on the big screen."""

from tests.desk.conftest import as_, attachments_apart, world

__all__ = ["as_", "attachments_apart", "world"]
