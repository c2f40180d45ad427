"""What several residents of the demo report as one problem, and the topics that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from huying.cases.models import Case, Channel
from huying.intake.reporting import Told, take
from huying.people.demo import SHOWN_TOWN, SHOWN_VILLAGE, SINCE
from huying.people.names import generated_name
from huying.response.hearing import make_link
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_words import dice, phone_of_nobody
from huying.topics.building import build

MIXER: Final = (
    "锦绣新城小区旁边新建了搅拌站，噪音很大，晚上睡不着。",
    "投诉锦绣新城附近的搅拌站，粉尘满天飞，窗都不敢开。",
    "锦绣新城旁的搅拌站半夜还在施工，噪音扰民，老人受不了。",
    "锦绣新城边上那个搅拌站灰尘和噪音太大，请尽快处理。",
    "我住锦绣新城，楼下搅拌站天天噪音扰民，粉尘落了一阳台。",
    "搅拌站就建在锦绣新城小区门口，噪音粉尘谁来管？",
    "锦绣新城搅拌站又开工到凌晨，噪音实在太吵。",
)
WATER: Final = (
    "龙湾花园地下车库一下雨就积水，车都泡了。",
    "龙湾花园车库积水，水泵坏了没人修。",
    "昨晚下雨龙湾花园地下车库又积水，希望尽快修好水泵。",
    "龙湾花园车库排水不通，积水到脚踝。",
)
_CALLERS: Final = 700_000
"""Where the numbers of these callers begin, apart from all others of the demo."""


def load_topics(now: datetime) -> int:
    """Two problems that many report; the topics are gathered at once. How many are new."""
    chance = dice("topics")
    cast = Cast(SINCE, chance)
    grid = chance.choice(cast.grids(SHOWN_VILLAGE))
    other = chance.choice(cast.grids(SHOWN_TOWN))
    _report(cast, grid, MIXER, now, days=(9.0, 6.2, 4.4, 2.1, 1.3, 0.6, 0.2))
    _report(cast, other, WATER, now, days=(5.0, 4.9, 1.2, 1.0))
    return build(now=now)


def _report(
    cast: Cast, grid: str, said: Sequence[str], now: datetime, *, days: Sequence[float]
) -> None:
    chance = dice("topics", grid)
    for n, (text, ago) in enumerate(zip(said, days, strict=True)):
        at = now - timedelta(days=ago)
        lon, lat = cast.spot(grid, chance)
        number = _CALLERS + int(grid[-5:]) % 1000 * 10 + n
        told = Told(
            channel=Channel.HOTLINE,
            text=text,
            lon=lon,
            lat=lat,
            accuracy_m=30,
            contact_name=generated_name(number % 100_000),
            contact_phone=phone_of_nobody(number),
            occurred_at=at,
            alarms=False,
        )
        case: Case = take(told, by=cast.dispatcher(grid[:9], chance), now=at)
        if n % 3:
            make_link(case, at)
