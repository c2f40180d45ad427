"""The story of 11 July 2019, as anybody would tell it, and as the log must have it."""

import argparse
import json
from datetime import datetime
from pathlib import Path

import pytest

from huying.audit.verifying import verify
from huying.cases.describing import describe
from huying.cases.models import Case, CaseEvent
from huying.people.models import Post
from huying.scenarios import petrol

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _photos_in_a_folder_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.attaching.folder", lambda: tmp_path)


def test_petrol_is_smelt_at_ten_and_dealt_with_by_eleven() -> None:
    told = petrol.play()

    assert [step["verb"] for step in told["steps"]] == [
        "report",
        "accept",
        "dispatch",
        "sign_for",
        "arrive",
        "record",
        "handle",
        "check_pass",
        "close",
    ]
    assert told["steps"][0]["at"] == "2019-07-11T10:00:00+08:00"
    assert told["steps"][-1]["state"] == "closed"
    assert datetime.fromisoformat(told["steps"][-1]["at"]).hour < 11
    assert told["minutes_to_arrival"] <= 30
    assert told["minutes_to_close"] <= 60
    assert told["chain"] == "ok"


def test_it_lies_in_the_village_and_no_deadline_passed() -> None:
    told = petrol.play()
    case = Case.objects.get(number=told["case"])

    assert case.number.startswith("44011312020190711")
    assert case.area_code.startswith(petrol.VILLAGE)
    assert case.grid_code == case.area_code
    assert (case.item_code, case.emergency) == ("0203", True)
    assert "汽油味" in case.emergency_words
    for done, due in (
        (case.accepted_at, case.accept_due),
        (case.signed_at, case.sign_due),
        (case.handled_at, case.handle_due),
        (case.checked_at, case.check_due),
    ):
        assert done is not None
        assert due is not None
        assert done < due


def test_who_checked_had_no_hand_in_it() -> None:
    told = petrol.play()
    by = {step["verb"]: step["by"] for step in told["steps"]}
    assert by["check_pass"] not in {by["sign_for"], by["arrive"], by["handle"]}
    units = set(
        Post.objects.filter(account__name=by["check_pass"], account__demo=True).values_list(
            "unit", flat=True
        )
    )
    assert Case.objects.get(number=told["case"]).handled_by_unit_id not in units


def test_the_seizure_is_told_with_its_pictures() -> None:
    told = petrol.play()
    case = Case.objects.get(number=told["case"])
    handled = next(e for e in describe(case)["events"] if e["verb"] == "handle")
    assert "1500 升" in handled["texts"][0]["body"]
    assert "2 台" in handled["texts"][0]["body"]
    assert handled["photos"] == 1
    seized = told["seizure"]
    taken = [(line["amount"], line["measure"]) for line in seized["goods"]]
    assert taken == [("1500", "litre"), ("2", "vehicle")]
    assert seized["document"].endswith("（扣）〔2019〕1号")
    assert seized["custody"]


def test_it_can_be_told_again_as_another_case() -> None:
    first, second = petrol.play(), petrol.play()
    assert first["case"] < second["case"]
    assert CaseEvent.objects.count() == first["events"] + second["events"]
    assert verify().ok


def test_the_people_of_the_story_hold_their_posts_for_that_day_alone() -> None:
    petrol.play()
    posts = Post.objects.filter(account__username__startswith="petrol-")
    assert {(post.starts_on, post.ends_on) for post in posts} == {
        (petrol.DAY.date(), petrol.DAY.date())
    }
    assert not any(post.account.has_usable_password() for post in posts)


def test_the_command_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    from huying import cli
    from huying.cli import scenario

    options = argparse.Namespace(story="petrol", json=True)
    assert cli._show(scenario, options, scenario.run(options)) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["ok"] is True
    assert {"case", "steps", "minutes_to_arrival", "minutes_to_close", "chain"} <= set(printed)
    assert set(printed["steps"][0]) == {"verb", "at", "by", "state"}
