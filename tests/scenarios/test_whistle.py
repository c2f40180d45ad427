"""The story of the whistle tells of three calls, one of which nobody answered."""

from __future__ import annotations

import pytest

from huying.scenarios import whistle


@pytest.mark.django_db
def test_two_answer_and_the_third_climbs_and_is_rated() -> None:
    result = whistle.play()
    assert result["chain"] == "ok"
    verbs = [step["verb"] for step in result["steps"]]
    for verb, times in {"blow": 1, "answer": 2, "climb": 1, "check_in": 2, "rate": 3}.items():
        assert verbs.count(verb) == times
    assert verbs[-1] == "close"
    assert result["steps"][-1]["state"] == "closed"
    assert [call["answered_after_min"] for call in result["calls"]] == [12, 25, None]
    assert result["calls"][2] == {
        "unit": result["calls"][2]["unit"],
        "state": "stood_in",
        "answered_after_min": None,
        "climbs": 1,
        "marks": [1, 1, 1],
    }
