"""Work that a verb leaves to the worker, deferred in the verb's own transaction."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from procrastinate.contrib.django import app

from huying.dispatch import duplicates
from huying.jobs import LATER


@app.task(name="look_for_duplicates", queue=LATER)
def look_for_duplicates(case_id: str) -> int:
    """Finds open cases that may be the same matter."""
    return duplicates.look(uuid.UUID(case_id), datetime.now(UTC))
