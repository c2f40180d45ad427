"""How cases stand now, from what the follower keeps of each open one and of each day.

As new as the follower is (`following.behind_by`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from huying.cases.states import State
from huying.clock.lights import Light
from huying.places.models import CODE_LENGTH, Level


@dataclass(frozen=True, slots=True)
class Lights:
    """Open cases of one place: how many in each state, and with each light."""

    states: Counter[State]
    lights: Counter[Light]

    @property
    def total(self) -> int:
        return self.states.total()


def standing(area: str, level: Level, *, now: datetime) -> dict[str, Lights]:
    """The open cases of an area by its divisions of a level, as the queue's lights show them.

    What has no place so exact stands under the code of the place that is known.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT left(area_code, %(length)s), state, CASE"
            " WHEN due_at < %(now)s THEN 'red' WHEN suspended THEN 'grey'"
            " WHEN yellow_at <= %(now)s THEN 'yellow' ELSE 'green' END, count(*)"
            " FROM open_case WHERE left(area_code, %(known)s) = %(area)s GROUP BY 1, 2, 3",
            {"length": CODE_LENGTH[level], "now": now, "known": len(area), "area": area},
        )
        found: dict[str, Lights] = defaultdict(lambda: Lights(Counter(), Counter()))
        for place, state, light, n in cursor.fetchall():
            found[place].states[State(state)] += n
            found[place].lights[Light(light)] += n
        return dict(found)


def states(area: str, first: date, last: date, level: Level) -> dict[str, Counter[State]]:
    """What became of the cases received in these days: by the area's towns or communities, how many
    are in which state now."""
    length = CODE_LENGTH[level]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area, state, sum(n) FROM rolled_state WHERE level = %s"
            " AND day BETWEEN %s AND %s AND left(area, %s) = %s"
            " GROUP BY 1, 2 HAVING sum(n) <> 0",
            [length, first, last, len(area), area],
        )
        found: dict[str, Counter[State]] = defaultdict(Counter)
        for place, state, n in cursor.fetchall():
            found[place][State(state)] += int(n)
        return dict(found)
