"""Which reports are one topic, by words, names and positions, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from huying.topics import naming
from huying.topics.gathering import gather
from huying.topics.heat import heat
from huying.topics.reading import Report

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)

MIXER = (
    "丽景新城小区旁边建搅拌站，噪音扰民",
    "投诉丽景新城附近的搅拌站，粉尘和噪音污染严重",
    "我们丽景新城旁的搅拌站半夜还在施工，噪音很大",
    "请求取缔丽景新城边上的搅拌站，灰尘太大噪音太吵",
)
PARKING = (
    "关于丽景新城捆绑销售车位的问题",
    "丽景新城开发商强制捆绑销售车位",
    "投诉丽景新城捆绑车位销售",
)
ELSEWHERE = (
    "和兴花园旁边建搅拌站，噪音扰民",
    "东涌大道路灯不亮",
    "沙湾公园何时开放",
    "石碁小学门口乱停车",
)


def reports(*texts: str, **more: Any) -> list[Report]:
    return [
        Report(id=text[:14], at=NOW - timedelta(hours=hours), text=text, person=text[:9], **more)
        for hours, text in enumerate(texts)
    ]


def members(found: list[Any]) -> list[set[str]]:
    return [{each.text for each in cluster.members} for cluster in found]


def test_one_problem_of_one_place_is_a_topic_and_the_theme_of_many_places_is_none() -> None:
    found = gather(reports(*MIXER, *PARKING, *ELSEWHERE))
    assert members(found) == [set(MIXER), set(PARKING)]
    mixer = found[0]
    assert mixer.names[0] == ("丽景新城", 4)
    assert mixer.title.startswith("丽景新城：")
    assert "搅拌站" in mixer.title
    assert mixer.words[0][1] > 1


def test_names_are_learnt_from_how_they_are_used() -> None:
    names = naming.learn([*MIXER, *PARKING, *ELSEWHERE, "和兴花园门口积水"])
    assert names.of("我家在丽景新城和和兴花园之间") == ("丽景新城", "和兴花园")
    assert "搅拌站" not in names.counts  # a thing, no place


def test_one_person_who_writes_often_makes_no_topic() -> None:
    often = [Report(id=str(n), at=NOW, text=text, person="same") for n, text in enumerate(MIXER)]
    assert gather([*often, *reports(*ELSEWHERE)]) == []


def test_positions_speak_where_no_name_does() -> None:
    said = (
        "路边搅拌站噪音很大",
        "搅拌站半夜施工，噪音扰民",
        "搅拌站粉尘噪音，天天吵",
        "搅拌站噪音没人管",
    )
    near = [
        Report(id=str(n), at=NOW, text=text, lon=113.40 + n * 0.0005, lat=22.9)
        for n, text in enumerate(said)
    ]
    assert [len(each.members) for each in gather(near)] == [4]
    far = [
        Report(id=str(n), at=NOW, text=text, lon=113.40 + n * 0.02, lat=22.9)
        for n, text in enumerate(said)
    ]
    assert gather(far) == []


def test_two_positions_far_apart_are_not_one_place_whatever_is_named() -> None:
    said = [Report(id=str(n), at=NOW, text=text, lat=22.9) for n, text in enumerate(MIXER)]
    assert gather([]) == []
    for apart, topics in ((0.004, [4]), (0.02, [])):  # Degrees; some 400 m, and 2 km.
        placed = [replace(each, lon=113.4 + n * apart) for n, each in enumerate(said)]
        found = gather([*placed, *reports(*ELSEWHERE)])
        assert [len(each.members) for each in found] == topics


def test_what_a_person_has_decided_stays() -> None:
    given = reports(*MIXER, *PARKING, *ELSEWHERE)
    by_text = {each.text: each.id for each in given}
    stands = {"t": [by_text[MIXER[0]], by_text[PARKING[0]]]}
    apart = [(by_text[MIXER[1]], "t")]
    found = gather(given, earlier=stands, apart=apart)
    (kept,) = [each for each in found if each.key == "t"]
    texts = {each.text for each in kept.members}
    assert {MIXER[0], PARKING[0]} <= texts
    assert MIXER[1] not in texts


def test_two_topics_that_stand_are_not_joined_by_themselves() -> None:
    given = reports(*MIXER)
    ids = [each.id for each in given]
    found = gather(given, earlier={"a": ids[:2], "b": ids[2:]})
    assert {each.key: len(each.members) for each in found} == {"a": 2, "b": 2}


def test_heat_counts_people_growth_likes_and_days() -> None:
    quiet = heat([Report(id=str(n), at=NOW - timedelta(days=40), text="") for n in range(3)], NOW)
    growing = heat([Report(id=str(n), at=NOW, text="") for n in range(3)], NOW)
    liked = heat([Report(id=str(n), at=NOW, text="", likes=500) for n in range(3)], NOW)
    again = heat([Report(id=str(n), at=NOW, text="", person="same") for n in range(3)], NOW)
    assert quiet.value < growing.value < liked.value
    assert (growing.growth, quiet.growth) == (3, 0)
    assert (again.reports, again.people) == (3, 1)
    assert again.value < growing.value
