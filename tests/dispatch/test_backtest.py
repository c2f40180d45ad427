"""A draft held against past cases: what would have gone elsewhere, and what it does to the load."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from huying.dispatch import backtest, grammar
from huying.dispatch.loading import default_text
from huying.dispatch.rulebook import in_force
from tests.cases.town import DAY, DISTRICT, FACTORY, OPINION, Town

TO_FIRE = """
规则 smoke 厂房冒烟
当 事项 0204
当 性质 复杂
当 文字 冒烟
则 层级 村社区
则 牵头 部门 消防
则 时限 6 小时
"""


def replay(town: Town, text: str) -> dict[str, Any]:
    base = in_force(DISTRICT, town.now)
    assert base is not None
    found = backtest.run(DISTRICT, grammar.read(text), base.book, DAY, DAY + timedelta(days=1))
    assert found is not None
    return found


def accepted(town: Town, *texts: str, item: str = FACTORY) -> None:
    for text in texts:
        case = town.report(text, item=item)
        town.do("accept", case, by=town.desk_of(case))


def test_what_would_have_gone_elsewhere_and_what_it_does_to_the_load(town: Town) -> None:
    accepted(town, "车间冒烟", "没有冒烟，配电箱没有门", "机器冒烟", "叉车无证")
    accepted(town, "希望增加停车位，现场冒烟", item=OPINION)
    town.report("没有人接手，冒烟")  # not accepted: no unit was asked for
    town.do("dispatch", town.bring_to("accepted", town.report(item=FACTORY)))
    found = replay(town, default_text() + TO_FIRE)
    assert (found["cases"], found["moved"]) == (6, 2)
    assert (found["level_changed"], found["limit_changed"]) == (2, 2)
    loads = {each["name"]: (each["before"], each["after"]) for each in found["units"]}
    # Safety office and team are equals for a factory and share: five before, three after.
    assert loads["fire"] == (0, 2)
    assert sum(loads["safety"]) + sum(loads["team"]) == 5 + 3
    assert loads["committee"] == (1, 1)
    assert sum(each["actual"] for each in found["units"]) == 1
    assert found["items"] == [{"item": FACTORY, "moved": 2}]
    assert {each["to"] for each in found["moves"]} == {"fire"}
    assert [each["rule"] for each in found["samples"]] == ["smoke", "smoke"]


def test_the_same_rules_move_nothing(town: Town) -> None:
    accepted(town, "车间冒烟", "叉车无证", "机器冒烟")
    found = replay(town, default_text())
    assert (found["cases"], found["moved"], found["samples"]) == (3, 0, [])
    assert all(each["before"] == each["after"] for each in found["units"])


def test_it_can_be_ended_on_the_way(town: Town) -> None:
    accepted(town, "车间冒烟")
    base = in_force(DISTRICT, town.now)
    assert base is not None
    ended = backtest.run(DISTRICT, (), base.book, DAY, DAY, advance=lambda cases: False)
    assert ended is None
