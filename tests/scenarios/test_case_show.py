"""`huying case show`: what anybody at the terminal is told of a case."""

import argparse
from pathlib import Path

import pytest

from huying.cli import case as command
from huying.errors import NotFound
from huying.scenarios import petrol

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _photos_in_a_folder_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.attaching.folder", lambda: tmp_path)


def show(number: str) -> dict[str, object]:
    return command.run(argparse.Namespace(verb="show", number=number))


def test_a_case_is_shown_with_its_deadlines_and_events() -> None:
    number = petrol.play()["case"]
    shown = show(number)
    assert shown["number"] == number
    assert shown["state"] == "closed"
    assert shown["item"] == "0203"
    assert shown["received_at"] == "2019-07-11T10:00:00+08:00"
    assert set(shown["deadlines"]) == {"accept", "sign", "handle", "check", "total"}  # type: ignore[call-overload]
    events = shown["events"]
    assert isinstance(events, list)
    assert [event["seq"] for event in events] == list(range(1, 10))
    assert events[0]["by"] == "何家明"


def test_it_is_found_by_its_id_too() -> None:
    shown = show(petrol.play()["case"])
    assert show(str(shown["id"]))["number"] == shown["number"]


def test_people_read_it_in_lines() -> None:
    shown = show(petrol.play()["case"])
    lines = command.text(shown).splitlines()
    assert lines[0].startswith(str(shown["number"]))
    assert "小龙村" in lines[1]
    assert "何家明" in lines[-9]


@pytest.mark.parametrize("number", ["440113120201907119999999", "", "not a number", "\0"])
def test_a_number_that_no_case_has_is_told_so(number: str) -> None:
    with pytest.raises(NotFound):
        show(number)
