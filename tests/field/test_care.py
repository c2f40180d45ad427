"""Visits on the phone: who goes along, and what is sent, once however often."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.test import Client

from huying.care.models import CareCase, CarePerson, CareVisit
from huying.cases.models import Case
from tests.browser.everywhere import with_care
from tests.desk.world import LAT, LON, World
from tests.field.test_data import data
from tests.field.test_patrol import send

As = Callable[..., Client]


def test_who_is_due_goes_along_masked_and_without_why_they_are_on_the_list(
    world: World, as_: As
) -> None:
    with_care(world)
    told = data(as_("worker"))["care"]
    first = told["people"][0]
    assert (first["name"], first["standing"], first["misses"]) == ("欧***", "late", 2)
    assert first["address"].endswith("502房")
    answer = as_("worker").get("/field/data").content.decode()
    for secret in ("欧阳秀英", "13822223333", "高血压", "残疾人", "独居老人", "欧阳建国"):
        assert secret not in answer
    assert data(as_("far_worker"))["care"]["people"] == []
    assert data(as_("dispatcher"))["care"] == {"people": []}


def test_a_visit_is_taken_once_and_a_refused_one_can_be_mended(world: World, as_: As) -> None:
    care = with_care(world).care
    path, client = f"/field/care/{care.pk}/visit", as_("worker")
    body = {
        "visit": str(uuid.uuid4()), "way": "door", "outcome": "well",
        "lon": LON + 0.01, "lat": LAT, "accuracy_m": 9,
    }  # fmt: skip
    refused = send(client, path, body)
    assert (refused.status_code, refused.json()["field"]) == (422, "position")
    body |= {"lon": LON, "words": "很好", "photos": [str(world.photo("worker", "other"))]}
    for _again in range(2):
        assert send(client, path, body).status_code == 200
    visit = CareVisit.objects.get(pk=body["visit"])
    assert (visit.distance_m, visit.files.count()) == (0, 1)
    assert CarePerson.objects.get(pk=care.pk).misses == 0
    assert send(as_("far_worker"), path, body, "k2").status_code == 404
    assert send(client, f"/field/care/{care.pk}/other", body, "k3").status_code == 404
    for wrong in ({"needs": "x"}, {"photos": "x"}, {"lon": "x"}, {"words": 5}):
        assert send(client, path, body | wrong, "k4").status_code == 422


def test_an_emergency_comes_back_with_its_cases_number(world: World, as_: As) -> None:
    care = with_care(world).care
    cases = Case.objects.count()
    body = {"visit": str(uuid.uuid4()), "way": "door", "outcome": "alarm", "sort": "no_answer"}
    client, path = as_("worker"), f"/field/care/{care.pk}/visit"
    first = send(client, path, body).json()
    assert send(client, path, body).json() == first
    assert Case.objects.count() == cases + 1
    case = Case.objects.get(number=first["number"])
    assert CareCase.objects.get(case=case).care_id == care.pk
    page = as_("dispatcher").get(f"/desk/cases/{case.number}").content.decode()
    assert "走访关爱对象时发现" in page
    assert "欧阳" not in page
    assert str(care.pk) in page
    handler = as_("checker").get(f"/desk/cases/{case.number}").content.decode()
    assert str(care.pk) not in handler
