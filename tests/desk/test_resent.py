"""A form of the desk that is sent again makes nothing twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from huying.cases.models import Case, IdempotencyKey
from huying.desk import urls
from huying.neighbours.models import Suggestion
from tests.desk.world import COMMUNITY, World, picture

As = Callable[[str], Client]

NEW = "/desk/cases/new"
TOLD = {"channel": "hotline", "text": "东街口垃圾堆了三天，臭味很大。", "area": COMMUNITY}


def number_on(page: bytes) -> str:
    found = re.search(r'name="form_number" value="([^"]+)"', page.decode())
    assert found is not None
    return found[1]


@pytest.fixture
def desk(as_: As) -> Client:
    return as_("dispatcher")


def test_a_new_case_sent_twice_is_one_and_the_browser_forgets_its_draft(
    world: World, desk: Client
) -> None:
    form = TOLD | {"form_number": number_on(desk.get(NEW).content)}
    first, second = desk.post(NEW, form), desk.post(NEW, form)
    case = Case.objects.get()
    assert first.url == second.url == f"/desk/cases/{case.number}"
    page = desk.get(second.url).content.decode()
    assert "这张表单此前已经提交成功，只办理了一次。" in page
    assert f'data-draft-taken="{world.accounts["dispatcher"].pk}.new"' in page


def test_two_forms_with_the_same_words_are_two_cases(world: World, desk: Client) -> None:
    for _n in range(2):
        assert desk.post(NEW, TOLD | {"form_number": number_on(desk.get(NEW).content)}).url
    assert Case.objects.count() == 2


def test_the_same_form_of_another_account_is_another(world: World, as_: As) -> None:
    form = TOLD | {"form_number": number_on(as_("dispatcher").get(NEW).content)}
    for name in ("dispatcher", "leader"):
        assert as_(name).post(NEW, form).status_code == 302
    assert Case.objects.count() == 2


def test_a_form_that_was_refused_keeps_its_number_and_its_photos_and_is_then_taken_once(
    world: World, desk: Client
) -> None:
    form = TOLD | {"text": "", "form_number": number_on(desk.get(NEW).content)}
    answer = desk.post(NEW, form | {"file_photos": picture()})
    assert answer.status_code == 422
    assert number_on(answer.content) == form["form_number"]
    assert not IdempotencyKey.objects.exists()
    (photo,) = re.findall(r"/desk/attachments/([0-9a-f-]+)/thumb", answer.content.decode())
    for _n in range(2):
        assert desk.post(NEW, form | {"text": TOLD["text"], "photos": photo}).status_code == 302
    assert Case.objects.get().attachments.count() == 1


def test_a_form_sent_again_with_other_words_shows_what_it_made_and_may_be_another(
    world: World, desk: Client
) -> None:
    form = TOLD | {"form_number": number_on(desk.get(NEW).content)}
    made = desk.post(NEW, form).url
    answer = desk.post(NEW, form | {"text": "西街口也有一堆 <b>"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f'href="{made}"' in page
    assert 'name="text" value="西街口也有一堆 &lt;b&gt;"' in page
    assert Case.objects.count() == 1
    anew = number_on(answer.content)
    assert anew != form["form_number"]
    assert (
        desk.post(NEW, form | {"text": "西街口也有一堆 <b>", "form_number": anew}).status_code
        == 302
    )
    assert Case.objects.count() == 2


@pytest.mark.parametrize("number", ["", "made-up", "made:up:x"])
def test_a_number_that_is_not_ours_is_none(world: World, desk: Client, number: str) -> None:
    for _n in range(2):
        assert desk.post(NEW, TOLD | {"form_number": number}).status_code == 302
    assert Case.objects.count() == 2


def test_a_suggestion_told_at_the_desk_twice_is_one(world: World, as_: As) -> None:
    desk, url = as_("dispatcher"), "/desk/neighbours/suggestions/new"
    form = {"words": "楼下想要一张长椅", "area": COMMUNITY}
    form["form_number"] = number_on(desk.get(url).content)
    first, second = desk.post(url, form), desk.post(url, form)
    assert first.status_code == second.status_code == 200
    assert Suggestion.objects.count() == 1
    assert desk.post(url, form | {"words": "另一件"}).status_code == 409


HAVE_THEIR_OWN = {
    "new_view": "is kept by its name",
    "new_call": "has its key",
    "new_survey_entry": "has the ids of what it makes",
    "new_care": "leads to who is on the list already",
    "new_rule": "a rule has its code",
    "neighbours_new_suggestion": "has the number of its form",
}


def test_every_form_of_the_desk_that_makes_something_is_done_once() -> None:
    for pattern in urls.urlpatterns:
        name = pattern.name or ""
        if not name.startswith(("new_", "joint_new_", "neighbours_new_", "platforms_new_")):
            continue
        if name in HAVE_THEIR_OWN or name.endswith(("_hints", "_questions")):
            continue
        assert is_done_once(pattern.callback), name


def is_done_once(view: Any) -> bool:
    while view is not None:
        if view.__code__.co_name == "done_once":
            return True
        view = getattr(view, "__wrapped__", None)
    return False
