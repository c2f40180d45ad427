"""The page of what suggests items: figures, a try, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone

from huying.catalogue.learned import digest
from huying.catalogue.models import SuggestionModel
from huying.intake import suggesting
from huying.people.models import Account, Post, Role
from tests.catalogue.test_learning import learn, made
from tests.desk.world import DISTRICT, World


@pytest.fixture(autouse=True)
def administrator(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("huying.people.second_factor.was_used", lambda *_: True)
    monkeypatch.setattr("huying.people.second_factor.is_set_up", lambda *_: True)
    for name, role in (("admin", Role.ADMINISTRATOR), ("auditor", Role.AUDITOR)):
        world.accounts[name] = Account.objects.create(username=f"t-{name}", name=name)
        world.posts[name] = Post.objects.create(
            account=world.accounts[name], role=role, area_code=DISTRICT, district_code=DISTRICT,
            starts_on=timezone.localdate(),
        )  # fmt: skip
    suggesting.forget()
    yield
    suggesting.forget()


def test_an_administrator_reads_the_figures_tries_a_sentence_and_goes_back(
    world: World, as_: Callable[..., Client]
) -> None:
    admin, auditor = as_("admin"), as_("auditor")
    assert "尚未学习过" in admin.get("/desk/suggestions/").content.decode()
    items = {"lamp": "0212", "waste": "0211", "noise": "0206"}
    model = learn([type(x)(x.text, items[x.label]) for x in made()])
    data, now = model.as_bytes(), timezone.now()
    figures = {"n": 60, "macro_f1": 0.91, "right": 0.88, "answered": 0.95, "f1": {}}
    row = SuggestionModel.objects.create(
        made_at=now, learnt_until=now, outcome="better", in_charge=True, learnt_from=240,
        measured_on=60, figures=figures, figures_before=figures | {"macro_f1": 0.72},
        data=data, digest=digest(data),
    )  # fmt: skip
    suggesting.forget()
    page = admin.post("/desk/suggestions/", {"text": "巷口路灯坏了，灯不亮"}).content.decode()
    for words in ("0.910", "0.720", "88 %", "0212", "把握", "退回事项清单词语匹配"):
        assert words in page
    assert "退回事项清单词语匹配" not in auditor.get("/desk/suggestions/").content.decode()
    assert auditor.post("/desk/suggestions/charge", {"model": ""}).status_code == 403
    assert admin.post("/desk/suggestions/charge", {"model": ""}).status_code == 302
    row.refresh_from_db()
    assert not row.in_charge
    assert admin.post("/desk/suggestions/charge", {"model": "x"}).status_code == 409
    assert admin.post("/desk/suggestions/charge", {"model": str(row.pk)}).status_code == 302
    assert "人工启用" in admin.get("/desk/suggestions/").content.decode()


def test_the_desk_reads_why_an_item_is_suggested(world: World, as_: Callable[..., Client]) -> None:
    desk = as_("dispatcher")
    case = world.reported(text="和兴路路灯不亮", item="")
    assert case.suggested_item == "0212"
    assert "文中提到" in desk.get(f"/desk/cases/{case.number}/accept").content.decode()
    told = desk.get("/desk/cases/new/hints", {"text": "和兴路路灯不亮"}).content.decode()
    assert "文中提到“路灯" in told
