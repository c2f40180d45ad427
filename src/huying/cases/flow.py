"""The one table: every verb, from where to where, who may, and what it needs.

Pages draw their buttons from it, the interface lists its verbs from it, ``docs/flow.md`` draws its
diagram from it, and no verb runs past it. Nothing here touches the database: a decision is made
from the case's row and the actor alone, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from huying.cases.states import OPEN_STATES, State
from huying.errors import NotAllowed, Words, WrongState
from huying.people.acting import Actor, ActorKind
from huying.people.models import GUARDIANS, Role


class Facts(Protocol):
    """What a decision looks at. ``cases.models.Case`` is one."""

    state: str
    holder_code: str
    area_code: str
    lead_unit_id: int | None
    handler_id: int | None
    handled_by_unit_id: int | None
    reporter_id: int | None
    verify_asked: bool
    extension_asked: bool
    check_asked: bool
    reopened: int
    self_handled: bool

    @property
    def is_suspended(self) -> bool: ...


Refusal = Words | None
"""None when allowed, else the sentence that says why not."""


@dataclass(frozen=True, slots=True)
class Who:
    """A group of actors, by relation to the case."""

    name: str
    words: Words
    test: Callable[[Actor, Facts], Refusal]


def _only(condition: bool, words: Words) -> Refusal:
    return None if condition else words


def _desk(actor: Actor, case: Facts) -> Refusal:
    if actor.role != Role.DISPATCHER:
        return _("Only the desk that holds the case may do this.")
    return _only(
        actor.area_code == case.holder_code,
        _("Another desk holds this case now."),
    )


def _unit_in_charge(actor: Actor, case: Facts) -> Refusal:
    return _only(
        actor.role == Role.HANDLER
        and actor.unit_id is not None
        and actor.unit_id == case.lead_unit_id,
        _("Only the unit that the case was dispatched to may do this."),
    )


def _of_the_grid(actor: Actor, case: Facts) -> Refusal:
    return _only(
        actor.role in (Role.GRID_WORKER, Role.GRID_HEAD) and actor.covers(case.area_code),
        _("Only a grid worker or grid head of this place may do this."),
    )


def _worker_here(actor: Actor, case: Facts) -> Refusal:
    return _only(
        actor.role == Role.GRID_WORKER and actor.covers(case.area_code),
        _("Only the grid worker of this place may do this."),
    )


def _checker(actor: Actor, case: Facts) -> Refusal:
    if actor.role not in (Role.CHECKER, Role.GRID_WORKER, Role.GRID_HEAD):
        return _("Only a checker may do this.")
    if actor.account_id is not None and actor.account_id == case.handler_id:
        return _("Whoever handled the case cannot check it.")
    if case.handled_by_unit_id is not None and case.handled_by_unit_id in actor.units:
        return _("The unit that handled the case cannot check it.")
    return _only(actor.covers(case.area_code), _("This place is outside your area."))


def _verifier(actor: Actor, case: Facts) -> Refusal:
    return _only(
        actor.role in (Role.CHECKER, Role.GRID_WORKER, Role.GRID_HEAD)
        and actor.covers(case.area_code),
        _("Only a grid worker or checker of this place may do this."),
    )


def _reporter(actor: Actor, case: Facts) -> Refusal:
    return _only(
        actor.account_id is not None
        and actor.account_id == case.reporter_id
        and not actor.is_guardian,
        _("Only who reported the case may do this."),
    )


def _anyone(actor: Actor, case: Facts) -> Refusal:
    return _only(
        actor.role is not None and actor.role not in GUARDIANS,
        _("Your present post may not do this."),
    )


def _leader(actor: Actor, case: Facts) -> Refusal:
    return _only(
        actor.is_leader and actor.covers(case.area_code),
        _("Only a leader of this area may do this."),
    )


def _system(actor: Actor, case: Facts) -> Refusal:
    return _only(actor.is_system, _("Only the system does this, by itself."))


def _resident(actor: Actor, case: Facts) -> Refusal:
    return _only(actor.kind is ActorKind.RESIDENT, _("Only the resident who reported may do this."))


DESK = Who("desk", _("the desk that holds the case"), _desk)
UNIT = Who("unit", _("a handler of the unit in charge"), _unit_in_charge)
GRID_WORKER = Who("grid_worker", _("a grid worker of the place"), _worker_here)
OF_THE_GRID = Who("of_the_grid", _("a grid worker or grid head of the place"), _of_the_grid)
CHECKER = Who("checker", _("a checker of the place who did not handle it"), _checker)
VERIFIER = Who("verifier", _("a grid worker or checker of the place"), _verifier)
REPORTER = Who("reporter", _("who reported it"), _reporter)
ANYONE = Who("anyone", _("anyone who may see it"), _anyone)
LEADER = Who("leader", _("a leader of the area"), _leader)
THE_SYSTEM = Who("system", _("the system"), _system)
RESIDENT = Who("resident", _("the resident"), _resident)
DOER = Who("doer", _("who did the last step, on the same post"), _desk)
"""The row alone does not tell who did the last step; `undoing.undo` asks the log."""


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
    """

    verb: str
    label: Words
    sources: frozenset[State]
    targets: tuple[State, ...]
    who: tuple[Who, ...]
    needs: tuple[str, ...] = ()
    condition: Callable[[Facts], Refusal] | None = None
    passing: bool = False

    def why_not(self, actor: Actor, case: Facts) -> Refusal:
        """None when the actor may do this to the case now; else why not."""
        if case.state not in self.sources:
            return _("The case is in a state that does not allow this.")
        refusals = [who.test(actor, case) for who in self.who]
        if all(refusal is not None for refusal in refusals):
            return refusals[0]
        return self.condition(case) if self.condition else None


