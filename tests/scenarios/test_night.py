"""A weekend on which nobody touches a case: the clock climbs the ladder, each rung once."""

from pathlib import Path

import pytest

from huying.cases.models import Case
from huying.scenarios import night
from huying.supervision.models import Instruction, Supervision

pytestmark = pytest.mark.django_db


def test_each_rung_is_climbed_once_over_the_weekend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huying.cases.attaching.folder", lambda: tmp_path)
    found = night.play()
    rungs = {
        step["verb"]: step["at"][:16] for step in found["steps"] if step["verb"] in night.RUNGS
    }
    assert [step["verb"] for step in found["steps"]] == [
        "report", "accept", "dispatch", "sign_for",
        "remind", "overdue", "tell_leader", "supervise",
        "instruct", "handle", "check_pass", "answer_instruction", "lift_supervision", "close",
    ]  # fmt: skip
    assert rungs == {
        "remind": "2019-07-13T05:05",
        "overdue": "2019-07-13T09:05",
        "tell_leader": "2019-07-13T09:05",
        "supervise": "2019-07-14T01:05",
    }
    assert found["chain"] == "ok"
    case = Case.objects.get(number=found["case"])
    made = Supervision.objects.get(case=case)
    assert (made.number, made.is_open) == ("440113120-2019-1", False)
    assert Instruction.objects.get(case=case).answered_at is not None
    assert case.wake_at is None  # a worker of today finds nothing to do
