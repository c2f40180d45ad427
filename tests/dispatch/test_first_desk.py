"""Which desk a new report reaches, why, and that every door says the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from huying.cases.first_desk import Why, first_desk
from huying.cases.models import Case, Channel
from huying.cases.timeline import timeline
from huying.dispatch import grammar, rulebook
from huying.dispatch.between_levels import by_desk, of_period, verdicts
from huying.dispatch.loading import default_text
from huying.dispatch.models import Rulebook
from huying.dispatch.moves import doubtful
from huying.dispatch.rules import as_data
from huying.dispatch.why_here import why_here
from huying.intake.messages import import_messages
from huying.places.models import Level
from tests.cases.town import (
    DISPUTE,
    DISTRICT,
    FACTORY,
    GRID_1,
    OPINION,
    PEOPLE,
    TOWN,
    XIAOLONG,
    Town,
)
from tests.dispatch.test_levels import story

# --- pure


def item(level: str) -> Any:
    return SimpleNamespace(default_level=level)


@pytest.mark.parametrize(
    ("area", "level", "more", "holder", "why"),
    [
        (GRID_1, "grid", {}, XIAOLONG, [Why.ITEM]),
        (GRID_1, "community", {}, XIAOLONG, [Why.ITEM]),
        (GRID_1, "town", {}, TOWN, [Why.ITEM]),
        (GRID_1, "", {}, TOWN, [Why.NO_ITEM]),
        (GRID_1, "grid", {"rule_level": Level.DISTRICT}, DISTRICT, [Why.RULE]),
        (GRID_1, "town", {"rule_level": Level.GRID}, XIAOLONG, [Why.RULE]),
        (GRID_1, "community", {"alarming": True}, TOWN, [Why.ITEM, Why.ALARMING]),
        (GRID_1, "town", {"rule_level": Level.COMMUNITY, "alarming": True}, TOWN,
         [Why.RULE, Why.ALARMING]),
        (GRID_1, "town", {"rule_level": Level.DISTRICT, "alarming": True}, DISTRICT, [Why.RULE]),
        (TOWN, "community", {}, TOWN, [Why.ITEM, Why.PLACE]),
        (DISTRICT, "", {}, DISTRICT, [Why.NO_ITEM, Why.PLACE]),
        (GRID_1, "community", {"main_holder": TOWN}, TOWN, [Why.MAIN_CASE]),
    ],
)  # fmt: skip
def test_the_level_decides_the_desk_as_far_as_the_place_is_known(
    area: str, level: str, more: dict[str, Any], holder: str, why: list[Why]
) -> None:
    found = first_desk(area, item(level) if level else None, **more)
    assert (found.holder, list(found.why)) == (holder, why)


# --- by every door

RULES = """
规则 market 集贸市场
当 文字 集贸市场
则 层级 区

规则 quarrel 邻里小事
当 事项 0213
当 文字 晾衣
则 层级 村社区

