"""The small town of the desk's tests, on the phone."""

from tests.desk.conftest import as_, attachments_apart, sealed, world

__all__ = ["as_", "attachments_apart", "sealed", "world"]
