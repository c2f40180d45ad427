"""What each row of a table would do to the registers: add, change, nothing, or contradict them.

The table is compared with what is there as a whole: addresses in memory, people by the marks of
their numbers and names, units by code and name. What is planned is what is written: looking ahead
and taking in run through the same lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from huying.intake.models import CaseImport
from huying.intake.registers.comparing import CHUNK, Fate, Outcome, Plan, Planner
from huying.intake.registers.entries import Entry
from huying.intake.registers.people import People
from huying.intake.registers.things import Addresses, Facilities, Units
from huying.people.acting import Actor

Into = CaseImport.Into


def plan(
    entries: Sequence[Entry],
    into: str,
    *,
    by: Actor,
    now: datetime,
    overrule: bool = False,
    tell: Callable[[int], object] = lambda done: None,
) -> Plan:
    """Compares the rows with the registers.

    ``overrule`` says that the table is right where it contradicts them. ``tell`` is told how many
    rows are done.
    """
    planner = _KINDS[into](entries, by, now, overrule)
    planner.prepare()
    outcomes = []
    for entry in entries:
        outcomes.append(planner.outcome(entry))
        if len(outcomes) % CHUNK == 0:
            tell(len(outcomes))
    return Plan(outcomes, planner.writing, planner.looked_up)


def tally(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many rows have which fate."""
    found = Counter(str(each.fate) for each in outcomes)
    return {str(fate): found[str(fate)] for fate in Fate}


_KINDS: Final[dict[str, type[Planner]]] = {
    Into.ADDRESSES: Addresses,
    Into.PEOPLE: People,
    Into.UNITS: Units,
    Into.FACILITIES: Facilities,
}
