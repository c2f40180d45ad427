"""The public pages of neighbours: what they take, what they tell, and whom they never name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client, TestCase

from huying import limiting
from huying.cases import attaching
from huying.cases.attaching import file_of
from huying.cases.models import Attachment
from huying.neighbours import figures, suggesting, wishing
from huying.neighbours.models import NeighbourPhoto, Suggestion, Wish
from huying.public import guarding
from tests.desk.world import COMMUNITY, picture
from tests.neighbours.stories import now, published, reported, suggested

if TYPE_CHECKING:
    from tests.desk.world import World

URL = f"/n/{COMMUNITY}/suggest"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    limiting.forget()
    monkeypatch.setattr(guarding, "LEAST_SECONDS", 0)


def filled(**more: Any) -> dict[str, Any]:
    """The form as a browser without scripts sends it, with the sum worked out."""
    ticket = guarding.new_ticket()
    read = guarding.read_ticket(ticket)
    assert read is not None
    told = {
        "ticket": ticket,
        "answer": str(sum(guarding._sum(read))),
        "words": "门口垃圾桶总是满的。",
        "consent": "on",
    }
    return told | more


def test_a_suggestion_comes_in_with_its_code_and_the_page_repeats_no_words(world: World) -> None:
    photo = picture()
    photo.name = "a.jpg"
    answer = Client().post(URL, filled(phone="13926187754", photos=[photo]))
    assert answer.status_code == 302
    found = Suggestion.objects.get()
    assert (found.source, found.area_code, found.photos.count()) == ("public", COMMUNITY, 1)
    page = Client().get(answer.url).content.decode()
    for secret in ("13926187754", "7754", "总是满的"):
        assert secret not in page


def test_what_is_missing_is_said_at_its_field_and_nothing_is_lost(world: World) -> None:
    photo = picture()
    photo.name = "a.jpg"
    sent = filled(words="路太黑", photos=[photo], phone="不是号码")
    page = Client().post(URL, sent)
    assert page.status_code == 422
    said = page.content.decode()
    for kept in ("路太黑", "不是号码", sent["ticket"]):
        assert kept in said
    kept_photos = page.context["kept"]
    assert Client().post(URL, sent | {"phone": "", "photos": [], "kept": kept_photos}).url
    assert Suggestion.objects.get().photos.count() == 1
    for wrong, words in (
        ({"words": " "}, "请用文字说明"),
        ({"consent": ""}, "请先阅读"),
        ({"answer": "0"}, "算式"),
        ({"website": "x"}, "隐藏"),
    ):
        refused = Client().post(URL, filled(**wrong))
        assert refused.status_code == 422, words
    assert Suggestion.objects.count() == 1


def test_a_refused_suggestion_leaves_no_photo_that_is_not_kept_for_its_sender(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def files() -> set[str]:
        return {path.name for path in attaching.folder().rglob("*.jpg")}

    def photo() -> Any:
        found = picture()
        found.name = "a.jpg"
        return found

    before = files()
    for wrong in ({"ticket": "x"}, {"website": "x"}):
        page = Client().post(URL, filled(photos=[photo()]) | wrong)
        assert "照片未能保留" in page.content.decode()
        assert (page.context["kept"], page.context["kept_count"]) == ("", 0)
    assert files() == before
    assert Client().post(URL, filled(answer="0", photos=[photo()])).context["kept_count"] == 1
    kept = files()
    monkeypatch.setattr(guarding, "KEPT", 1)
    page = Client().post(URL, filled(answer="0", photos=[photo()]))
    assert "照片未能保留" in page.content.decode()
    assert files() == kept


def test_the_same_form_twice_is_one_suggestion(world: World) -> None:
    sent = filled()
    first, again = Client().post(URL, sent), Client().post(URL, sent)
    assert first.url == again.url
    assert Client().post(URL, sent | {"words": "另一件"}).status_code == 409
    assert Suggestion.objects.count() == 1


def test_too_many_from_one_address_have_to_wait(world: World) -> None:
    codes = [
        Client().post(URL, filled(words=f"第{n}件")).status_code
        for n in range(guarding.REPORTS + 1)
    ]
    assert codes[-1] == 429
    assert Suggestion.objects.count() == guarding.REPORTS


def test_an_answer_and_its_reason_stand_on_the_page_of_the_code(world: World) -> None:
    found, code = suggested()
    by = world.actor("dispatcher")
    suggesting.answer(found.pk, "该路段属市政管养，已转告。", by=by, now=now())
    assert "该路段属市政管养" in Client().get(f"/n/f/{code}").content.decode()


def test_nothing_public_names_anybody(world: World) -> None:
    wish = published(world, words="联系人电话13926187754")
    reported(world, wish)
    draft = wishing.write(
        COMMUNITY,
        wishing.Told("wish", "还没发布的心愿", "草稿"),
        by=world.actor("dispatcher"),
        now=now(),
    )
    page = Client().get(f"/n/{COMMUNITY}").content.decode()
    assert wish.title in page
    for secret in ("何党员", "李建华", "13926187754", draft.title, "小龙村党支部"):
        assert secret not in page
    (photo,) = NeighbourPhoto.objects.all()
    assert Client().get(f"/n/photos/{photo.pk}").status_code == 404


def test_the_desk_turns_a_suggestion_into_a_case_by_the_one_door(
    world: World, as_: Callable[..., Client]
) -> None:
    found, code = suggested("路灯不亮，电话13926187754", phone="13926187754", spot="东街口")
    desk = as_("dispatcher")
    answer = desk.post(f"/desk/neighbours/suggestions/{found.pk}/case", {"version": found.version})
    assert answer.status_code == 302
    found.refresh_from_db()
    assert found.case is not None
    assert found.case.area_code == COMMUNITY
    assert found.case.contacts.get().phone_masked == "139****7754"
    again = desk.post(f"/desk/neighbours/suggestions/{found.pk}/case", {"version": found.version})
    assert again.status_code == 409
    assert "已转为案件办理" in Client().get(f"/n/f/{code}").content.decode()


def test_a_page_that_is_stale_says_so_and_does_nothing(
    world: World, as_: Callable[..., Client]
) -> None:
    wish, desk = published(world), as_("dispatcher")
    answer = desk.post(f"/desk/neighbours/wishes/{wish.pk}/close", {"version": 1, "reason": "不办"})
    assert answer.status_code == 409
    assert Wish.objects.get().state == "open"


def test_a_result_without_a_photo_keeps_its_words(world: World, as_: Callable[..., Client]) -> None:
    wish, member = published(world), as_("member")
    assert member.post(f"/desk/neighbours/mine/{wish.pk}/claim").status_code == 302
    refused = member.post(f"/desk/neighbours/mine/{wish.pk}/result", {"words": "换好了，试过亮"})
    assert refused.status_code == 422
    assert "换好了，试过亮" in refused.content.decode()


@pytest.mark.parametrize("code", ["440113", "440113120", "440113999999", "x"])
def test_only_communities_have_a_page(world: World, code: str) -> None:
    assert Client().get(f"/n/{code}").status_code == 404
    assert Client().get(f"/n/{code}/suggest").status_code == 404


def test_whoever_has_the_code_has_their_data_erased(
    world: World, as_: Callable[..., Client]
) -> None:
    photo = picture()
    photo.name = "a.jpg"
    answer = Client().post(URL, filled(phone="13926187754", photos=[photo], spot="东街口"))
    kept = Attachment.objects.get()
    assert file_of(kept.pk).exists()
    assert Client().post(f"{answer.url}/forget").status_code == 422
    with TestCase.captureOnCommitCallbacks(execute=True):
        gone = Client().post(f"{answer.url}/forget", {"sure": "yes"})
    assert gone.status_code == 302
    row = Suggestion.objects.get()
    assert (row.words, row.spot, row.phone_enc, row.phone_index, row.phone_masked) == (
        "", "", None, None, "",
    )  # fmt: skip
    assert bytes(row.said_digest) == b""
    assert row.state == "answered"
    assert not Attachment.objects.exists()
    assert not file_of(kept.pk).exists()
    page = Client().get(answer.url)
    assert page.status_code == 200
    assert "您的个人信息已删除" in page.content.decode()
    assert figures.of_area(COMMUNITY).collected == 1
    seen = as_("dispatcher").get(f"/desk/neighbours/suggestions/{row.pk}")
    assert "显示电话" not in seen.content.decode()


def test_a_result_that_was_refused_keeps_its_photos(
    world: World, as_: Callable[..., Client]
) -> None:
    wish, member = published(world), as_("member")
    member.post(f"/desk/neighbours/mine/{wish.pk}/claim")
    photo = picture()
    photo.name = "a.jpg"
    url = f"/desk/neighbours/mine/{wish.pk}/result"
    refused = member.post(url, {"words": "", "after": [photo]})
    assert refused.status_code == 422
    (kept,) = refused.context["kept_after"]
    assert str(kept) in refused.content.decode()
    assert member.post(url, {"words": "换好了", "kept_after": [str(kept)]}).status_code == 302
    assert NeighbourPhoto.objects.get().attachment_id == kept
