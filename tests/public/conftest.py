"""The desk's small town again, seen by somebody who means no good."""

from tests.desk.conftest import as_, attachments_apart, sealed, world

__all__ = ["as_", "attachments_apart", "sealed", "world"]
