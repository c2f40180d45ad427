"""撤销: the desk's last step is taken back, by who did it, within seconds.

The step's event stays; the undo's event names it. The row goes back to what the step's event says
it held before, and the deadlines are worked out from that: no clock gains by a step and its undo.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.cases import flow
from huying.cases.deferring import undo_within
from huying.cases.models import Case, CaseEvent, CaseParty
from huying.cases.states import State
from huying.cases.verbs import BY_ITSELF, Act, verb
from huying.errors import HuyingError, NotAllowed, WrongState
from huying.people.acting import Actor

Reversal = Callable[[Act, CaseEvent], None]

_REVERSALS: dict[str, list[Reversal]] = {}


def reverses(name: str) -> Callable[[Reversal], Reversal]:
    """Makes a function that takes back what a verb wrote beside the row and its parties.

    It gets the undo's act, whose case is back as it was, and the event of the undone step.
    """

    def register(reversal: Reversal) -> Reversal:
        _REVERSALS.setdefault(name, []).append(reversal)
        return reversal

    return register


def last_step(case: Case) -> CaseEvent | None:
    """The last thing that somebody did to the case; what passed by itself is not counted."""
    events = CaseEvent.objects.filter(case_id=case.pk).exclude(verb__in=BY_ITSELF)
    return events.order_by("-seq").first()


def against(step: CaseEvent | None, by: Actor, now: datetime) -> HuyingError | None:
    """None when the actor may undo the step now, else what is against it."""
    if step is None or step.verb not in flow.UNDOABLE or "before" not in step.data:
        return WrongState(_("There is no step that could be undone."))
    doer = (step.actor_kind, step.actor_id, step.post_id)
    if doer != (str(by.kind), by.actor_id, by.post_id):
        return NotAllowed(_("Only who did the step may undo it, on the same post."))
    if now > step.at + undo_within():
        return WrongState(_("It is too late to undo this."))
    return None


def undoable(case: Case, by: Actor, now: datetime) -> CaseEvent | None:
    """The step that the actor may undo now, for whoever offers it."""
    if case.state not in flow.ROWS["undo"].sources:
        return None
    step = last_step(case)
    return step if against(step, by, now) is None else None


@verb("undo")
def undo(act: Act) -> None:
    """撤销: takes back the accepting, declining, dispatching or merging just done.

    For the same actor on the same post, within the set seconds, and while nothing else has
    happened to the case.

    Raises:
        WrongState: the last step is none of these, or it is too late.
        NotAllowed: somebody else did it, or on another post.
    """
    step = last_step(act.case)
    if (error := against(step, act.by, act.now)) is not None:
        raise error
    assert step is not None
    put_back(act.case, step.data["before"])
    if State(act.case.state) not in flow.ROWS["undo"].targets:
        raise AssertionError(f"undo may not lead to {act.case.state}; see cases/table.py")
    # Nobody takes part through a step that was none, and nobody has left through it.
    parties = CaseParty.objects.filter(case=act.case)
    parties.filter(since_seq=step.seq, until_seq=None).update(until_seq=act.seq)
    parties.filter(until_seq=step.seq).update(until_seq=None)
    for reversal in _REVERSALS.get(step.verb, ()):
        reversal(act, step)
    act.data |= {"undoes": step.seq, "step": step.verb}


def put_back(case: Case, before: dict[str, Any]) -> None:
    """Gives the columns the values that they had."""
    for name, value in before.items():
        column = next(each for each in Case._meta.concrete_fields if each.attname == name)
        setattr(case, name, column.to_python(value))
