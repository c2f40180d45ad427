"""The three levels on the pages: the way, the banner, the decision."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from huying.cases.models import Case
from tests.desk.world import ITEM, TOWN, World

As = Callable[[str], Client]


def page(client: Client, case: Case) -> str:
    return client.get(f"/desk/cases/{case.number}").content.decode()


def moved(world: World) -> Case:
    case = world.do(
        world.held_by_town(world.reported()),
        "escalate",
        "dispatcher",
        reason="跨镇。",
        tried="已联系邻镇两次。",
        reason_code="serious",
    )
    return world.do(case, "send_down", "district_dispatcher", to=TOWN, reason="镇里先办。")


def test_the_way_is_drawn_with_reasons_and_doubts_for_the_desks(world: World, as_: As) -> None:
    case = moved(world)
    shown = page(as_("dispatcher"), case)
    assert "层级流转" in shown
    assert "已联系邻镇两次。" in shown
    assert "疑似不当上报" in shown
    assert "疑似不当上报" not in page(as_("checker"), case)  # nobody of the desks
    assert "层级流转" not in page(as_("dispatcher"), world.held_by_town(world.reported()))


def test_the_desk_below_reads_why_its_case_was_taken(world: World, as_: As) -> None:
    case = world.do(world.handling(), "take_over", "district_dispatcher", reason="媒体关注。")
    assert "番禺区已提级接办本案" in page(as_("dispatcher"), case)
    assert "已提级接办本案" not in page(as_("district_dispatcher"), case)


def test_the_page_says_when_the_matter_is_for_another_level(world: World, as_: As) -> None:
    case = world.do(world.held_by_town(world.reported()), "accept", "dispatcher", item=ITEM)
    assert case.level == "community"
    assert "可以下派" in page(as_("dispatcher"), case)
    case = world.do(case, "change_item", "dispatcher", item="0206", reason="现场为渣土。")
    assert "这是" not in page(as_("dispatcher"), case)


def test_the_district_decides_and_the_unit_is_told_it_may_not_return(world: World, as_: As) -> None:
    case = world.accepted()
    for _turn in range(2):
        case = world.do(
            world.held_by_town(case), "dispatch", "dispatcher", unit=world.units["lead"].pk
        )
        case = world.do(
            case, "return", "handler", reason_code="not_ours", reason="不属我队。",
            suggested_unit=world.units["second"].pk,
        )  # fmt: skip
    district = as_("district_dispatcher")
    form = district.get(f"/desk/cases/{case.number}/arbitrate").content.decode()
    assert "石碁镇城管执法队退单，建议派给石碁镇环卫站" in form
    sent = {
        "expect_seq": case.last_seq,
        "unit": world.units["lead"].pk,
        "reason": "按权责清单。",
    }
    assert district.post(f"/desk/cases/{case.number}/arbitrate", sent).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.lead_unit) == ("dispatched", world.units["lead"])
    handler = as_("handler")
    assert "已裁定由石碁镇城管执法队负责" in page(handler, case)
    back = {
        "expect_seq": case.last_seq, "reason_code": "not_ours", "reason": "仍不属我队。",
        "suggested_unit": world.units["second"].pk,
    }  # fmt: skip
    refused = handler.post(f"/desk/cases/{case.number}/return", back)
    assert refused.status_code == 422
    assert "只有出现新情况才可退单" in refused.content.decode()
    again = back | {"new_facts": "测绘显示在邻镇。"}
    assert handler.post(f"/desk/cases/{case.number}/return", again).status_code == 302
