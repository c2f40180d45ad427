"""All periodic work, in one list."""

from __future__ import annotations

import procrastinate


def on_app_ready(app: procrastinate.App) -> None:
    """Registers the tasks and the periodic work once Django has loaded its models."""
