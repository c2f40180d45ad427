"""The search box: what is typed leads to a view, and a phone number leaves no trace of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huying.audit.models import AccessLog
from huying.cases import finding
from huying.desk import queue
from huying.desk.filters import Filters
from huying.desk.models import Export
from huying.shelf import Lately
from tests.desk.test_queue import listed
from tests.desk.world import World

As = Callable[..., Client]
PHONE = "13826051234"


def searched(client: Client, words: str, **chosen: str) -> str:
    """The query of the view that a search leads to."""
    answer = client.post("/desk/find", {"tab": "area", "q": words} | chosen)
    assert answer.status_code == 302
    parts = urlsplit(answer["Location"])
    assert parts.path in ("/desk/", "/desk/map/")
    return parts.query


def test_words_lead_to_a_view_that_can_be_sent_to_a_colleague(world: World, as_: As) -> None:
    case = world.reported()
    world.reported("别处路灯不亮")
    client = as_("dispatcher")
    query = searched(client, " 臭味 ", state="reported")
    assert parse_qs(query) == {"tab": ["area"], "q": ["臭味"], "state": ["reported"]}
    assert listed(client, query) == [case.number]
    page = client.get(f"/desk/?{query}").content.decode()
    assert "<mark>臭味</mark>" in page
    assert "匹配" in page


def test_the_map_keeps_its_page(world: World, as_: As) -> None:
    answer = as_("dispatcher").post("/desk/find", {"tab": "area", "q": "臭味", "page": "map"})
    assert answer["Location"].startswith("/desk/map/?")


def test_a_long_report_shows_the_piece_with_the_words(world: World, as_: As) -> None:
    world.reported("路" * 300 + "煤气味很重" + "灯" * 300)
    client = as_("dispatcher")
    page = client.get("/desk/?tab=area&q=煤气味").content.decode()
    assert "…" + "路" * queue.BEFORE_HIT + "<mark>煤气味</mark>" in page


def test_frequent_words_are_walked_to_in_the_order_of_the_list(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few cases are gone through at a time, by queue and map the same ones come first."""
    made = [world.reported(f"{'臭味' if n % 3 else '路灯不亮'}，第{n}处") for n in range(9)]
    fitting = {case.number for case in made[1::3] + made[2::3]}
    client, views = as_("dispatcher"), ("tab=area&q=臭味", "tab=area&q=臭味 处")
    known = [listed(client, view) for view in views]
    assert [set(each) for each in known] == [fitting, fitting]
    monkeypatch.setattr(queue, "WALKED", 1)
    assert [listed(client, view) for view in views] == known, "each looked up"
    monkeypatch.setattr(finding, "_frequent", Lately(finding.FREQUENT_FOR_S, 9))
    monkeypatch.setattr(finding, "MOST_KNOWN", 0)
    for first, last in ((1, 1), (1, 2), (3, 4), (9, 9), (1000, 1000)):
        monkeypatch.setattr(finding, "FIRST_STEP", first)
        monkeypatch.setattr(finding, "LAST_STEP", last)
        assert [listed(client, view) for view in views] == known
        shown = [client.get(f"/desk/map/list?{view}").content.decode() for view in views]
        assert [re.findall(r'data-row="(\d+)"', page) for page in shown] == known
        monkeypatch.setattr(queue, "PAGE", 2)
        assert listed(client, views[0]) == known[0][:2]
        monkeypatch.setattr(queue, "PAGE", 30)


