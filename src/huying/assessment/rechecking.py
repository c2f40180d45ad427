"""Facts and sums against the events they were made from: every difference there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from huying.assessment.facts import What, learned
from huying.assessment.following import ZERO, follow, histories
from huying.assessment.reading import versions
from huying.assessment.statements import ask, do
from huying.cases.states import OPEN_STATES
from huying.clock.reading import calendar_for

_BATCH: Final = 1000

_Fact = tuple[What, datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is kept otherwise than the log has it.

    Attributes:
        deadline: the case's facts differ by their deadlines and what hangs on them alone, as they
            do where the working calendar of past days was edited after they were counted.
    """

    where: str
    kept: str
    right: str
    deadline: bool = False


def differences(advance: Callable[[int], None] = lambda _cases: None) -> Iterator[Difference]:
    """Recounts every case from its events and sums anew, while nobody follows.

    Args:
        advance: is told how many more cases were looked at.
    """
    follow()
    with transaction.atomic():
        ((until,),) = ask("hold")
        do("room")
        after = ZERO
        while rows := ask("counted", {"after": after, "limit": _BATCH}):
            after = rows[-1][0]
            yield from facts_of_cases(dict(rows))
            advance(len(rows))
        for case, kept in ask("lost"):
            there, none = "kept", "nothing"
            yield Difference(f"case {case}", there if kept else none, none if kept else there)
        for name, values in (
            ("wrong_cases", {"open": sorted(OPEN_STATES)}),
            ("wrong_states", None),
            ("wrong_sums", {"until": until}),
        ):
            for where, kept, right in ask(name, values):
                yield Difference(str(where), str(kept), str(right))


def facts_of_cases(counted: dict[UUID, int]) -> Iterator[Difference]:
    """The facts of these cases against their events, up to the one that is named with each."""
    find, logs = versions(), histories(list(counted))
    kept: dict[UUID, Counter[_Fact]] = defaultdict(Counter)
    for case, _number, *what, tallies, from_at, until_at in ask("held", {"cases": list(counted)}):
        kept[case][What._make((*what, tuple(tallies))), from_at, until_at] += 1
    for case, seq in counted.items():
        events = [each for each in logs.get(case, ()) if each.seq <= seq]
        right: Counter[_Fact] = Counter()
        if events:
            calendar = calendar_for(events[0].data["area"])
            found = learned(events, versions=find, calendar=calendar)
            right.update((what, since, until) for _number, what, since, until in found.added)
        more, less = kept[case] - right, right - kept[case]
        about = _but_for_deadlines(more)
        deadline = None not in about and about == _but_for_deadlines(less)
        for fact in more:
            yield Difference(f"case {case}", _words(fact), "nothing", deadline)
        for fact in less:
            yield Difference(f"case {case}", "nothing", _words(fact), deadline)


def _but_for_deadlines(facts: Counter[_Fact]) -> set[Any]:
    """What they are about, but for days and what was in time; None among it where one has none."""
    return {
        None if what.due is None else what._replace(day=date.min, due=None, tallies=())
        for what, _since, _until in facts
    } or {None}


def _words(fact: _Fact) -> str:
    what, since, until = fact
    about: list[Any] = [what.area, what.holder, what.item, what.unit, what.account]
    return (
        f"{'+'.join(what.tallies)} of event {what.seq} on {what.day}, held from {since:%F %T}"
        f"{f' until {until:%F %T}' if until else ''} ({', '.join(map(str, about))})"
    )
