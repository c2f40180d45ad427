"""What may be done to a case now, by whom, and why not: the decisions that read the one table.

Pages draw their buttons from it, the interface lists its verbs from it, ``docs/flow.md`` draws its
diagram from it, and no verb runs past it. The rows stand in `cases/table.py`. Nothing here touches
the database: a decision is made from the case's row and the actor alone, and says why.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from huying.cases.row import Row
from huying.cases.states import State
from huying.cases.table import TABLE
from huying.cases.whose import Facts, Refusal
from huying.errors import NotAllowed, WrongState
from huying.people.acting import Actor

__all__ = ["ROWS", "TABLE", "UNDOABLE", "Choice", "Row", "allowed", "check", "choices"]

ROWS: dict[str, Row] = {row.verb: row for row in TABLE}

STANDING: Mapping[str, Sequence[Row]] = {
    state: tuple(row for row in TABLE if state in row.sources and row.by_people and not row.passing)
    for state in State
}
"""The verbs that a state has for people at any time."""

UNDOABLE = frozenset({"accept", "decline", "dispatch", "merge"})
"""The desk's steps that can be taken back for a moment; see `cases/undoing.py`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A verb as one actor sees it on one case."""

    row: Row
    why_not: Refusal

    @property
    def ok(self) -> bool:
        return self.why_not is None


def choices(actor: Actor, case: Facts) -> Iterator[Choice]:
    """Every verb that the case's state has, allowed to this actor or with the reason why not.

    Verbs that only the system or a link does are left out, and those that a moment offers.
    """
    for row in STANDING[case.state]:
        yield Choice(row, row.why_not(actor, case))


def allowed(actor: Actor, case: Facts, among: Container[str] | None = None) -> list[Row]:
    """The verbs that the actor may do now, in the order of the table; ``among`` these, or all."""
    return [
        row
        for row in STANDING[case.state]
        if (among is None or row.verb in among) and row.why_not(actor, case) is None
    ]


def check(verb: str, actor: Actor, case: Facts) -> Row:
    """The table's row, if the actor may do the verb to the case now.

    Raises:
        WrongState: the case's state does not have this verb.
        NotAllowed: the actor is not among those who may, or a side condition stands against it.
    """
    row = ROWS[verb]
    if case.state not in row.sources:
        raise WrongState(state=case.state)
    if (refusal := row.not_one_of(actor, case)) is not None:
        raise NotAllowed(refusal)
    if row.condition is not None and (refusal := row.condition(case)) is not None:
        raise WrongState(refusal, state=case.state)
    return row
