"""The one table: what it lets whom do to which case, decided without a database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.cases import flow
from huying.cases.diagram import flow_page
from huying.cases.states import END_STATES, OPEN_STATES, PartState, State
from huying.errors import NotAllowed, WrongState
from huying.intake.verbs import VERBS
from huying.people.acting import RESIDENT, SYSTEM, Actor, ActorKind
from huying.people.models import GUARDIANS, LEADERS, Role

ISSUED = {
    "report", "ask_verify", "verify", "accept", "decline", "dispatch", "sign_for", "arrive",
    "return", "handle", "settle", "ask_check", "check_pass", "check_fail", "close", "suspend",
    "resume", "request_extension", "grant_extension", "refuse_extension", "escalate", "send_down",
    "change_item", "merge", "withdraw", "comment", "attach", "reopen",
}  # fmt: skip
"""The verbs that the platform promises."""

AREAS = ("440113", "440113120", "440113102", "440113120213", "440113120213001", "440113120213002")
IDS = st.none() | st.integers(1, 3)


@dataclass(frozen=True)
class Facts:
    """A case as a decision sees it."""

    state: str = "reported"
    channel: str = "resident"
    holder_code: str = "440113120"
    area_code: str = "440113120213001"
    lead_unit_id: int | None = None
    handler_id: int | None = None
    handled_by_unit_id: int | None = None
    reporter_id: int | None = None
    verify_asked: bool = False
    questions_asked: bool = False
    item_code: str = "0204"
    extension_asked: bool = False
    check_asked: bool = False
    reopened: int = 0
    self_handled: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    parent_id: int | None = None
    emergency: bool = False
    emergency_words: str = ""
    supervised: bool = False
    instruction_open: bool = False
    erasure_asked: bool = False
    is_suspended: bool = False
    calls: dict[str, list[Any]] | None = None
    awaits_arbitration: bool = False
    responsible_unit_id: int | None = None


facts = st.builds(
    Facts,
    state=st.sampled_from([str(state) for state in State]),
    holder_code=st.sampled_from([area for area in AREAS if len(area) < 15]),
    area_code=st.sampled_from(AREAS),
    lead_unit_id=IDS,
    handler_id=IDS,
    handled_by_unit_id=IDS,
    reporter_id=IDS,
    verify_asked=st.booleans(),
    questions_asked=st.booleans(),
    item_code=st.sampled_from(["", "0204"]),
    extension_asked=st.booleans(),
    check_asked=st.booleans(),
    reopened=st.integers(0, 2),
    parts=st.dictionaries(st.sampled_from("123"), st.sampled_from(PartState.values), max_size=2),
    parent_id=IDS,
    emergency=st.booleans(),
    supervised=st.booleans(),
    instruction_open=st.booleans(),
    erasure_asked=st.booleans(),
    is_suspended=st.booleans(),
    calls=st.none() | st.fixed_dictionaries({"awaited": st.lists(st.integers(1, 3))}),
    awaits_arbitration=st.booleans(),
    responsible_unit_id=IDS,
)
accounts = st.builds(
    Actor,
    kind=st.just(ActorKind.ACCOUNT),
    account_id=st.integers(1, 3),
    role=st.sampled_from(Role),
    area_code=st.sampled_from(AREAS),
    unit_id=IDS,
    units=st.frozensets(st.integers(1, 3)),
)
integrations = st.builds(
    Actor,
    kind=st.just(ActorKind.INTEGRATION),
    integration_id=st.integers(1, 3),
    role=st.sampled_from(Role),
    area_code=st.sampled_from(AREAS),
)
actors = accounts | integrations | st.sampled_from([SYSTEM, RESIDENT])


@given(actors, facts)
def test_the_buttons_and_the_door_agree(actor: Actor, case: Facts) -> None:
    shown = {choice.row.verb: choice for choice in flow.choices(actor, case)}
    assert [row.verb for row in flow.allowed(actor, case)] == [
        verb for verb, choice in shown.items() if choice.ok
    ]
    for row in flow.TABLE:
        refusal = refused(row.verb, actor, case)
        assert (refusal is None) == (row.why_not(actor, case) is None)
        if row.verb in shown:
            assert refusal == (None if shown[row.verb].ok else str(shown[row.verb].why_not))
        elif refusal is None:
            # What the system alone does has no button, whoever looks.
            # Nor has what only a moment offers.
            assert not row.by_people or row.passing


def refused(verb: str, actor: Actor, case: Facts) -> str | None:
    """What the door says."""
    try:
        flow.check(verb, actor, case)
    except (NotAllowed, WrongState) as refusal:
        return str(refusal)
    return None


@given(facts.map(lambda case: replace(case, state="handled")), accounts)
def test_nobody_of_the_handling_account_or_unit_may_check(case: Facts, actor: Actor) -> None:
    may = {row.verb for row in flow.allowed(actor, case)}
    if actor.account_id == case.handler_id or case.handled_by_unit_id in actor.units:
        assert not may & {"check_pass", "check_fail"}


@given(facts, st.sampled_from(sorted(GUARDIANS)), st.sampled_from(AREAS))
def test_the_three_guardians_can_do_nothing(case: Facts, role: Role, area: str) -> None:
    guardian = Actor(kind=ActorKind.ACCOUNT, account_id=1, role=role, area_code=area)
    assert flow.allowed(guardian, case) == []


@given(facts, st.sampled_from(sorted(LEADERS)), st.sampled_from(AREAS))
def test_leaders_look_on_comment_and_supervise(case: Facts, role: Role, area: str) -> None:
    leader = Actor(kind=ActorKind.ACCOUNT, account_id=9, role=role, area_code=area)
    may = {row.verb for row in flow.allowed(leader, replace(case, reporter_id=None))}
    assert may <= {"comment", "attach", "supervise", "lift_supervision", "instruct", "meet"}


@given(facts, st.sampled_from([RESIDENT, SYSTEM]))
def test_a_resident_reopens_and_the_system_does_its_own(case: Facts, actor: Actor) -> None:
    may = {row.verb for row in flow.allowed(actor, case)}
    own = {"resume", "close", "supervise", "comment", "attach"}
    # What a hotline has decided on, the system does.
    own |= {"grant_extension", "refuse_extension"}
    assert may <= ({"reopen", "answer_questions"} if actor is RESIDENT else own)


@given(facts, accounts)
def test_another_desk_cannot_move_the_case(case: Facts, actor: Actor) -> None:
    if actor.role == Role.DISPATCHER and actor.area_code != case.holder_code:
        may = {row.verb for row in flow.allowed(actor, replace(case, reporter_id=None))}
        above = case.holder_code.startswith(actor.area_code)
        watching = {"take_over", "supervise", "lift_supervision", "meet"} if above else set()
        assert may <= {"comment", "attach"} | watching


def test_every_promised_verb_is_in_the_table_and_has_its_function() -> None:
    rows = [row.verb for row in flow.TABLE]
    assert len(rows) == len(set(rows))
    assert set(rows) >= ISSUED
    assert set(rows) - {"report"} == set(VERBS)
    assert all(VERBS[verb].row is flow.ROWS[verb] for verb in VERBS)


def test_every_state_can_be_reached_and_only_reopening_leaves_an_end() -> None:
    reached: set[str] = set()
    found = {str(state) for row in flow.TABLE if not row.sources for state in row.targets}
    while found != reached:
        reached = set(found)
        for row in flow.TABLE:
            if any(str(source) in reached for source in row.sources):
                found |= {str(state) for state in row.targets}
    assert reached == {str(state) for state in State}
    leaving = {row.verb for row in flow.TABLE if row.sources & END_STATES}
    assert leaving == {"reopen", "erased", "undo", "rate"} | {
        "give_code", "share_photos", "resident_rate", "call_back", "ask_erasure", "confirm_erasure",
    }  # fmt: skip
    assert not flow.ROWS["rate"].targets
    assert flow.ROWS["reopen"].sources == {State.CLOSED}
    assert not flow.ROWS["erased"].targets
    assert frozenset(State) == OPEN_STATES | END_STATES
    assert not OPEN_STATES & END_STATES


def test_every_open_state_has_a_way_on() -> None:
    for state in OPEN_STATES:
        assert any(state in row.sources and set(row.targets) - {state} for row in flow.TABLE), state


@pytest.mark.parametrize("row", flow.TABLE, ids=lambda row: row.verb)
def test_what_a_verb_needs_is_an_input_that_it_has(row: flow.Row) -> None:
    if row.verb == "report":
        return
    inputs = VERBS[row.verb].inputs
    # Evidence is photos, a position or a form, as the item asks.
    assert {need for need in row.needs if need != "evidence"} <= set(inputs)
    if "evidence" in row.needs:
        assert {"photos", "lon", "lat", "form"} <= set(inputs)
    assert all(parameter.default is not parameter.empty for parameter in inputs.values()), (
        "an input that is not given is told as missing, it is no fault of the program"
    )


def test_the_page_of_the_flow_is_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "flow.md"
    assert page.read_text("utf-8") == flow_page(), "run: huying docs flow --out docs/flow.md"


def test_the_page_draws_every_way() -> None:
    page = flow_page()
    for row in flow.TABLE:
        assert f"| `{row.verb}` " in page
        for target in row.targets:
            # Taking back goes along the arrow of what it takes back, and has none of its own.
            assert (f"--> {target}: {row.verb}" in page) is not row.passing
