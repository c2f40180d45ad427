"""Figures of an area: what is shown to whom, and that each opens the cases it is made of."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from huying.assessment.answering import counts
from huying.assessment.closing import month_of
from huying.assessment.counting import By
from huying.assessment.following import clear, follow, follows
from huying.assessment.indicators import indicators
from huying.assessment.opening import Of, Part, behind, made_of
from huying.assessment.tallies import Tally
from huying.assessment.wording import WORDS, definition
from huying.desk.figures_asked import BY_WORDS, GROUPS
from tests.desk.closed import closed_now
from tests.desk.world import COMMUNITY, DISTRICT, GRID, TOWN, World

CASES = st.lists(st.integers(1, 9).map(lambda n: UUID(int=n)), max_size=9)


def test_every_indicator_stands_in_one_group_and_can_be_read() -> None:
    grouped = [code for _words, codes in GROUPS.values() for code in codes]
    assert sorted(grouped) == sorted(indicators())
    assert set(WORDS) == set(Tally)
    assert set(BY_WORDS) == set(By)
    above, below = definition(indicators()["satisfied"])
    assert above == "满意的居民 + 0.9 × 基本满意的居民"
    assert below == "听取到意见的居民"


@given(CASES, CASES)
def test_what_was_missed_is_what_was_due_and_not_done(due: list[UUID], done: list[UUID]) -> None:
    found = {Tally.HANDLE_DUE: due + done, Tally.HANDLE_DONE: done}
    rate, waiting = indicators()["handled"], indicators()["waiting_late"]
    whole = behind(rate, found, Part.DENOMINATOR)
    assert whole == behind(rate, found, Part.NUMERATOR) + behind(rate, found, Part.REST)
    assert behind(rate, found, Part.REST) == behind(waiting, found, Part.NUMERATOR)
    assert sorted(behind(waiting, found, Part.NUMERATOR).elements()) == sorted(due)


def test_patrols_open_places_and_surveys_open_surveys() -> None:
    of = {made_of(each) for each in indicators().values()}
    assert of == set(Of)
    assert made_of(indicators()["patrol_covered"]) is Of.PLACES
    assert made_of(indicators()["collected"]) is Of.SURVEYS


def get(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_a_desk_reads_its_area_and_opens_a_figure_down_to_the_case(world: World, as_: Any) -> None:
    done = world.closed()
    returned = world.do(
        world.handling(), "return", "handler", reason_code="not_ours", reason="不是本队职责",
        suggested_unit=world.units["second"].pk,
    )  # fmt: skip
    desk = as_("dispatcher")
    table = get(desk, "/desk/figures/", by="grid", group="desk")
    assert "小龙村第1网格" in table
    assert "50.00 %" in table
    assert "1/2" in table
    assert "无数据" in get(desk, "/desk/figures/", by="grid", group="closing")
    assert "准确派遣率" in get(desk, "/desk/figures/", by="all")
    # Without a query the last look comes back.
    assert "by=all" in desk.get("/desk/figures/").headers["Location"]
    one = {"by": "grid", "subject": GRID, "indicator": "dispatched_rightly"}
    whole = get(desk, "/desk/figures/cases", **one)
    missed = get(desk, "/desk/figures/cases", **one, part="rest")
    assert (done.number in whole, returned.number in whole) == (True, True)
    assert (done.number in missed, returned.number in missed) == (False, True)
    assert "未被退回的派遣" in whole, "how it is counted stands in words"
    assert desk.get("/desk/figures/cases", one | {"indicator": "luck"}).status_code == 404

    book = desk.get("/desk/figures/table.xlsx", {"by": "grid", "group": "desk"})
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    )
    assert [rows[1][0], rows[1][rows[0].index("准确派遣率 · 分母")]] == ["小龙村第1网格", 2]

    far = get(as_("far_dispatcher"), "/desk/figures/", by="all", area=TOWN)
    assert "石碁镇" not in far.split("<main")[-1].split("</main")[0], "another town's are not there"


def test_who_is_assessed_sees_their_own_figures_and_no_others(world: World, as_: Any) -> None:
    case = world.closed()
    lead = str(world.units["lead"].pk)
    handler = as_("handler")
    assert "0/1" in get(handler, "/desk/figures/", by="unit", group="handling"), "no rework"
    own = {"by": "unit", "subject": lead, "indicator": "rework"}
    assert case.number in get(handler, "/desk/figures/cases", **own)
    assert handler.get("/desk/figures/cases", own | {"subject": "1"}).status_code == 404
    by_grid = {"by": "grid", "subject": GRID, "indicator": "dispatched_rightly"}
    assert handler.get("/desk/figures/cases", by_grid).status_code == 404
    worker = get(as_("worker"), "/desk/figures/", by="unit", area=COMMUNITY)
    assert "石碁镇城管执法队" not in worker


def test_a_closed_month_says_so_and_what_was_learned_since(world: World, as_: Any) -> None:
    first, last = month_of(timezone.localdate())
    case, month = world.handled(), f"{first:%Y-%m}"
    desk, unit = as_("dispatcher"), str(world.units["lead"].pk)
    look = {"by": "unit", "group": "handling", "period": month}
    assert "已封账" not in get(desk, "/desk/figures/", **look)
    closed_now(DISTRICT, first, last)
    page = get(desk, "/desk/figures/", **look)
    assert "已封账" in page
    assert "没有更正" in page

    world.do(case, "check_fail", "checker", reason="现场仍有垃圾")
    follow()
    page = get(desk, "/desk/figures/", **look)
    assert "2 项更正" in page
    assert f"/desk/cases/{case.number}" in page
    one = {"by": "unit", "subject": unit, "indicator": "rework", "period": month}
    figure = get(desk, "/desk/figures/cases", **one)
    assert "无数据" in figure, "as it was closed"
    assert f"/desk/cases/{case.number}" in figure, "and what is known now"
    assert case.number in get(as_("handler"), "/desk/figures/cases", **one)
    assert (
        get(desk, "/desk/figures/cases", **one | {"indicator": "satisfied"}).count("没有更正") == 1
    )
    far = get(as_("far_dispatcher"), "/desk/figures/", **look)
    assert "没有更正" in far, "another town's corrections are not there"

    book = desk.get("/desk/figures/table.xlsx", look)
    about = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(1)
    told = {str(row[0]): str(row[1]) for row in about.to_python()}
    assert told["更正"] == "2"
    assert any(case.number in words for words in told.values())


def test_a_closed_month_stands_while_the_sums_do_not_follow(world: World, as_: Any) -> None:
    first, last = month_of(timezone.localdate())
    world.closed()
    asked = {"by": "all", "period": f"{first:%Y-%m}"}
    assert "从事件逐条计算" in get(as_("dispatcher"), "/desk/figures/", **asked)
    closed_now(DISTRICT, first, last)
    before = counts(DISTRICT, first, last, By.UNIT)
    world.closed()
    clear()
    assert not follows()
    assert counts(DISTRICT, first, last, By.UNIT) == before
    # Of a village by unit there are no sums: they are counted from the log as it was then.
    village = counts(COMMUNITY, first, last, By.UNIT)
    assert village[str(world.units["lead"].pk)][Tally.CLOSINGS] == 1
    page = get(as_("dispatcher"), "/desk/figures/", **asked)
    assert "暂时无法列出更正" in page
    follow()
    assert follows()
    assert follows(timezone.now(), exactly=True)
    assert counts(COMMUNITY, first, last, By.UNIT) == village
