"""Work that a verb leaves to the worker, deferred in the verb's own transaction."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Final

from procrastinate.contrib.django import app

from huying.dispatch import duplicates
from huying.jobs import LATER, along

NAME: Final = "look_for_duplicates"


@app.task(name=NAME, queue=LATER)
def look_for_duplicates(case_id: str) -> int:
    """Finds open cases that may be the same matter, for one report and for the others that wait."""
    now = datetime.now(UTC)

    def look(case_id: str) -> int:
        return duplicates.look(uuid.UUID(case_id), now)

    # The others first: another place of the worker would take the next of them meanwhile.
    along(NAME, lambda other: look(other["case_id"]))
    return look(case_id)
