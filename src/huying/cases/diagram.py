"""docs/flow.md, made from the flow table; a test holds the two together."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import override

from huying.cases.flow import TABLE, Row
from huying.cases.states import OPEN_STATES, State

HEAD = """# The flow of a case

Made from `src/huying/cases/table.py` by `huying docs flow`; edit that file, not this one.

Every door calls the same verbs, and every verb is checked against this table: it must be in one of
the states under *from*, the actor must be one of *who may*, and what stands under *needs* must be
given. A verb without a state under *to* leaves the case where it is.
"""

UNDO = """`undo` has no arrow of its own: for a moment after `accept`, `decline`, `dispatch` or
`merge` (`HUYING_UNDO_SECONDS`, 10 unless set) whoever did the step may take it back, and the case
goes back along that step's arrow. It is refused once anything else has happened to the case; a
deadline that passed by itself, or was worked out anew, is not counted as that. Both events stay
in the log, and the later one names the earlier. The event of such a step carries what the columns
that it changed held before, so a stage that adds a column has nothing to add here; what a step
writes outside the case's row and its parties has its reversal beside it (`undoing.reverses`).

Jobs that such a step defers (`act.defer`) wait until it can no longer be undone, and are dropped
if it was. Alarms do not wait: `act.defer(job, alarm=True, ...)`. See `cases/deferring.py`.
"""


def flow_page() -> str:
    """The whole page: diagram and table, in English with the Chinese terms of the pages."""
    return "\n".join([HEAD, "## Diagram", "", *_diagram(), "", UNDO, "## Table", "", *_table(), ""])


def _said(words: object) -> str:
    with override("zh-hans"):
        chinese = str(words)
    with override("en"):
        english = str(words)
    return english if english == chinese else f"{english} {chinese}"


def _diagram() -> Iterable[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state in State:
        yield f"    {state}: {_said(state.label)}"
    for row in TABLE:
        if row.passing:
            continue
        for source in [s for s in State if s in row.sources]:
            for target in row.targets:
                yield f"    {source} --> {target}: {row.verb}"
        if not row.sources:
            for target in row.targets:
                yield f"    [*] --> {target}: {row.verb}"
    for state in State:
        if state not in OPEN_STATES:
            yield f"    {state} --> [*]"
    yield "```"


def _table() -> Iterable[str]:
    yield "| verb | from | to | who may | needs |"
    yield "|---|---|---|---|---|"
    for row in TABLE:
        yield "| " + " | ".join(_cells(row)) + " |"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"`{row.verb}` {_said(row.label)}",
        "any" if row.sources == set(State) else _states(row.sources) or "—",
        _states(row.targets) or "—",
        ", ".join(_said(who.words) for who in row.who),
        ", ".join(f"`{need}`" for need in row.needs) or "—",
    )


def _states(states: Iterable[State]) -> str:
    wanted = set(states)
    if wanted == set(OPEN_STATES):
        return "any open"
    return ", ".join(f"`{state}`" for state in State if state in wanted)
