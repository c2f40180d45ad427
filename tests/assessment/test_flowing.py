"""How cases flowed: every move once, none that was undone, and a picture that can be read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from huying.assessment import flow_moves
from huying.assessment.flow_moves import Span
from huying.assessment.flowing import BETWEEN_DESKS, Move, Way, flowing, rank
from huying.cases.flow import TABLE
from huying.cases.models import CaseEvent
from huying.cases.states import State
from huying.desk import process_drawing
from tests.cases.town import DAY, OTHER_TOWN, TOWN, Town

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
WAYS = [
    (str(source), str(target), row.verb)
    for row in TABLE
    if row.verb != "undo"
    for source in row.sources
    for target in (row.targets or (source,))
    if source != target or row.verb in BETWEEN_DESKS
]


@st.composite
def walks(draw: st.DrawFn) -> list[Move]:
    """Cases that walk through the table at random, one after the other."""
    moves = []
    for case in range(draw(st.integers(0, 6))):
        at, state, seq = BEGIN, str(State.REPORTED), 1
        moves.append(Move(UUID(int=case), seq, at, "report", None, state, None))
        for _ in range(draw(st.integers(0, 12))):
            ways = [way for way in WAYS if way[0] == state]
            if not ways:
                break
            _source, target, verb = draw(st.sampled_from(ways))
            seq, at = seq + 1, at + timedelta(minutes=draw(st.integers(0, 5000)))
            moves.append(Move(UUID(int=case), seq, at, verb, state, target, None))
            state = target
    return moves


@given(walks())
def test_every_move_is_on_one_edge_and_every_hour_in_one_state(moves: list[Move]) -> None:
    now = BEGIN + timedelta(days=90)
    flow = flowing(moves, now)
    counted = {way: edge.count for way, edge in flow.edges.items()}
    assert counted == Counter(Way(m.source or "", m.target, m.verb) for m in moves)
    assert flow.cases == len({move.case for move in moves})
    assert sum(len(each.still) for each in flow.waiting.values()) == flow.cases
    for state, each in flow.waiting.items():
        arrived = sum(n for way, n in counted.items() if way.target == state != way.source)
        assert each.came == arrived
    closed = {m.case for m in moves if m.target not in process_drawing.LINE[:-1]}
    if not closed:
        lasted = sum((each.total for each in flow.waiting.values()), timedelta())
        assert lasted == flow.cases * (now - BEGIN)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_half_and_nine_of_ten_are_what_they_say(minutes: list[int]) -> None:
    times = [timedelta(minutes=each) for each in minutes]
    for hundredths in (50, 90):
        found = rank(times, hundredths)
        assert 100 * sum(each <= found for each in times) >= hundredths * len(times)
        assert 100 * sum(each < found for each in times) < hundredths * len(times)


@given(walks())
def test_the_picture_stays_in_its_frame_and_its_words_apart(moves: list[Move]) -> None:
    flow = flowing(moves, BEGIN + timedelta(days=90))
    drawing = process_drawing.drawn(flow)
    assert {line.edge.way for line in drawing.lines} == set(flow.edges)
    assert all(0 < line.y < drawing.height for line in drawing.lines)
    assert all(0 < line.x < drawing.width for line in drawing.lines)
    for kind in ("back", "skip"):
        words = sorted(line.y for line in drawing.lines if line.kind == kind)
        assert all(b - a >= 40 for a, b in pairwise(words))


def test_what_was_undone_is_not_in_the_flow(town: Town) -> None:
    case = town.bring_to("accepted")
    case = town.do("undo", town.do("dispatch", case))
    town.do("sign_for", town.do("dispatch", case))
    flow = flowing(_moves(TOWN), town.now)
    assert flow.edges["accepted", "dispatched", "dispatch"].count == 1  # type: ignore[index]
    assert not [way for way in flow.edges if way.verb == "undo"]


def test_the_edges_are_the_events(town: Town) -> None:
    """Counted by the database, in one other way than the picture's."""
    for state in ("closed", "handled", "reported", "declined"):
        town.bring_to(state)
    town.bounced()
    town.do("escalate", town.bring_to("accepted"))
    town.do("check_fail", town.bring_to("handled"))
    town.do("reopen", town.bring_to("closed"))
    expected: Counter[Way] = Counter()
    for event in CaseEvent.objects.all():
        if event.from_state != event.to_state or event.verb in BETWEEN_DESKS:
            expected[Way(event.from_state or "", event.to_state, event.verb)] += 1
    flow = flowing(_moves(TOWN), town.now)
    assert {way: edge.count for way, edge in flow.edges.items()} == expected
    assert flow.cases == flow_moves.how_many(_span(TOWN)) == 8
    assert flow.bounced >= 5
    assert not _moves(OTHER_TOWN)
    assert not list(flow_moves.moves(Span(TOWN, DAY - timedelta(9), DAY - timedelta(1))))


def _span(area: str) -> Span:
    return Span(area, DAY, DAY + timedelta(days=30))


def _moves(area: str) -> Sequence[Move]:
    return list(flow_moves.moves(_span(area)))
