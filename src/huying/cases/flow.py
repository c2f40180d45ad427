"""The one table: every verb, from where to where, who may, and what it needs.

Pages draw their buttons from it, the interface lists its verbs from it, ``docs/flow.md`` draws its
diagram from it, and no verb runs past it. Nothing here touches the database: a decision is made
from the case's row and the actor alone, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from huying.cases.states import OPEN_STATES, PartState, State
from huying.cases.whose import (
    ANSWERING,
    ANYONE,
    ARBITER,
    ASKED_TO_ASSIST,
    ASSISTING,
    CALLED,
    CALLER,
    CHECKER,
    CLIMBED_TO,
    DESK,
    DOER,
    GRID_WORKER,
    HIGHER_DESK,
    LEADER,
    OF_THE_GRID,
    OUTSIDE,
    RATER,
    REPORTER,
    RESIDENT,
    TEAM,
    THE_SYSTEM,
    UNIT,
    VERIFIER,
    WITH_A_PART,
    Facts,
    Refusal,
    Who,
    only,
)
from huying.errors import NotAllowed, Words, WrongState
from huying.people.acting import Actor


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        sources: states from which the verb may be done; empty for the one that creates.
        targets: states it may lead to; empty when the case stays where it is.
        who: any one of these suffices.
        needs: what must be given, in the names of the verb's inputs.
        condition: a side condition on the case, giving the sentence that refuses or None.
        passing: possible for a moment after a step only. Whether it is now, the row does not
            tell: it is no standing choice, and whoever offers it asks the stage's own module.
        page_only: shows something once to who does it, which no answer kept for a program may.
    """

    verb: str
    label: Words
    sources: frozenset[State]
    targets: tuple[State, ...]
    who: tuple[Who, ...]
    needs: tuple[str, ...] = ()
    condition: Callable[[Facts], Refusal] | None = None
    passing: bool = False
    page_only: bool = False

    @property
    def by_people(self) -> bool:
        """Whether somebody with an account or a token may do it, on a page of the house."""
        return bool(set(self.who) - {THE_SYSTEM, OUTSIDE})

    def why_not(self, actor: Actor, case: Facts) -> Refusal:
        """None when the actor may do this to the case now; else why not."""
        if case.state not in self.sources:
            return _("The case is in a state that does not allow this.")
        refusals = [who.test(actor, case) for who in self.who]
        if all(refusal is not None for refusal in refusals):
            return refusals[0]
        return self.condition(case) if self.condition else None


def _not_suspended(case: Facts) -> Refusal:
    return only(not case.is_suspended, _("The case is suspended; resume it first."))


def _suspended(case: Facts) -> Refusal:
    return only(case.is_suspended, _("The case is not suspended."))


def _asked_for_extension(case: Facts) -> Refusal:
    return only(case.extension_asked, _("Nobody has asked for more time."))


def _may_ask_extension(case: Facts) -> Refusal:
    if case.extension_asked:
        return _("More time has been asked for already and awaits a decision.")
    return _not_suspended(case)


def _asked_to_verify(case: Facts) -> Refusal:
    return only(case.verify_asked, _("Nobody has asked for this report to be verified."))


def _not_reopened_before(case: Facts) -> Refusal:
    return only(case.reopened < 1, _("A case can be reopened once."))


def _emergency(case: Facts) -> Refusal:
    # Once it is accepted the desk has decided, whatever its words are.
    said = case.emergency or (case.state == State.REPORTED and case.emergency_words)
    return only(bool(said), _("Only for an emergency, confirmed or by its words."))


def _below_district(case: Facts) -> Refusal:
    return only(len(case.holder_code) > 6, _("There is no level above the district."))


def _may_go_down(case: Facts) -> Refusal:
    if len(case.holder_code) >= 12:
        return _("There is no desk below the community.")
    return _arbitrated(case)


