"""Which parts a case has at all, so that its page asks for no other."""

from __future__ import annotations

from typing import Final, NamedTuple

from huying.cases.models import Case
from huying.people.acting import Actor
from huying.postgres.prepared import rows_of, statement

STATEMENT: Final = statement("case_having")


class Having(NamedTuple):
    """What there is of a case beside its own row, its events, words and attachments.

    Attributes:
        answers: to the questions of its item.
        contacts: of who reported it.
        parties: others who take part in it than its reporter and its units.
        pauses: of its clock.
        holds: what keeps it from being closed.
        merged: cases that were merged into it.
        subs: sub-cases.
        parts: of assisting units.
        asks: of outside parties.
        records: of handling it.
        task, patrol, visit: on which somebody found it.
        watch: the mark of the reader's own desk.
        buildings: of the registers, in its community.
    """

    answers: bool
    contacts: bool
    parties: bool
    pauses: bool
    holds: bool
    merged: bool
    subs: bool
    parts: bool
    asks: bool
    records: bool
    supervisions: bool
    alarms: bool
    whistles: bool
    task: bool
    patrol: bool
    visit: bool
    watch: bool
    buildings: bool


def having(case: Case, actor: Actor) -> Having:
    """Which parts a case has for the actor, who may see it; one question."""
    values = {"case": case.pk, "area": actor.area_code, "community": case.area_code[:12]}
    (row,) = rows_of(STATEMENT, values)
    return Having(*row)
