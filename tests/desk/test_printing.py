"""交办单 and 结案单: what stands on paper, and what does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.desk.world import World

CONTACT = {"contact_name": "欧阳询", "contact_phone": "13926187753"}


def sheet(client: Client, number: str, kind: str, status: int = 200) -> str:
    answer = client.get(f"/desk/cases/{number}/sheets/{kind}")
    assert answer.status_code == status
    return answer.content.decode()


def test_the_order_tells_the_unit_what_to_do(world: World, as_: Callable[..., Client]) -> None:
    case = world.accepted(**CONTACT)
    desk = as_("dispatcher")
    assert "案件派遣到责任单位后，才有交办单。" in sheet(desk, case.number, "order", 409)
    world.do(case, "dispatch", "dispatcher", unit=world.units["lead"].pk, requirement="先围蔽现场")
    for person in ("dispatcher", "handler"):
        paper = sheet(as_(person), case.number, "order")
        assert "案件交办单" in paper
        assert "先围蔽现场" in paper
        assert world.units["lead"].name in paper
        assert "欧**" in paper
        assert "欧阳询" not in paper
        assert "13926187753" not in paper
        assert "处置时限" in paper
    assert f"/desk/cases/{case.number}/sheets/order" in sheet_links(desk, case.number)


def sheet_links(client: Client, number: str) -> str:
    return client.get(f"/desk/cases/{number}").content.decode()


def test_the_closing_sheet_tells_how_it_went(world: World, as_: Callable[..., Client]) -> None:
    case = world.closed(**CONTACT)
    paper = sheet(as_("dispatcher"), case.number, "closing")
    for words in ("案件结案单", "已清运垃圾，地面冲洗干净。", "现场已整洁。", "核查通过", "按时"):
        assert words in paper
    assert paper.count("<figure>") == 2
    assert "13926187753" not in paper
    # The check was by another than the handler, and both stand on the sheet.
    assert world.accounts["handler"].name in paper
    assert world.accounts["checker"].name in paper


@pytest.mark.parametrize("kind", ["order", "closing"])
def test_a_sheet_that_is_not_there_says_so(
    kind: str, world: World, as_: Callable[..., Client]
) -> None:
    case = world.reported()
    assert "打印" not in sheet_links(as_("dispatcher"), case.number)
    sheet(as_("dispatcher"), case.number, kind, 409)
    sheet(as_("dispatcher"), case.number, "letter", 404)
