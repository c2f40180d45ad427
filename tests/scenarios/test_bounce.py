"""The story of a case that nobody wants, as the log must have it."""

import pytest

from huying.cases.models import Case
from huying.cli import scenario
from huying.scenarios import bounce

pytestmark = pytest.mark.django_db


def test_two_returns_an_arbitration_and_a_forced_dispatch() -> None:
    told = bounce.play()
    verbs = [step["verb"] for step in told["steps"]]
    assert verbs == [
        "report", "accept", "dispatch", "return", "dispatch", "return", "arbitrate", "dispatch",
        "sign_for", "handle", "check_pass", "close",
    ]  # fmt: skip
    assert told["chain"] == "ok"
    assert told["steps"][-1]["state"] == "closed"
    by = [step["by"] for step in told["steps"]]
    assert by[verbs.index("arbitrate")] == by[7] != by[2]  # the district, and not the town
    times = [step["at"] for step in told["steps"]]
    assert times == sorted(times)
    case = Case.objects.get(number=told["case"])
    assert (case.returns, case.holder_code) == (2, bounce.DISTRICT)
    assert scenario.text({"story": "bounce", **told}).startswith(told["case"])


def test_every_story_can_be_asked_for() -> None:
    import importlib

    for name in scenario.STORIES:
        story = importlib.import_module(f"huying.scenarios.{name}")
        assert callable(story.play)
        assert callable(story.said)