规则 register 登记错误
当 事项 0101
当 渠道 居民留言、热线
则 层级 镇街
"""


@pytest.fixture
def rules(town: Town) -> Iterator[None]:
    begun = town.now - timedelta(days=1)
    Rulebook.objects.create(
        district_code=DISTRICT,
        version=2,
        state="published",
        rules=[as_data(each) for each in grammar.read(default_text() + RULES)],
        created_at=begun,
        changed_at=begun,
        published_at=begun,
        effective_from=begun,
    )
    rulebook.forget()
    yield
    rulebook.forget()


def test_a_rules_level_moves_the_desk_when_the_report_comes_in(town: Town, rules: None) -> None:
    plain = town.report("有人反映楼道堆物", item=OPINION)
    assert (plain.holder_code, plain.level) == (XIAOLONG, "community")
    # Also of a report for which nobody chose an item.
    case = town.report("集贸市场要搬迁，商户有意见")
    assert (case.holder_code, case.level) == (DISTRICT, "district")
    data = town.last(case).data
    assert (data["why"], data["rule"], data["rulebook"]) == (["rule"], "market", 2)
    assert case.rule == ""  # accepting decides, with the item that the desk chooses
    (why,) = why_here(timeline(case))
    assert "market 集贸市场" in why
    # What may be an emergency the town sees, whatever a rule says.
    loud = town.report("为晾衣吵架，有人持刀", item=DISPUTE)
    assert (loud.holder_code, town.last(loud).data["why"]) == (TOWN, ["rule", "alarming"])
    assert "持刀" in why_here(timeline(loud))[0]


def test_every_door_brings_a_report_to_the_same_desk(
    town: Town, rules: None, tmp_path: Path
) -> None:
    table = tmp_path / "messages.csv"
    table.write_text(
        "id,user,time,subject,text,likes,dislikes\n"
        "7,a,2019-07-11T09:00:00,市场,集贸市场没有停车位,0,0\n",
        encoding="utf-8",
    )
    import_messages(table, now=town.now)
    imported = Case.objects.get(channel="message")
    assert imported.holder_code == DISTRICT
    assert imported.events.get(seq=1).data["rule"] == "market"
    # The channel is one of the things that a rule may ask for.
    registered = town.report("搬走了没有登记", item=PEOPLE)
    assert town.report("搬走了没有登记", item=PEOPLE, channel=Channel.HOTLINE).holder_code == TOWN
    assert registered.holder_code == XIAOLONG
    # A sub-case lies with the desk of its main case.
    main = town.bring_to("accepted")
    sub = town.do("split", main, item=OPINION, text="集贸市场的另一件事").subs.get()
    assert sub.holder_code == main.holder_code
    assert sub.events.get(seq=1).data["why"] == ["main_case"]


def test_another_item_before_acceptance_takes_the_rules_level(town: Town, rules: None) -> None:
    case = town.do("change_item", town.report("邻居晾衣滴水"), item=DISPUTE, reason="是纠纷")
    assert (case.level, case.rule, town.last(case).data["rule"]) == ("community", "", "quarrel")
    # Sending it up although the rule puts it here looks wrong, as with an item's own level.
    low = town.report("邻居晾衣滴水", item=DISPUTE)
    low = town.do("escalate", low, by="village_dispatcher", reason_code="no_unit")
    assert [each.desk for each in doubtful(town.events(low))] == [XIAOLONG]
    said = why_here(timeline(low))
    assert "邻里小事" in said[1]
    assert "小龙" in said[0]


# --- what the assessment will read


def returned(unit: int, desk: str = "") -> Any:
    moved = {"from_holder": desk, "holder": TOWN} if desk else {}
    return "return", {"from_unit": unit, "suggested_unit": 9} | moved


def test_a_verdict_says_who_was_wrong_before_it() -> None:
    told = [("report", {}), returned(1), returned(2, XIAOLONG)]
    (found,) = verdicts(story(*told, ("arbitrate", {"unit": 2})))
    assert (found.wrongly, found.desk, found.sent_wrongly) == (True, XIAOLONG, ())
    (found,) = verdicts(story(*told, ("arbitrate", {"unit": 3})))
    assert (found.wrongly, found.sent_wrongly) == (False, (1, 2))
    assert verdicts(story(*told, ("arbitrate", {"unit": 3}), ("undo", {"undoes": 4}))) == []


def test_a_month_of_the_desks_is_counted_from_the_log(town: Town) -> None:
    start = town.now
    vain = town.do("escalate", town.report(item=OPINION), by="village_dispatcher")
    town.do("send_down", vain, to=XIAOLONG)
    low = town.do("send_down", town.report(item=FACTORY), to=XIAOLONG)
    town.do("arbitrate", town.bounced())
    town.later(minutes=1)
    found = of_period(Case.objects.all(), start, town.now)
    desks = {each.area_code: each for each in by_desk(found)}
    assert (desks[XIAOLONG].up, desks[XIAOLONG].up_doubted) == (2, 2)
    assert (desks[TOWN].down, desks[TOWN].down_doubted, desks[TOWN].decided_above) == (2, 1, 1)
    assert low.pk in {each.case_id for each in found if each.doubts}
    assert of_period(Case.objects.all(), town.now, town.now + timedelta(days=1)) == []
    mine = of_period(Case.objects.filter(pk=vain.pk), start, town.now)
    assert [each.case_id for each in mine] == [vain.pk]
