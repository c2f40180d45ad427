"""The flow as a Petri net: it allows what the table allows, in the order in which it does."""

from __future__ import annotations

import pytest

from huying.assessment.pnml import pnml
from huying.cases import flow
from huying.cases.net import END, beside, net, state_of
from huying.cases.states import State

HANDLED = "report accept dispatch sign_for handle"


def fits(words: str) -> bool:
    return bool(net().follow(words.split()))


@pytest.mark.parametrize(
    "life",
    [
        f"{HANDLED} check_fail handle check_pass close resident_rate reopen dispatch",
        "report settle check_fail dispatch sign_for",
        "report settle",
        "report ask_verify ask_verify verify accept",
        "report decline undo accept undo merge undo accept",
        "report ask_verify accept undo verify accept",
        "report accept overdue remind undo accept",
        "report accept dispatch return dispatch suspend comment resume sign_for handle",
        "report accept dispatch request_extension return dispatch request_extension",
        "report accept supervise dispatch lift_supervision supervise",
        "report merge ask_erasure erased",
    ],
)
def test_such_lives_are_possible(life: str) -> None:
    assert fits(life)


@pytest.mark.parametrize(
    "life",
    [
        "accept",
        "report report",
        "report dispatch",
        "report accept sign_for dispatch",
        "report verify",
        "report ask_verify accept undo accept verify",
        "report accept comment undo",
        "report accept undo undo",
        "report undo",
        "report accept dispatch suspend sign_for",
        "report accept suspend suspend",
        "report accept dispatch grant_extension",
        "report accept dispatch request_extension request_extension",
        "report accept dispatch request_extension return dispatch grant_extension",
        "report supervise decline",
        "report merge comment",
        f"{HANDLED} check_pass check_pass",
        f"{HANDLED} check_pass close reopen dispatch sign_for handle check_pass close reopen",
    ],
)
def test_such_lives_are_not(life: str) -> None:
    assert not fits(life)


def test_every_step_of_the_table_is_there_and_no_other() -> None:
    made = {(each.label, place.partition("_by_")[0]) for each in net().transitions if each.label
            for place in each.takes if place.partition("_by_")[0] in State.values}  # fmt: skip
    # Only the step itself says where `undo` may be done.
    listed = {(row.verb, str(state)) for row in flow.TABLE for state in row.sources}
    assert made == listed


def test_the_end_is_reached_from_every_end_and_from_nowhere_else() -> None:
    for life in ("report decline", "report merge", "report settle", "report ask_verify withdraw"):
        assert frozenset({END}) in net().follow(life.split())
    assert frozenset({END}) not in net().follow(HANDLED.split())


def test_what_runs_beside_is_told() -> None:
    markings = net().follow(["report", "accept", "dispatch", "suspend", "supervise"])
    told = {(state_of(each), beside(each)) for each in markings}
    assert told == {(State.DISPATCHED, frozenset({"suspended", "supervised"}))}


def test_the_file_has_every_verb_and_both_markings() -> None:
    text = pnml(net())
    for row in flow.TABLE:
        assert f"<text>{row.verb}</text>" in text
    assert text.count("<initialMarking>") == len(net().initial)
    assert f'<finalmarkings><marking><place idref="{END}">' in text