def _arbitrated(case: Facts) -> Refusal:
    return only(
        not case.awaits_arbitration,
        _("The case was returned twice: decide first who is responsible."),
    )


def _may_be_dispatched(case: Facts) -> Refusal:
    return _not_suspended(case) or _arbitrated(case)


def _to_be_arbitrated(case: Facts) -> Refusal:
    if not case.awaits_arbitration and case.responsible_unit_id is None:
        return _("The case was not returned twice; there is nothing to arbitrate.")
    return _not_suspended(case)


def _a_part_done(case: Facts) -> Refusal:
    done = PartState.DONE in case.parts.values()
    return only(done, _("No assisting unit has finished its part."))


def _a_part_open(case: Facts) -> Refusal:
    return only(bool(case.parts), _("No assisting unit has an open part."))


def _a_main_case(case: Facts) -> Refusal:
    if case.parent_id is not None:
        return _("A sub-case cannot be split again.")
    return _not_suspended(case)


def _not_supervised(case: Facts) -> Refusal:
    return only(not case.supervised, _("The case is under formal supervision already."))


def _supervised(case: Facts) -> Refusal:
    return only(case.supervised, _("The case is not under formal supervision."))


def _instructed(case: Facts) -> Refusal:
    return only(case.instruction_open, _("No leader's instruction awaits an answer."))


def _may_end(case: Facts) -> Refusal:
    """What is supervised, or has an instruction open, does not end past those who watch it."""
    if case.supervised:
        return _("The case is under formal supervision, which must be lifted first.")
    return only(not case.instruction_open, _("A leader's instruction awaits its answer first."))


def _may_be_settled(case: Facts) -> Refusal:
    return _not_suspended(case) or _may_end(case) or _nobody_called(case)


def _blows_whistles(case: Facts) -> Refusal:
    return only(len(case.holder_code) > 6, _("A community or a town blows the whistle."))


def _nobody_called(case: Facts) -> Refusal:
    called = {"awaited", "answered", "disputed", "callers"} & set(case.calls or ())
    return only(not called, _("Units are still called to this case; release them first."))


_S = State
_OPEN = frozenset(OPEN_STATES)
_WHISTLING = frozenset({_S.ACCEPTED, _S.DISPATCHED, _S.HANDLING, _S.HANDLED})
_CALLED = _WHISTLING | {_S.CHECKED}
_WITH_UNITS = frozenset({_S.DISPATCHED, _S.HANDLING, _S.HANDLED, _S.CHECKED})
_UNSETTLED = frozenset({_S.REPORTED, _S.ACCEPTED, _S.DISPATCHED, _S.HANDLING})

