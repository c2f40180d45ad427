"""The count of `huying bench kills` can fail: losses and doubles that were planted are seen."""

from __future__ import annotations

import pytest

from huying.benchmarks.errands import Told
from huying.benchmarks.kills import Received, judge
from huying.cases import attaching
from huying.cases.models import Attachment
from tests.cases.town import Town


@pytest.fixture
def town(db: None) -> Town:
    return Town()


@pytest.fixture
def told(town: Town) -> Told:
    """Two reports, one of them accepted, and a photo: answered, and all there."""
    told = Told()
    for words in ("路灯不亮", "井盖松动"):
        told.reports[words] = town.report(text=words).number
    case = town.do("accept", town.report(text="占道摆卖"))
    told.steps.append((case.number, "accept"))
    told.photos.append(str(town.photo().pk))
    return told


def received_all() -> Received:
    from huying.cases.models import CaseEvent

    got = Received()
    for case, seq in CaseEvent.objects.values_list("case_id", "seq"):
        got.messages[f"{case}:{seq}"] = {"one"}
    return got


def test_what_is_there_once_is_neither_lost_nor_doubled(told: Told) -> None:
    verdict = judge(told, received_all(), {})
    assert (verdict.lost, verdict.doubled) == ([], [])


def test_planted_losses_are_counted(told: Told) -> None:
    told.reports["从未到达"] = "440113120202601010000001"
    told.steps.append((told.steps[0][0], "close"))
    attaching.file_of(Attachment.objects.get().pk).write_bytes(b"other")
    told.lives.append(told.steps[0][0])
    got = received_all()
    got.messages.popitem()
    verdict = judge(told, got, {"to_check": 1})
    assert len(verdict.lost) == 5
    assert verdict.doubled == []


def test_planted_doubles_are_counted(town: Town, told: Told) -> None:
    town.report(text="路灯不亮")
    town.photo()  # of which nobody was told
    got = received_all()
    got.messages[next(iter(got.messages))].add("two")
    verdict = judge(told, got, {})
    assert verdict.lost == []
    assert len(verdict.doubled) == 3
