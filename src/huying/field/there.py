"""Which parts of what a phone keeps there are at all: one question instead of one for each."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from huying.field.assigned import KEPT
from huying.people.acting import Actor
from huying.postgres.prepared import rows_of, statement

STATEMENT: Final = statement("field_there")


class There(NamedTuple):
    """What there is. Yes means that it is worth asking; who may see it the part itself decides.

    Attributes:
        entered: targets of surveys, entries, or a survey that the grid is through with.
        unread: how many of the account's notices are.
        on_duty_since: since when the account is on duty; None while it is not.
    """

    tasks: bool
    places: bool
    people: bool
    surveys: bool
    entered: bool
    notices: bool
    unread: int
    turns: bool
    on_duty_since: datetime | None


def there(actor: Actor, now: datetime) -> There:
    """What there is for the actor now."""
    values = {
        "account": actor.account_id,
        "area": actor.area_code,
        "inside": f"{actor.area_code}%",
        "district": actor.area_code[:6],
        "lately": now - KEPT,
        "now": now,
    }
    (row,) = rows_of(STATEMENT, values)
    return There(*row)