TABLE: tuple[Row, ...] = (
    Row(
        "report",
        _("Report"),
        frozenset(),
        (_S.REPORTED,),
        (ANYONE, RESIDENT, THE_SYSTEM),
        ("text",),
    ),
    Row("ask_verify", _("Ask to verify"), frozenset({_S.REPORTED}), (), (DESK,)),
    Row(
        "verify",
        _("Verify"),
        frozenset({_S.REPORTED}),
        (),
        (VERIFIER,),
        ("true", "text"),
        _asked_to_verify,
    ),
    Row("accept", _("Accept"), frozenset({_S.REPORTED}), (_S.ACCEPTED,), (DESK,), ("item",)),
    Row(
        "decline",
        _("Decline"),
        frozenset({_S.REPORTED}),
        (_S.DECLINED,),
        (DESK,),
        ("reason_code", "reason"),
        _may_end,
    ),
    Row(
        "dispatch",
        _("Dispatch"),
        frozenset({_S.ACCEPTED}),
        (_S.DISPATCHED,),
        (DESK,),
        ("unit",),
        _may_be_dispatched,
    ),
    Row(
        "arbitrate",
        _("Arbitrate"),
        frozenset({_S.ACCEPTED}),
        (),
        (DESK,),
        ("unit", "reason"),
        _to_be_arbitrated,
    ),
    Row(
        "sign_for",
        _("Sign for"),
        frozenset({_S.DISPATCHED}),
        (_S.HANDLING,),
        (UNIT,),
        (),
        _not_suspended,
    ),
    Row("arrive", _("Arrive"), frozenset({_S.HANDLING}), (), (UNIT,), (), _not_suspended),
    Row(
        "return",
        _("Return"),
        frozenset({_S.DISPATCHED, _S.HANDLING}),
        (_S.ACCEPTED,),
        (UNIT,),
        ("reason_code", "suggested_unit", "reason"),
        _not_suspended,
    ),
    Row(
        "handle",
        _("Handled"),
        frozenset({_S.HANDLING}),
        (_S.HANDLED,),
        (UNIT,),
        ("result", "evidence"),
        _not_suspended,
    ),
    Row(
        "add_assist",
        _("Call in assisting units"),
        frozenset({_S.DISPATCHED, _S.HANDLING}),
        (),
        (DESK, UNIT),
        ("units",),
        _not_suspended,
    ),
    Row(
        "assist_sign",
        _("Sign for the part"),
        _WITH_UNITS,
        (),
        (ASKED_TO_ASSIST,),
        (),
        _not_suspended,
    ),
    Row(
        "assist_arrive",
        _("Arrive for the part"),
        _WITH_UNITS,
        (),
        (ASSISTING,),
        (),
        _not_suspended,
    ),
    Row(
        "assist_done",
        _("Part done"),
        _WITH_UNITS,
        (),
        (ASSISTING,),
        ("result", "evidence"),
        _not_suspended,
    ),
    Row(
        "assist_return",
        _("Give the part back"),
        _WITH_UNITS,
        (),
        (WITH_A_PART,),
        ("reason_code", "reason"),
        _not_suspended,
    ),
    Row("sign_off", _("Sign a part off"), _WITH_UNITS, (), (DESK, UNIT), (), _a_part_done),
    Row(
        "send_part_back",
        _("Send a part back"),
        _WITH_UNITS,
        (),
        (DESK, UNIT),
        ("reason",),
        _a_part_done,
    ),
    Row(
        "release_part",
        _("Release an assisting unit"),
        _WITH_UNITS,
        (),
        (DESK, UNIT),
        ("reason",),
        _a_part_open,
    ),
    Row("part_overdue", _("Deadline of a part passed"), _WITH_UNITS, (), (THE_SYSTEM,)),
    Row(
        "split",
        _("Split a sub-case off"),
        frozenset({_S.ACCEPTED, _S.DISPATCHED, _S.HANDLING}),
        (),
        (DESK,),
        ("item", "text"),
        _a_main_case,
    ),
    Row(
        "ask_outside",
        _("Ask an outside party"),
        frozenset({_S.ACCEPTED, _S.DISPATCHED, _S.HANDLING}),
        (),
        (DESK, UNIT),
        ("to", "question"),
        page_only=True,
    ),
    Row("revoke_ask", _("Take a question back"), _OPEN, (), (DESK, UNIT), ("ask",)),
    Row("outside_answer", _("Answer from outside"), _OPEN, (), (OUTSIDE,), ("text",)),
    Row(
        "record",
        _("Make a handling record"),
        frozenset({_S.HANDLING, _S.HANDLED, _S.CHECKED}),
        (),
        (UNIT, ASSISTING),
        ("kind", "found"),
    ),
    Row("subs_ended", _("All sub-cases ended"), _OPEN, (), (THE_SYSTEM,)),
    Row(
        "settle",
        _("Settle on the spot"),
        frozenset({_S.REPORTED, _S.ACCEPTED}),
        (_S.HANDLED, _S.CLOSED),
        (GRID_WORKER,),
        ("result", "evidence"),
        _may_be_settled,
    ),
    Row("ask_check", _("Ask for a check"), frozenset({_S.HANDLED}), (), (DESK,)),
    Row(
        "check_pass",
        _("Check: passed"),
        frozenset({_S.HANDLED}),
        (_S.CHECKED,),
        (CHECKER,),
        (),
    ),
    Row(
        "check_fail",
        _("Check: send back"),
        frozenset({_S.HANDLED}),
        (_S.HANDLING, _S.ACCEPTED),
        (CHECKER,),
        ("reason",),
    ),
    Row("close", _("Close"), frozenset({_S.CHECKED}), (_S.CLOSED,), (DESK, THE_SYSTEM)),
    Row(
        "suspend",
        _("Suspend"),
        frozenset({_S.ACCEPTED, _S.DISPATCHED, _S.HANDLING}),
        (),
        (DESK,),
        ("until", "reason"),
        _not_suspended,
    ),
    Row(
        "resume",
        _("Resume"),
        frozenset({_S.ACCEPTED, _S.DISPATCHED, _S.HANDLING}),
        (),
        (DESK, THE_SYSTEM),
        (),
        _suspended,
    ),
    Row(
        "request_extension",
        _("Ask for more time"),
        frozenset({_S.DISPATCHED, _S.HANDLING}),
        (),
        (UNIT,),
        ("amount", "clock", "reason"),
        _may_ask_extension,
    ),
    Row(
        "grant_extension",
        _("Grant more time"),
        frozenset({_S.DISPATCHED, _S.HANDLING}),
        (),
        (DESK,),
        (),
        _asked_for_extension,
    ),
    Row(
        "refuse_extension",
        _("Refuse more time"),
        frozenset({_S.DISPATCHED, _S.HANDLING}),
        (),
        (DESK,),
        ("reason",),
        _asked_for_extension,
    ),
    Row(
        "escalate",
        _("Escalate"),
        frozenset({_S.REPORTED, _S.ACCEPTED}),
        (),
        (DESK,),
        ("reason", "tried"),
        _below_district,
    ),
    Row(
        "send_down",
        _("Send down"),
        frozenset({_S.REPORTED, _S.ACCEPTED}),
        (),
        (DESK,),
        ("to", "reason"),
        _may_go_down,
    ),
    Row("take_over", _("Take over"), _OPEN, (), (HIGHER_DESK,), ("reason",)),
    Row(
        "change_item",
        _("Change item"),
        frozenset({_S.REPORTED, _S.ACCEPTED, _S.DISPATCHED, _S.HANDLING}),
        (),
        (DESK,),
        ("item", "reason"),
    ),
    Row("pin", _("Set the place"), _OPEN, (), (DESK, OF_THE_GRID), ("lon", "lat")),
    Row(
        "merge",
        _("Merge"),
        frozenset({_S.REPORTED, _S.ACCEPTED}),
        (_S.MERGED,),
        (DESK,),
        ("into", "reason"),
        _may_be_settled,
    ),
    Row(
        "withdraw",
        _("Withdraw"),
        frozenset({_S.REPORTED}),
        (_S.WITHDRAWN,),
        (REPORTER,),
        ("reason",),
        _may_end,
    ),
    Row("comment", _("Comment"), _OPEN, (), (ANYONE, LEADER), ("text",)),
    Row("attach", _("Add photos or documents"), _OPEN, (), (ANYONE,), ("photos",)),
    Row(
        "reopen",
        _("Reopen"),
        frozenset({_S.CLOSED}),
        (_S.ACCEPTED,),
        (DESK, REPORTER, RESIDENT),
        ("reason",),
        _not_reopened_before,
    ),
    Row(
        "undo",
        _("Undo"),
        frozenset({_S.ACCEPTED, _S.DISPATCHED, _S.DECLINED, _S.MERGED}),
        (_S.REPORTED, _S.ACCEPTED),
        (DOER,),
        passing=True,
    ),
    Row("alarm", _("Alarm a team"), _UNSETTLED, (), (DESK,), ("team",), _emergency),
    Row("alarm_answer", _("Answer the alarm"), _UNSETTLED, (), (TEAM,), passing=True),
    Row("alarm_next", _("Alarm not answered"), _UNSETTLED, (), (THE_SYSTEM,)),
    Row("remind", _("Reminder"), _OPEN, (), (THE_SYSTEM,)),
    Row(
        "blow",
        _("Blow the whistle"),
        _WHISTLING,
        (),
        (DESK,),
        ("sort", "units", "text"),
        _blows_whistles,
    ),
    Row("answer", _("Answer the whistle"), _CALLED, (), (CALLED,)),
    Row("check_in", _("Check in on the spot"), _CALLED, (), (ANSWERING,), ("lon", "lat")),
    Row("refuse_call", _("Refuse the call"), _CALLED, (), (CALLED,), ("reason_code", "reason")),
    Row("arbitrate_call", _("Decide on a refusal"), _CALLED, (), (ARBITER,), ("upheld", "reason")),
    Row("climb", _("Not answered, one level up"), _CALLED, (), (THE_SYSTEM,)),
    Row("press_call", _("Press the unit to answer"), _CALLED, (), (CLIMBED_TO,)),
    Row("stand_in", _("Stand in for the unit"), _CALLED, (), (CLIMBED_TO,), ("text",)),
    Row("release", _("Release called units"), _CALLED, (), (CALLER,)),
    Row(
        "rate",
        _("Rate a called unit"),
        _CALLED | {_S.CLOSED},
        (),
        (RATER,),
        ("attendance", "cooperation", "outcome"),
    ),
    Row("overdue", _("Deadline passed"), _OPEN, (), (THE_SYSTEM,)),
    Row("tell_leader", _("Leader told"), _OPEN, (), (THE_SYSTEM,)),
    Row(
        "supervise",
        _("Supervise formally"),
        _OPEN,
        (),
        (LEADER, HIGHER_DESK, THE_SYSTEM),
        ("reason",),
        _not_supervised,
    ),
    Row(
        "lift_supervision",
        _("Lift supervision"),
        _OPEN,
        (),
        (LEADER, HIGHER_DESK),
        ("reason",),
        _supervised,
    ),
    Row("instruct", _("Instruct"), _OPEN, (), (LEADER,), ("text",)),
    Row(
        "answer_instruction",
        _("Answer an instruction"),
        _OPEN,
        (),
        (DESK,),
        ("text",),
        _instructed,
    ),
    Row(
        "meet",
        _("Joint meeting"),
        _OPEN,
        (),
        (DESK, HIGHER_DESK, LEADER),
        ("members", "unit", "decision", "until"),
    ),
    Row("recompute", _("Deadlines worked out anew"), _OPEN, (), (THE_SYSTEM,)),
    Row("erased", _("Words erased"), frozenset(State), (), (THE_SYSTEM,), ("texts",)),
)

ROWS: dict[str, Row] = {row.verb: row for row in TABLE}

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
    for row in TABLE:
        if case.state in row.sources and row.by_people and not row.passing:
            yield Choice(row, row.why_not(actor, case))


def allowed(actor: Actor, case: Facts) -> list[Row]:
    """The verbs that the actor may do now, in the order of the table."""
    return [choice.row for choice in choices(actor, case) if choice.ok]


def check(verb: str, actor: Actor, case: Facts) -> Row:
    """The table's row, if the actor may do the verb to the case now.

    Raises:
        WrongState: the case's state does not have this verb.
        NotAllowed: the actor is not among those who may, or a side condition stands against it.
    """
    row = ROWS[verb]
    if case.state not in row.sources:
        raise WrongState(state=case.state)
    refusals = [who.test(actor, case) for who in row.who]
    if all(refusal is not None for refusal in refusals):
        raise NotAllowed(refusals[0])
    if row.condition is not None and (refusal := row.condition(case)) is not None:
        raise WrongState(refusal, state=case.state)
    return row
