"""Registers and surveys on the phone: what goes along, and what is sent, once however often."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from django.test import Client

from huying.surveys.models import SurveyEntry, SurveyGrid
from tests.browser.everywhere import with_survey
from tests.desk.world import LAT, LON, World
from tests.field.test_data import data
from tests.field.test_patrol import send

As = Callable[..., Client]


def of(client: Client, survey: Any) -> dict[str, Any]:
    return next(each for each in data(client)["surveys"] if each["id"] == str(survey.pk))


def test_what_is_to_be_filled_in_goes_along(world: World, as_: As) -> None:
    made = with_survey(world)
    told = of(as_("worker"), made.survey)
    assert (told["targets_all"], told["targets_left"], told["entries"]) == (3, 1, 2)
    assert [each["name"] for each in told["targets"]] == [made.target.name]
    assert told["targets"][0]["lon"] == made.target.lon
    assert told["sheet"]["questions"][0]["label"] == "棚屋类别"
    back = told["lately"][0]
    assert (back["state"], back["why"]) == ("sent_back", "照片看不清门口，请重拍。")
    # What tells of a person does not go along; it stays where it is left empty.
    assert set(back["answers"]) == {"sort", "area", "lived_in", "people", "name"}
    kept = {each["id"] for each in back["sheet"]["questions"] if each.get("kept")}
    assert kept == {"shot", "contact", "phone"}
    assert not any(each in str(told) for each in ("张三丰", "13800138000"))
    registers = [each for each in data(as_("worker"))["surveys"] if each["kind"] == "register"]
    assert {each["title"] for each in registers} >= {"排水户台账", "污染源台账", "窝棚菜棚台账"}
    assert data(as_("dispatcher"))["surveys"] == []
    beside = of(as_("far_worker"), made.survey)  # the next grid of the village
    assert (beside["targets_all"], beside["entries"], beside["lately"]) == (0, 0, [])


def test_however_many_surveys_there_are_they_are_read_at_once(
    world: World, as_: As, django_assert_max_num_queries: Any
) -> None:
    from django.utils import timezone

    from huying.field import surveys
    from huying.field.there import there
    from huying.surveys import designing
    from huying.surveys.designing import Told
    from tests.browser.everywhere import SURVEY_ASKS

    with_survey(world)
    by, now = world.actor("dispatcher"), timezone.now()
    for number in range(4):
        made = designing.make(Told("register", f"台账{number}"), by=by, now=now)
        designing.write_questions(made.pk, SURVEY_ASKS, by=by, now=now, seen=None)
        designing.open_(made.pk, by=by, now=now)
    worker = world.actor("worker")
    found = there(worker, now)
    with django_assert_max_num_queries(16):
        told = surveys.told(worker, now, found)
    assert len(told) == 8
    assert told[0]["kind"] == "survey"  # what has a deadline comes first


def entry(world: World, **more: Any) -> dict[str, Any]:
    answers = {"sort": "vegetable", "area": "12", "lived_in": False,
               "shot": [str(world.photo("worker", "other"))]}  # fmt: skip
    return {
        "entry": str(uuid.uuid4()), "said": str(uuid.uuid4()), "answers": answers,
        "at": int(time.time() * 1000) - 5000, "lon": LON, "lat": LAT, "place": "河边",
    } | more  # fmt: skip


def test_an_entry_sent_again_is_the_same_whatever_the_key(world: World, as_: As) -> None:
    made, client = with_survey(world), as_("worker")
    path = f"/field/surveys/{made.survey.pk}/do/entry"
    body = entry(world)
    for key in ("k1", "k1", "k2"):
        assert send(client, path, body, key).status_code == 200
    found = SurveyEntry.objects.get(pk=body["entry"])
    assert (found.name, found.place, found.photos.count()) == ("河边", "河边", 1)
    beside = send(as_("far_worker"), path, entry(world))
    assert (beside.status_code, beside.json()["field"]) == (422, "lon")
    wrong = send(client, path, entry(world, answers={"sort": "vegetable"}), "k3")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_answers")
    away = send(client, path, entry(world, lon=LON + 0.5), "k4")
    assert (away.status_code, away.json()["field"]) == (422, "lon")


def test_a_target_is_entered_or_cannot_be(world: World, as_: As) -> None:
    made, client = with_survey(world), as_("worker")
    path = f"/field/surveys/{made.survey.pk}/do"
    strange = send(client, f"{path}/obstacle", {"target": str(uuid.uuid4()), "why": "gone"}, "k1")
    assert strange.status_code == 404
    told = {"target": str(made.target.pk), "why": "gone"}
    assert send(client, f"{path}/obstacle", told, "k2").json()["obstacle"] == "gone"
    assert of(client, made.survey)["targets_left"] == 0
    body = entry(world, target=str(made.target.pk), lon=None, lat=None)
    assert send(client, f"{path}/entry", body, "k3").status_code == 200
    made.target.refresh_from_db()
    assert (made.target.obstacle, made.target.done_at is not None) == ("", True)


def test_what_came_back_is_answered_anew(world: World, as_: As) -> None:
    made, client = with_survey(world), as_("worker")
    path = f"/field/surveys/{made.survey.pk}/do/entry"
    answers = {"sort": "living", "area": "30", "lived_in": True, "people": "3"}
    body = entry(world, entry=str(made.back.pk), version=made.back.version, answers=answers)
    assert send(client, path, body | {"version": 1}).status_code == 409
    assert send(client, path, body, "k2").json()["state"] == "kept"
    made.back.refresh_from_db()
    assert (made.back.state, made.back.photos.count()) == ("kept", 1)


def test_the_grid_is_through(world: World, as_: As) -> None:
    made, client = with_survey(world), as_("worker")
    path = f"/field/surveys/{made.survey.pk}/do/through"
    assert send(client, path, {}, "k1").status_code == 409  # a target is left
    made.survey.targets.filter(done_at=None).delete()
    assert send(client, path, {}, "k2").json() == {"finished": True}
    assert SurveyGrid.objects.get().grid_code == world.posts["worker"].area_code
    assert of(client, made.survey)["finished"]
    assert send(client, path, {"undo": True}, "k3").json() == {"finished": False}
