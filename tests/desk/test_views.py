"""Views of the queue that are kept under a name: by whom, which, and how many cases stand there."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from huying.audit.models import AccessLog
from huying.desk import queue, saved
from huying.desk.models import SavedView
from huying.people.models import Post
from tests.desk.test_searching import PHONE, searched
from tests.desk.world import ELSEWHERE, ITEM, World

As = Callable[..., Client]
RED = "tab=area&light=red"


def keep(client: Client, query: str, name: str) -> int:
    return client.post("/desk/views/new", {"query": query, "name": name}).status_code


def names() -> list[str]:
    return list(SavedView.objects.order_by("position").values_list("name", flat=True))


def chips(page: str) -> list[str]:
    return re.findall(r'<span class="view-name">([^<]*)</span>', page)


def test_a_view_is_kept_and_stands_over_every_list(world: World, as_: As) -> None:
    client = as_("dispatcher")
    query = f"tab=area&state=reported&item={ITEM}"
    page = client.get(f"/desk/?{query}").content.decode()
    assert "保存此视图" in page
    form = client.get(f"/desk/views/new?{query}").content.decode()
    (name,) = re.findall(r'name="name" value="([^"]*)"', form)
    assert name.startswith("待立案·")
    assert len(name) <= saved.LONGEST
    answer = client.post("/desk/views/new", {"query": f"{query}&junk=1", "name": name})
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/?{query}")
    page = client.get("/desk/?tab=mine").content.decode()
    assert chips(page) == [name]
    assert 'class="chip" aria-current' not in page
    page = client.get(f"/desk/?{query}").content.decode()
    assert (
        f'href="?{query.replace("&", "&amp;")}" aria-current="page"><span class="view-name">'
        in page
    )
    assert "保存此视图" not in page, "it is kept already"


@pytest.mark.parametrize("query", ["", "tab=area", "tab=nonsense", "light=purple"])
def test_without_a_choice_there_is_nothing_to_keep(world: World, as_: As, query: str) -> None:
    client = as_("dispatcher")
    assert "保存此视图" not in client.get(f"/desk/?{query or 'tab=mine'}").content.decode()
    assert keep(client, query, "空") == 422
    assert not SavedView.objects.exists()


def test_a_phone_is_never_kept(world: World, as_: As) -> None:
    world.reported(contact_phone=PHONE)
    client = as_("dispatcher")
    by_phone = searched(client, PHONE)
    assert "保存此视图" not in client.get(f"/desk/?{by_phone}").content.decode()
    for query in (by_phone, f"tab=area&q={PHONE}", "tab=area&q=138-2605-1234", f"q=张 {PHONE}"):
        assert keep(client, query, "电话") == 422
    assert keep(client, RED, "张 138 2605 1234") == 422
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "\0\u200b", "名" * 21])
def test_a_name_that_will_not_do_is_said_beside_it(world: World, as_: As, name: str) -> None:
    answer = as_("dispatcher").post("/desk/views/new", {"query": RED, "name": name})
    assert answer.status_code == 422
    assert 'id="bad-name"' in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_name_stands_once_and_a_view_once(world: World, as_: As) -> None:
    client = as_("dispatcher")
    assert keep(client, RED, " 超期  件 ") == 302
    assert names() == ["超期 件"]
    answer = client.post("/desk/views/new", {"query": "tab=mine&light=red", "name": "超期 件"})
    assert answer.status_code == 422
    assert 'value="超期 件"' in answer.content.decode(), "what was typed is still there"
    answer = client.post("/desk/views/new", {"query": RED, "name": "又一个"})
    assert answer.status_code == 422
    assert "超期 件" in answer.content.decode()
    assert keep(as_("checker"), RED, "超期 件") == 302, "another person has names of their own"


def test_twelve_are_enough(world: World, as_: As) -> None:
    client = as_("dispatcher")
    for n in range(saved.MOST):
        assert keep(client, f"tab=area&q=词{n}", f"视图{n}") == 302
    assert keep(client, RED, "第十三") == 422
    assert len(names()) == saved.MOST


def test_views_belong_to_a_post(world: World, as_: As) -> None:
    client = as_("dispatcher")
    keep(client, RED, "超期")
    post = world.posts["dispatcher"]
    Post.objects.create(
        account=post.account,
        role=post.role,
        area_code=ELSEWHERE,
        district_code=post.district_code,
        starts_on=post.starts_on,
    )
    other = Post.objects.latest("id")
    session = client.session
    session["post"] = other.pk
    session.save()
    assert chips(client.get("/desk/?tab=area").content.decode()) == []
    assert keep(client, "tab=held&light=red", "超期") == 302
    # A renewed post in the same role and area goes on with its views.
    Post.objects.filter(pk=other.pk).delete()
    renewed = Post.objects.create(
        account=post.account,
        role=post.role,
        area_code=ELSEWHERE,
        district_code=post.district_code,
        starts_on=post.starts_on,
    )
    session = client.session
    session["post"] = renewed.pk
    session.save()
    assert chips(client.get("/desk/?tab=area").content.decode()) == ["超期"]


def arranged(client: Client, order: list[SavedView], **more: object) -> int:
    sent: dict[str, object] = {"view": [str(view.pk) for view in order]}
    sent |= {f"name-{view.pk}": view.name for view in order}
    return client.post("/desk/views", sent | more).status_code


def test_names_change_places_and_views_go(world: World, as_: As) -> None:
    client = as_("dispatcher")
    for n, name in enumerate("甲乙丙"):
        keep(client, f"tab=area&q=词{n}", name)
    first, second, third = SavedView.objects.order_by("position")
    swapped = {f"name-{first.pk}": "乙", f"name-{second.pk}": "甲"}
    assert arranged(client, [third, first, second], **swapped) == 302
    assert names() == ["丙", "乙", "甲"]
    first.refresh_from_db()
    assert (first.name, first.query) == ("乙", "tab=area&q=%E8%AF%8D0")
    left = list(SavedView.objects.order_by("position"))
    assert arranged(client, left, remove=[str(third.pk)]) == 302
    assert names() == ["乙", "甲"]
    page = client.post(
        "/desk/views", {"view": str(first.pk), f"name-{first.pk}": "乙", "next": "/desk/?tab=held"}
    )
    assert page["Location"] == "/desk/?tab=held"


def test_without_scripts_a_button_moves_a_view(world: World, as_: As) -> None:
    client = as_("dispatcher")
    for n, name in enumerate("甲乙丙"):
        keep(client, f"tab=area&q=词{n}", name)
    views = list(SavedView.objects.order_by("position"))
    assert arranged(client, views, down=str(views[0].pk)) == 200
    assert names() == ["乙", "甲", "丙"]
    views = list(SavedView.objects.order_by("position"))
    assert arranged(client, views, up=str(views[0].pk)) == 200, "there is nothing above the first"
    assert names() == ["乙", "甲", "丙"]


def test_a_bad_name_changes_nothing_and_stays_to_be_mended(world: World, as_: As) -> None:
    client = as_("dispatcher")
    keep(client, RED, "甲")
    keep(client, "tab=mine&light=red", "乙")
    first, second = SavedView.objects.order_by("position")
    answer = client.post(
        "/desk/views",
        {
            "view": [str(second.pk), str(first.pk)],
            f"name-{first.pk}": "  ",
            f"name-{second.pk}": "新名",
        },
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert page.index("新名") < page.index(f'id="bad-{first.pk}"')
    assert names() == ["甲", "乙"]


def test_somebody_elses_view_is_not_there(world: World, as_: As) -> None:
    keep(as_("checker"), RED, "核查")
    (theirs,) = SavedView.objects.all()
    client = as_("dispatcher")
    keep(client, RED, "自己")
    own = SavedView.objects.exclude(pk=theirs.pk).get()
    assert arranged(client, [theirs], **{f"name-{theirs.pk}": "改名"}) == 404
    assert arranged(client, [own], remove=[str(theirs.pk)]) == 404
    assert client.post("/desk/views", {"view": "no-uuid"}).status_code == 404
    page = client.get("/desk/views").content.decode()
    assert "自己" in page
    assert "核查" not in re.findall(r'value="([^"]*)" maxlength', page)
    assert str(theirs.pk) not in client.get("/desk/views/counts").json()
    assert sorted(names()) == sorted(["核查", "自己"])


def test_the_numbers_are_those_of_what_one_may_see(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("路灯不亮", "路灯坏了", "垃圾成堆"):
        world.held_by_town(world.reported(text))
    world.closed(text="路灯不亮，已修好")
    for person in ("dispatcher", "far_dispatcher"):
        client = as_(person)
        keep(client, "tab=area&state=reported", "待立案")
        keep(client, "tab=area&q=路灯", "路灯")
        keep(client, "tab=area&ended=1", "已结束")
        keep(client, "tab=area&q=灯", "一个字")
        found = client.get("/desk/views/counts").json()
        told = {SavedView.objects.get(pk=UUID(pk)).name: count for pk, count in found.items()}
        expected = ("3", "2") if person == "dispatcher" else ("0", "0")
        assert told == dict(zip(("待立案", "路灯"), expected, strict=True)), "others cost too much"
    monkeypatch.setattr(queue, "MOST_COUNTED", 2)
    assert "2+" in as_("dispatcher").get("/desk/views/counts").json().values()


def test_no_number_is_waited_for_too_long(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_("dispatcher")
    keep(client, RED, "超期")
    monkeypatch.setattr(saved, "COUNTING_S", -1)
    assert client.get("/desk/views/counts").json() == {}


def test_what_is_chosen_no_more_is_left_out_of_a_view(world: World, as_: As) -> None:
    """A post of another role is given the same row by nobody; a filter may go with an update."""
    client = as_("dispatcher")
    keep(client, RED, "超期")
    SavedView.objects.update(query="tab=gone&light=red&state=bygone")
    page = client.get("/desk/?tab=mine&light=red").content.decode()
    assert 'href="?tab=mine&amp;light=red" aria-current="page"' in page


def test_names_are_in_no_log(world: World, as_: As, caplog: pytest.LogCaptureFixture) -> None:
    client = as_("dispatcher")
    caplog.set_level("DEBUG")
    keep(client, RED, "王小明投诉")
    keep(client, "tab=held&light=red", "王小明投诉")
    client.get("/desk/?tab=mine")
    assert "王小明" not in caplog.text
    assert not AccessLog.objects.filter(subject_type__icontains="view").exists()