def test_a_word_that_is_frequent_is_looked_up_once_in_a_while(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = {world.reported(f"臭味，第{n}处").number for n in range(3)}
    client, now = as_("dispatcher"), 0.0
    kept: Lately[str, bool] = Lately(finding.FREQUENT_FOR_S, 9, look=lambda: now)
    monkeypatch.setattr(finding, "_frequent", kept)
    monkeypatch.setattr(finding, "MOST_KNOWN", 2)
    monkeypatch.setattr(queue, "WALKED", 1)

    def looked_up(word: str) -> bool:
        with CaptureQueriesContext(connection) as asked:
            assert set(listed(client, f"tab=area&q={word}")) == cases
        return any("bigrams(body)" in each["sql"] for each in asked.captured_queries)

    assert looked_up("臭味")
    assert not looked_up("臭味"), "that too many have it is known"
    assert looked_up("，第"), "of another word nothing is known"
    now += finding.FREQUENT_FOR_S
    assert looked_up("臭味")


def test_a_list_that_is_not_long_is_asked_and_nothing_is_looked_up(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each case of it fits for the same reasons, whichever way it is found."""
    case = world.dispatched()
    world.reported("别处路灯不亮")
    unit, actor, now = world.units["lead"], world.actor("dispatcher"), timezone.now()
    searches = ("臭味", "东街 垃圾", "垃圾 没有这回事", unit.name[:4], "小龙", "xlc", "XLC", "a")

    def listed_by(walked: int, words: str) -> list[tuple[Any, ...]]:
        monkeypatch.setattr(queue, "WALKED", walked)
        page = queue.page(Filters(tab="area", words=words), actor, now)
        return [(row.case.pk, row.text, tuple(row.why)) for row in page.rows]

    for words in searches:
        assert listed_by(250, words) == listed_by(1, words), words
    assert [pk for pk, *_ in listed_by(250, unit.name[:4])] == [case.pk]
    with CaptureQueriesContext(connection) as asked:
        listed_by(250, "臭味")
    assert not [each for each in asked if "bigrams" in each["sql"]]
    assert len(asked) <= 4, "the units, the cases, whether there are more, and perhaps the calendar"


def test_a_phone_finds_its_reports_and_is_nowhere_to_be_read(world: World, as_: As) -> None:
    case = world.reported(contact_name="何女士", contact_phone=PHONE)
    world.reported("别处路灯不亮", contact_phone="13800000000")
    client = as_("dispatcher")
    query = searched(client, "138 2605 1234")
    assert PHONE not in query
    assert listed(client, query) == [case.number]
    page = client.get(f"/desk/?{query}").content.decode()
    assert PHONE not in page
    assert "138****1234" in page
    assert "报告人电话" in page
    assert PHONE not in str(dict(client.session))
    (row,) = AccessLog.objects.filter(action="find_by_phone")
    assert (row.subject_id, row.account_id) == (str(case.pk), world.accounts["dispatcher"].pk)


def test_a_phone_search_is_its_sessions_own(world: World, as_: As) -> None:
    """The address sent to a colleague shows nothing; nor does the file of such a list."""
    world.reported(contact_phone=PHONE)
    client = as_("dispatcher")
    query = searched(client, PHONE)
    other = as_("dispatcher")
    assert listed(other, query) == []
    assert "按电话查找已失效" in other.get(f"/desk/?{query}").content.decode()
    assert client.post("/desk/exports", {"query": query}).status_code == 409
    assert not Export.objects.exists()


def test_a_phone_finds_only_what_one_may_see(world: World, as_: As) -> None:
    world.reported(contact_phone=PHONE)
    far = as_("far_dispatcher")
    assert listed(far, searched(far, PHONE)) == []
    assert not AccessLog.objects.filter(action="find_by_phone").exists()


def test_a_leader_is_told_that_phones_are_not_for_searching(world: World, as_: As) -> None:
    world.reported(contact_phone=PHONE)
    client = as_("leader")
    query = searched(client, PHONE)
    assert "phone" not in query
    assert PHONE not in query
    assert "您的岗位不能按电话查找" in client.get(f"/desk/?{query}").content.decode()


@pytest.mark.parametrize("digits", [slice(-4, None), slice(-8, None), slice(0, 17)])
def test_the_digits_of_a_number_are_no_phone(world: World, as_: As, digits: slice) -> None:
    case = world.reported()
    client = as_("dispatcher")
    query = searched(client, case.number[digits])
    assert parse_qs(query)["q"] == [case.number[digits]]
    assert case.number in listed(client, query)


@pytest.mark.parametrize("words", ["", "\0", "<script>", "%%%", "a" * 500, "1" * 25, "＋８６"])
def test_odd_words_find_nothing_and_break_nothing(world: World, as_: As, words: str) -> None:
    world.reported()
    client = as_("dispatcher")
    answer = client.get(f"/desk/?{searched(client, words)}")
    assert answer.status_code == 200


def test_pages_leave_compressed_and_photos_as_they_are(world: World, as_: As) -> None:
    client = as_("dispatcher")
    page = client.get("/desk/?tab=area", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    photo = world.photo("dispatcher", "other")
    assert "Content-Encoding" not in client.get(
        f"/desk/attachments/{photo}", headers={"Accept-Encoding": "gzip"}
    )


def test_a_number_among_other_words_is_masked_in_the_address_and_found_all_the_same(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.reported("路灯坏了，电话13926187753")
    answer = as_("dispatcher").post("/desk/find", {"q": "电话13926187753", "tab": "area"})
    assert "139****7753" in unquote(answer.url)
    assert "13926187753" not in answer.url
    assert case.number in as_("dispatcher").get(answer.url).content.decode()
