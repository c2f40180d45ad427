"""How many records there are: exact while they are few, by the server's statistics where not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

EXACT: Final = 10_000
"""So many are counted one by one. Of two million that would take a second for each register."""
DIGITS: Final = 3
"""An estimate is no better than so many digits."""


@dataclass(frozen=True, slots=True)
class Many:
    """A number of records, and whether they were counted."""

    n: int
    exact: bool

    def __str__(self) -> str:
        if self.exact:
            return f"{self.n:,}"
        return _("about %(n)s × 10,000") % {"n": f"{self.n / 10_000:,.10g}"}


def many(rows: QuerySet[Any]) -> Many:
    """How many rows there are; above `EXACT` as many as the server expects."""
    rows = rows.order_by().values("pk")
    expected = _expected(rows)
    if expected <= 2 * EXACT:  # a guess may be wrong by as much, and nothing is counted in vain
        counted = rows[: EXACT + 1].count()
        if counted <= EXACT:
            return Many(counted, exact=True)
        expected = max(expected, counted)
    return Many(rounded(expected), exact=False)


def rounded(n: int) -> int:
    """Without the digits that say nothing. Pure."""
    return round(n, min(0, DIGITS - len(str(n))))


def _expected(rows: QuerySet[Any]) -> int:
    plan = json.loads(rows.explain(format="json"))[0]["Plan"]
    return int(plan["Plan Rows"])
