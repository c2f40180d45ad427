"""What the pages of responsibilities show: a list in force, a draft, a matter outside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils import timezone

from huying.duties import drafting, listing
from tests.desk.world import TOWN

if TYPE_CHECKING:
    from huying.duties.models import DutyList
    from tests.desk.world import World


@dataclass(frozen=True)
class Shown:
    holding: DutyList
    draft: DutyList


def entry_of(number: int = 0, **more: object) -> listing.Entry:
    """An entry as somebody writes it."""
    made = listing.Entry(
        number=number,
        title="市容环境和占道经营巡查处置",
        department="城管执法队",
        level="town",
        items=("0211",),
        basis="《城市市容和环境卫生管理条例》第十四条",
        limits="小区红线内由物业服务的区域不在内",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def published(world: World) -> DutyList:
    """A list of the town, drafted by its desk and published by its leader."""
    now = timezone.now()
    desk, leader = world.actor("dispatcher"), world.actor("leader")
    row = drafting.begin(TOWN, by=desk, now=now)
    number = next(each.number for each in listing.entries_of(row) if "0211" in each.items)
    drafting.put(row.pk, entry_of(number), by=desk, now=now)
    return drafting.publish(row.pk, timezone.localdate(now), by=leader, now=now)


def with_duties(world: World) -> Shown:
    """A list in force, a draft of the next one, and a case that was declined by the list."""
    holding = published(world)
    case = world.held_by_town(world.reported("小区地下车库照明坏了，请城管来修。"))
    world.do(
        case,
        "decline",
        "dispatcher",
        reason_code="outside_list",
        reason="属物业服务范围。",
        entry=18,
    )
    draft = drafting.begin(TOWN, by=world.actor("dispatcher"), now=timezone.now())
    return Shown(holding, draft)


def duty_pages(shown: Shown) -> dict[str, list[tuple[str, str]]]:
    """Names and addresses, by the person who opens them."""
    return {
        "dispatcher": [
            ("duties", "/desk/duties/"),
            ("duties-none", "/desk/duties/?q=没有这样的词"),
            ("duty-declined", "/desk/duties/declined"),
            ("duty-declined-none", "/desk/duties/declined?month=2026-01"),
            ("duty-versions", "/desk/duties/versions/"),
            ("duty-version", f"/desk/duties/versions/{shown.holding.pk}"),
            ("duty-draft", f"/desk/duties/versions/{shown.draft.pk}?entry=18"),
        ],
    }
