"""How a case stands and what has happened, in residents' words. No staff, no address, no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.cases.models import Case, CaseEvent
from huying.cases.states import State
from huying.errors import Words

STATES: dict[str, Words] = {
    State.REPORTED: gettext_lazy("Received; it is being looked at whether and who is in charge."),
    State.ACCEPTED: gettext_lazy("Accepted; somebody is being found to handle it."),
    State.DISPATCHED: gettext_lazy("Sent to the unit in charge."),
    State.HANDLING: gettext_lazy("It is being handled."),
    State.HANDLED: gettext_lazy("Handled; somebody else is checking it on the spot."),
    State.CHECKED: gettext_lazy("Handled and checked; it will be closed soon."),
    State.CLOSED: gettext_lazy("Closed. Please tell us how it went."),
    State.DECLINED: gettext_lazy("Not taken up: it is not for this platform, or was not found."),
    State.MERGED: gettext_lazy("Handled together with an earlier report of the same matter."),
    State.WITHDRAWN: gettext_lazy("Taken back."),
}

STEPS: dict[str, Words] = {
    "report": gettext_lazy("Your report was received"),
    "accept": gettext_lazy("The report was accepted"),
    "dispatch": gettext_lazy("It was sent to the unit in charge"),
    "sign_for": gettext_lazy("The unit has taken it on"),
    "return": gettext_lazy("It goes to another unit"),
    "arrive": gettext_lazy("Somebody is on the spot"),
    "handle": gettext_lazy("It was handled"),
    "settle": gettext_lazy("It was settled on the spot"),
    "check_pass": gettext_lazy("It was checked and found done"),
    "check_fail": gettext_lazy("The check found it not done; it goes on"),
    "close": gettext_lazy("The case was closed"),
    "decline": gettext_lazy("It was not taken up"),
    "merge": gettext_lazy("It was put together with an earlier report"),
    "suspend": gettext_lazy("It has to wait for a while"),
    "resume": gettext_lazy("It goes on"),
    "ask_resident": gettext_lazy("You were asked something"),
    "resident_answer": gettext_lazy("You answered"),
    "ask_questions": gettext_lazy("You were asked for details"),
    "answer_questions": gettext_lazy("Details were added"),
    "resident_withdraw": gettext_lazy("You took the report back"),
    "resident_rate": gettext_lazy("You said how it went"),
    "reopen": gettext_lazy("The case was opened again"),
    "ask_erasure": gettext_lazy("You asked to have your data erased"),
    "confirm_erasure": gettext_lazy("Your data were erased"),
}
"""Steps that a resident is told of; all others stay inside."""


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    words: str


def steps(events: Sequence[CaseEvent]) -> list[Step]:
    """What has happened, the newest first; steps that were taken back are none."""
    undone = {event.data.get("undoes") for event in events if event.verb == "undo"}
    told = [
        Step(event.at, str(STEPS[event.verb]))
        for event in events
        if event.verb in STEPS and event.seq not in undone
    ]
    return told[::-1]


def standing(case: Case) -> str:
    """How the case stands."""
    if case.is_suspended:
        return _("It has to wait for a while.")
    return str(STATES[case.state])


def main_of(case: Case) -> Case:
    """The case that goes on for a merged one; else the case itself."""
    for _turn in range(5):
        if case.merged_into is None:
            break
        case = case.merged_into
    return case
