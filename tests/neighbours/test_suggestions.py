"""Suggestions are collected once, sorted, answered or adopted, carried out, and counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.audit.models import AccessLog
from huying.cases.models import Case
from huying.errors import BadInput, KeyReused, Missing, NotAllowed, NotFound, WrongState
from huying.neighbours import codes, figures, photos, sorting, suggesting, wishing
from huying.neighbours.models import NeighbourPhoto, Suggestion, SuggestionTopic
from huying.neighbours.sorting import likely, signs_of
from huying.notices.models import Notice
from huying.people.acting import RESIDENT
from tests.desk.world import COMMUNITY
from tests.neighbours.stories import at_once, now, published, suggested

if TYPE_CHECKING:
    from tests.desk.world import World


def test_a_suggestion_is_sorted_by_its_words_and_the_desk_is_told(world: World) -> None:
    # Desks of exactly this community are told; the town's is not.
    world.posts["dispatcher"].area_code = COMMUNITY
    world.posts["dispatcher"].save()
    for words, topic in (
        ("楼下遛狗不牵绳，吓到小孩。", "养犬"),
        ("晚上没有车位，乱停到消防通道。", "停车"),
        ("想知道明年入学学位怎么安排。", "入学"),
        ("谢谢。", None),
    ):
        found, _code = suggested(words)
        assert (found.topic.name if found.topic else None) == topic
    assert Notice.objects.filter(kind="neighbours_suggested").count() == 4


def test_its_code_leads_to_it_and_no_other_does(world: World) -> None:
    found, code = suggested()
    assert codes.find(code) == found
    assert codes.find(f"{code[:4]} {code[4:8]}-{code[8:]}".upper()) == found
    for wrong in ("", "x" * 16, code[:-1], code[:-1] + "é", "不" * 16):
        assert codes.find(wrong) is None


def test_the_same_form_makes_one_suggestion(world: World) -> None:
    first, code = suggested(form="ticket-1")
    again, same = suggested(form="ticket-1")
    assert (again, same) == (first, code)
    with pytest.raises(KeyReused):
        suggested("另一件事", form="ticket-1")
    assert Suggestion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_makes_one(world: World) -> None:
    sorting.ensure(COMMUNITY)
    results = at_once([lambda: suggested(form="ticket-2")] * 2)
    assert results[0] == results[1]
    assert Suggestion.objects.count() == 1


def test_phone_and_numbers_are_sealed_or_masked_and_looks_recorded(world: World) -> None:
    found, _code = suggested("电话13926187754，找我", phone="139 2618 7754")
    row = Suggestion.objects.values().get()
    assert not any("13926187754" in str(value) for value in row.values())
    assert (row["phone_masked"], row["words"]) == ("139****7754", "电话139****7754，找我")
    by = world.actor("dispatcher")
    with pytest.raises(Missing):
        suggesting.reveal(found.pk, purpose="", by=by, now=now())
    assert suggesting.reveal(found.pk, purpose="tell_result", by=by, now=now()) == "13926187754"
    assert AccessLog.objects.get().action == "reveal_suggestion"
    with pytest.raises(NotAllowed):
        suggesting.reveal(found.pk, purpose="tell_result", by=world.actor("leader"), now=now())
    with pytest.raises(NotFound):
        suggesting.reveal(
            found.pk, purpose="tell_result", by=world.actor("far_dispatcher"), now=now()
        )


def test_an_answer_needs_a_reason_and_is_the_last_word(world: World) -> None:
    found, _code = suggested()
    by = world.actor("dispatcher")
    with pytest.raises(Missing):
        suggesting.answer(found.pk, " ", by=by, now=now())
    suggesting.answer(found.pk, "该路段归市政管，已转告。", by=by, now=now())
    with pytest.raises(WrongState):
        suggesting.adopt(found.pk, by=by, now=now())
    with pytest.raises(WrongState):
        suggesting.carry_out(found.pk, "做了", by=by, now=now())


def test_several_become_one_project_and_are_done_with_it(world: World) -> None:
    by = world.actor("dispatcher")
    first, second = suggested()[0], suggested("门口再放一个垃圾桶。")[0]
    told = wishing.Told("project", "门口保洁", "每周清扫两次。")
    wish = suggesting.to_wish(first.pk, told, by=by, now=now())
    suggesting.join(second.pk, wish.pk, by=by, now=now())
    with pytest.raises(WrongState):
        suggesting.to_wish(second.pk, told, by=by, now=now())
    with pytest.raises(WrongState):
        suggesting.carry_out(first.pk, "做了", by=by, now=now())
    from tests.neighbours.stories import approved

    wishing.publish(wish.pk, by=by, now=now())
    approved(world, wish)
    assert set(Suggestion.objects.values_list("state", flat=True)) == {"done"}


def test_what_became_a_case_is_done_when_the_case_is_closed(world: World) -> None:
    found, by = suggested()[0], world.actor("dispatcher")
    case = world.checked()
    suggesting.to_case(found.pk, case.pk, by=by, now=now())
    assert suggesting.follow_cases(now=now()) == 0
    with pytest.raises(WrongState):
        suggesting.carry_out(found.pk, "做了", by=by, now=now())
    world.do(Case.objects.get(pk=case.pk), "close", "dispatcher")
    assert suggesting.follow_cases(now=now()) == 1
    assert suggesting.follow_cases(now=now()) == 0
    found.refresh_from_db()
    assert found.state == "done"


def test_only_a_project_of_the_same_community_takes_it(world: World) -> None:
    found, by = suggested()[0], world.actor("dispatcher")
    wish = published(world)
    type(wish).objects.filter(pk=wish.pk).update(area_code="440113120203")
    with pytest.raises(BadInput):
        suggesting.join(found.pk, wish.pk, by=by, now=now())


def test_members_suggest_and_see_their_own(world: World) -> None:
    said = suggesting.Said(COMMUNITY, "想要一个图书角。")
    found, _code = suggesting.collect(said, by=world.actor("member"), now=now())
    assert (found.source, found.account) == ("member", world.accounts["member"])
    assert Suggestion.objects.visible_to(world.actor("member")).count() == 1
    assert not Suggestion.objects.visible_to(world.actor("far_member")).exists()
    assert not Suggestion.objects.visible_to(world.actor("far_dispatcher")).exists()
    with pytest.raises(NotAllowed):
        suggesting.collect(said, by=world.actor("worker"), now=now())
    with pytest.raises(BadInput):
        suggesting.collect(suggesting.Said("440113120", "哪里"), by=RESIDENT, now=now())


def test_only_photos_that_the_desk_lets_be_seen_are_public(world: World) -> None:
    by = world.actor("dispatcher")
    found, _code = suggested()
    suggesting.adopt(found.pk, by=by, now=now())
    after = [world.photo("dispatcher", "photo_after")]
    suggesting.carry_out(found.pk, "清扫了", after=after, by=by, now=now())
    photo = NeighbourPhoto.objects.get()
    assert photos.shown(photo.pk) is None
    with pytest.raises(NotFound):
        photos.show(photo.pk, True, by=world.actor("far_dispatcher"), now=now())
    photos.show(photo.pk, True, by=by, now=now())
    assert photos.shown(photo.pk) is not None
    photos.show(photo.pk, False, by=by, now=now())
    assert photos.shown(photo.pk) is None


def test_figures_are_counted_from_records(world: World) -> None:
    by = world.actor("dispatcher")
    rows = [suggested(f"第{n}件：停车难")[0] for n in range(5)]
    suggesting.answer(rows[0].pk, "已说明", by=by, now=now())
    for each in rows[1:4]:
        suggesting.adopt(each.pk, by=by, now=now())
    suggesting.carry_out(rows[1].pk, "划了车位", by=by, now=now() + timedelta(hours=1))
    whole = figures.of_area(COMMUNITY)
    assert (whole.collected, whole.adopted, whole.done, whole.answered) == (5, 2, 1, 1)
    assert figures.by_topic(COMMUNITY) == [("停车", 5, 1)]
    assert figures.of_area("440113102003").collected == 0


def test_a_community_edits_its_own_topics(world: World) -> None:
    by = world.actor("dispatcher")
    new = sorting.put(COMMUNITY, "电梯", ["电梯", "加装"], by=by, now=now())
    assert suggested("三栋想加装电梯。")[0].topic == new
    with pytest.raises(BadInput):
        sorting.put(COMMUNITY, "电梯", [], by=by, now=now())
    sorting.put(COMMUNITY, "电梯", ["电梯"], by=by, now=now(), pk=new.pk, active=False)
    assert suggested("三栋想加装电梯。")[0].topic != new
    with pytest.raises(NotAllowed):
        sorting.put(COMMUNITY, "别的", [], by=world.actor("far_dispatcher"), now=now())
    assert not SuggestionTopic.objects.exclude(area_code=COMMUNITY).exists()


@given(st.text(max_size=60))
def test_words_never_fall_under_a_topic_that_is_not_in_use(words: str) -> None:
    topics = [
        SuggestionTopic(name=name, signs=list(signs), active=n % 2 == 0)
        for n, (name, signs) in enumerate(sorting.FIRST)
    ]
    found = likely(words, topics)
    assert found is None or (found.active and any(sign in words for sign in found.signs))


@given(st.lists(st.sampled_from(["车位", "停车", "狗", "吵"]), max_size=8))
def test_typed_signs_come_once_in_their_order(typed: list[str]) -> None:
    assert signs_of("、 ".join(typed)) == list(dict.fromkeys(typed))
