"""How cases flowed: every move once, none that was undone, and a picture that can be read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from huying.assessment.flow_reading import Span, flow_of, steps_of
from huying.assessment.flowing import BETWEEN_DESKS, Way
from huying.cases.flow import TABLE
from huying.cases.states import State
from huying.desk import process_drawing
from tests.assessment.flow_by_hand import Move, flowing, moves, rank
from tests.cases.town import DAY, GUIDE, OPINION, OTHER_TOWN, TOWN, Town

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
    found = []
    for case in range(draw(st.integers(0, 6))):
        at, state, seq = BEGIN, str(State.REPORTED), 1
        found.append(Move(UUID(int=case), seq, at, "report", None, state))
        for _ in range(draw(st.integers(0, 12))):
            ways = [way for way in WAYS if way[0] == state]
            if not ways:
                break
            _source, target, verb = draw(st.sampled_from(ways))
            seq, at = seq + 1, at + timedelta(minutes=draw(st.integers(0, 5000)))
            found.append(Move(UUID(int=case), seq, at, verb, state, target))
            state = target
    return found


@given(walks())
def test_every_move_is_on_one_edge_and_every_hour_in_one_state(told: list[Move]) -> None:
    now = BEGIN + timedelta(days=90)
    flow = flowing(told, now)
    counted = {way: edge.count for way, edge in flow.edges.items()}
    assert counted == Counter(Way(m.source or "", m.target, m.verb) for m in told)
    assert flow.cases == len({move.case for move in told})
    assert sum(each.still for each in flow.waiting.values()) == flow.cases
    for state, each in flow.waiting.items():
        arrived = sum(n for way, n in counted.items() if way.target == state != way.source)
        assert each.came == arrived
    closed = {m.case for m in told if m.target not in process_drawing.LINE[:-1]}
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
def test_the_picture_stays_in_its_frame_and_its_words_apart(told: list[Move]) -> None:
    flow = flowing(told, BEGIN + timedelta(days=90))
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
    flow = flow_of(_span(TOWN), town.now)
    assert flow.edges["accepted", "dispatched", "dispatch"].count == 1  # type: ignore[index]
    assert not [way for way in flow.edges if way.verb == "undo"]
    assert flow == flowing(moves(), town.now)


def test_the_database_says_what_going_from_move_to_move_says(town: Town) -> None:
    """Counts, halves, nine of ten and days in all."""
    for state in ("closed", "handled", "reported", "declined"):
        for n in range(3):
            town.bring_to(state, item=GUIDE if n else OPINION)
            town.later(hours=7 * n)
    town.bounced()
    town.do("escalate", town.bring_to("accepted"))
    town.do("check_fail", town.bring_to("handled"))
    town.do("reopen", town.bring_to("closed"))
    now = town.later(days=3)
    flow = flow_of(_span(TOWN), now)
    assert flow == flowing(moves(), now)
    assert (list(flow.edges), flow.cases) == (list(flowing(moves(), now).edges), 16)
    assert flow.bounced >= 5
    of_item = flow_of(Span(TOWN, DAY, DAY + timedelta(days=30), GUIDE), now)
    assert 0 < of_item.cases < flow.cases
    for other in (_span(OTHER_TOWN), Span(TOWN, DAY - timedelta(9), DAY - timedelta(1))):
        assert not flow_of(other, now).cases


def test_a_way_opens_into_its_cases_those_that_took_longest_first(town: Town) -> None:
    cases = []
    for hours in (1, 9, 5):
        case = town.bring_to("reported")
        town.later(hours=hours)
        cases.append(town.do("accept", case))
    found, many = steps_of(_span(TOWN), Way("reported", "accepted", "accept"), 2)
    assert [step.case for step in found] == [cases[1].pk, cases[2].pk]
    assert many == 3
    assert found[0].took > found[1].took > timedelta(hours=5)
    assert steps_of(_span(TOWN), Way("reported", "accepted", "decline"), 2) == ([], 0)


def _span(area: str) -> Span:
    return Span(area, DAY, DAY + timedelta(days=30))
