"""Whose the verbs are: groups of actors by their relation to a case.

Nothing here touches the database: the case's row and the actor alone decide, and say why not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from huying.cases.states import PartState
from huying.errors import Words
from huying.people.acting import Actor, ActorKind
from huying.people.models import LOOKERS, ON_FOOT, Role


class Facts(Protocol):
    """What a decision looks at. ``cases.models.Case`` is one."""

    state: str
    channel: str
    holder_code: str
    area_code: str
    lead_unit_id: int | None
    handler_id: int | None
    handled_by_unit_id: int | None
    reporter_id: int | None
    verify_asked: bool
    questions_asked: bool
    item_code: str
    extension_asked: bool
    check_asked: bool
    reopened: int
    self_handled: bool
    emergency: bool
    emergency_words: str
    calls: Mapping[str, list[Any]] | None
    awaits_arbitration: bool
    responsible_unit_id: int | None
    supervised: bool
    instruction_open: bool
    erasure_asked: bool
    has_code: bool
    parts: dict[str, str]

    @property
    def parent_id(self) -> object: ...

    @property
    def is_suspended(self) -> bool: ...


Refusal = Words | None
"""None when allowed, else the sentence that says why not."""


@dataclass(frozen=True, slots=True, eq=False)
class Who:
    """A group of actors, by relation to the case.

    Each is one object: to compare two by their words would translate these each time.
    """

    name: str
    words: Words
    test: Callable[[Actor, Facts], Refusal]


def only(condition: bool, words: Words) -> Refusal:
    """The sentence, unless the condition holds."""
    return None if condition else words


def _desk(actor: Actor, case: Facts) -> Refusal:
    if actor.role != Role.DISPATCHER:
        return _("Only the desk that holds the case may do this.")
    return only(
        actor.area_code == case.holder_code,
        _("Another desk holds this case now."),
    )


def _higher_desk(actor: Actor, case: Facts) -> Refusal:
    area = actor.area_code
    higher = bool(area) and len(area) < len(case.holder_code) and case.holder_code.startswith(area)
    return only(
        actor.role == Role.DISPATCHER and higher,
        _("Only a desk above the one that holds the case may do this."),
    )


def _unit_in_charge(actor: Actor, case: Facts) -> Refusal:
    return only(
        actor.role == Role.HANDLER
        and actor.unit_id is not None
        and actor.unit_id == case.lead_unit_id,
        _("Only the unit that the case was dispatched to may do this."),
    )


def _part_of(actor: Actor, case: Facts) -> str | None:
    if actor.role != Role.HANDLER or actor.unit_id is None:
        return None
    return case.parts.get(str(actor.unit_id))


def _asked_to_assist(actor: Actor, case: Facts) -> Refusal:
    part = _part_of(actor, case)
    if part is not None and part != PartState.ASKED:
        return _("The unit has signed for its part already.")
    return only(part is not None, _("Only a unit that was asked to assist may do this."))


def _assisting(actor: Actor, case: Facts) -> Refusal:
    part = _part_of(actor, case)
    if part == PartState.ASKED:
        return _("Please sign for the part first.")
    if part == PartState.DONE:
        return _("The part is done and awaits its sign-off.")
    return only(part is not None, _("Only a unit that was asked to assist may do this."))


def _with_an_open_part(actor: Actor, case: Facts) -> Refusal:
    part = _part_of(actor, case)
    if part == PartState.DONE:
        return _("The part is done and awaits its sign-off.")
    return only(part is not None, _("Only a unit that was asked to assist may do this."))


def _team(actor: Actor, case: Facts) -> Refusal:
    return only(
        actor.role == Role.HANDLER and actor.unit_id is not None,
        _("Only a member of a team that was alarmed may do this."),
    )


def _of_the_grid(actor: Actor, case: Facts) -> Refusal:
    return only(
        actor.role in ON_FOOT and actor.covers(case.area_code),
        _("Only a grid worker or grid head of this place may do this."),
    )


def _worker_here(actor: Actor, case: Facts) -> Refusal:
    return only(
        actor.role == Role.GRID_WORKER and actor.covers(case.area_code),
        _("Only the grid worker of this place may do this."),
    )


def _checker(actor: Actor, case: Facts) -> Refusal:
    if actor.role not in LOOKERS:
        return _("Only a checker may do this.")
    if actor.account_id is not None and actor.account_id == case.handler_id:
        return _("Whoever handled the case cannot check it.")
    if case.handled_by_unit_id is not None and case.handled_by_unit_id in actor.units:
        return _("The unit that handled the case cannot check it.")
    return only(actor.covers(case.area_code), _("This place is outside your area."))


def _verifier(actor: Actor, case: Facts) -> Refusal:
    return only(
        actor.role in LOOKERS and actor.covers(case.area_code),
        _("Only a grid worker or checker of this place may do this."),
    )


def _reporter(actor: Actor, case: Facts) -> Refusal:
    return only(
        actor.account_id is not None
        and actor.account_id == case.reporter_id
        and not actor.is_guardian,
        _("Only who reported the case may do this."),
    )


def _anyone(actor: Actor, case: Facts) -> Refusal:
    return only(
        actor.works_cases,
        _("Your present post may not do this."),
    )


def _leader(actor: Actor, case: Facts) -> Refusal:
    return only(
        actor.is_leader and actor.covers(case.area_code),
        _("Only a leader of this area may do this."),
    )


def _system(actor: Actor, case: Facts) -> Refusal:
    return only(actor.is_system, _("Only the system does this, by itself."))


def _resident(actor: Actor, case: Facts) -> Refusal:
    return only(actor.kind is ActorKind.RESIDENT, _("Only the resident who reported may do this."))


def _outside(actor: Actor, case: Facts) -> Refusal:
    return only(actor.kind is ActorKind.OUTSIDE, _("Only who was asked by a link may do this."))


def _among(name: str, who: Any, case: Facts) -> bool:
    return who in (case.calls or {}).get(name, ())


def _called_unit(name: str, words: Words) -> Callable[[Actor, Facts], Refusal]:
    def test(actor: Actor, case: Facts) -> Refusal:
        mine = actor.role == Role.HANDLER and actor.unit_id is not None
        return only(mine and _among(name, actor.unit_id, case), words)

    return test


def _desk_of_calls(name: str, words: Words) -> Callable[[Actor, Facts], Refusal]:
    def test(actor: Actor, case: Facts) -> Refusal:
        mine = actor.role == Role.DISPATCHER and bool(actor.area_code)
        return only(mine and _among(name, actor.area_code, case), words)

    return test


DESK = Who("desk", _("the desk that holds the case"), _desk)
HIGHER_DESK = Who("higher_desk", _("a desk above the one that holds it"), _higher_desk)
UNIT = Who("unit", _("a handler of the unit in charge"), _unit_in_charge)
ASKED_TO_ASSIST = Who("asked_to_assist", _("a handler of a unit asked to assist"), _asked_to_assist)
ASSISTING = Who("assisting", _("a handler of a unit that has signed for its part"), _assisting)
WITH_A_PART = Who("with_a_part", _("a handler of a unit with a part not done"), _with_an_open_part)
TEAM = Who("team", _("a member of the team that was alarmed"), _team)
"""The row alone does not tell which teams were; `response.alarming` knows."""
GRID_WORKER = Who("grid_worker", _("a grid worker of the place"), _worker_here)
OF_THE_GRID = Who("of_the_grid", _("a grid worker or grid head of the place"), _of_the_grid)
CHECKER = Who("checker", _("a checker of the place who did not handle it"), _checker)
VERIFIER = Who("verifier", _("a grid worker or checker of the place"), _verifier)
REPORTER = Who("reporter", _("who reported it"), _reporter)
ANYONE = Who("anyone", _("anyone who may see it"), _anyone)
LEADER = Who("leader", _("a leader of the area"), _leader)
THE_SYSTEM = Who("system", _("the system"), _system)
OUTSIDE = Who("outside", _("an outside party with a link"), _outside)
RESIDENT = Who("resident", _("the resident"), _resident)
DOER = Who("doer", _("who did the last step, on the same post"), _desk)
"""The row alone does not tell who did the last step; `undoing.undo` asks the log."""
CALLED = Who(
    "called",
    _("a unit that was called and has not answered"),
    _called_unit("awaited", _("Only a unit that was called and has not answered may do this.")),
)
ANSWERING = Who(
    "answering",
    _("a called unit that has answered"),
    _called_unit("answered", _("Only a called unit that has answered may do this.")),
)
CALLER = Who(
    "caller",
    _("the desk that blew the whistle"),
    _desk_of_calls("callers", _("Only the desk that blew the whistle may do this.")),
)
RATER = Who(
    "rater",
    _("the desk that blew the whistle, once a call is over"),
    _desk_of_calls("unrated", _("Only the desk that blew the whistle rates, once it is over.")),
)
CLIMBED_TO = Who(
    "climbed_to",
    _("the desk that an unanswered call has climbed to"),
    _desk_of_calls("climbed", _("Only the desk that an unanswered call climbed to may do this.")),
)
ARBITER = Who(
    "arbiter",
    _("the level above the one that called"),
    _desk_of_calls("disputed", _("Only the level above decides on a refusal.")),
)