def _not_suspended(case: Facts) -> Refusal:
    return _only(not case.is_suspended, _("The case is suspended; resume it first."))


def _suspended(case: Facts) -> Refusal:
    return _only(case.is_suspended, _("The case is not suspended."))


def _asked_for_extension(case: Facts) -> Refusal:
    return _only(case.extension_asked, _("Nobody has asked for more time."))


def _may_ask_extension(case: Facts) -> Refusal:
    if case.extension_asked:
        return _("More time has been asked for already and awaits a decision.")
    return _not_suspended(case)


def _asked_to_verify(case: Facts) -> Refusal:
    return _only(case.verify_asked, _("Nobody has asked for this report to be verified."))


def _not_reopened_before(case: Facts) -> Refusal:
    return _only(case.reopened < 1, _("A case can be reopened once."))


def _below_district(case: Facts) -> Refusal:
    return _only(len(case.holder_code) > 6, _("There is no level above the district."))


def _above_community(case: Facts) -> Refusal:
    return _only(len(case.holder_code) < 12, _("There is no desk below the community."))


_S = State
_OPEN = frozenset(OPEN_STATES)

TABLE: tuple[Row, ...] = (
    Row(
        "report",
        _("Report"),
        frozenset(),
        (_S.REPORTED,),
        (ANYONE, RESIDENT, THE_SYSTEM),
        ("text",),
    ),
    Row(
        "ask_verify",
        _("Ask to verify"),
        frozenset({_S.REPORTED}),
        (),
        (DESK,),
    ),
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
    ),
    Row(
        "dispatch",
        _("Dispatch"),
        frozenset({_S.ACCEPTED}),
        (_S.DISPATCHED,),
        (DESK,),
        ("unit",),
        _not_suspended,
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
        "settle",
        _("Settle on the spot"),
        frozenset({_S.REPORTED, _S.ACCEPTED}),
        (_S.HANDLED, _S.CLOSED),
        (GRID_WORKER,),
        ("result", "evidence"),
        _not_suspended,
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
        ("reason",),
        _below_district,
    ),
    Row(
        "send_down",
        _("Send down"),
        frozenset({_S.REPORTED, _S.ACCEPTED}),
        (),
        (DESK,),
        ("to", "reason"),
        _above_community,
    ),
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
        _not_suspended,
    ),
    Row(
        "withdraw",
        _("Withdraw"),
        frozenset({_S.REPORTED}),
        (_S.WITHDRAWN,),
        (REPORTER,),
        ("reason",),
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
    Row("overdue", _("Deadline passed"), _OPEN, (), (THE_SYSTEM,)),
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

    Verbs that only the system does are left out, and those that a moment offers.
    """
    for row in TABLE:
        if case.state in row.sources and row.who != (THE_SYSTEM,) and not row.passing:
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
