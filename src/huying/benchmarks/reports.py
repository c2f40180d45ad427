"""Reports as a connected system would send them: the catalogue's example sentences, varied."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

STREETS = (
    "东兴路", "大石路", "富华中路", "长堤东路", "清河东路", "西丽南路", "桥兴大道", "环城西路",
    "兴业大道", "南大公路", "市莲路", "石清公路", "朝阳东路", "工业大道", "康乐路", "迎宾路",
)  # fmt: skip
SPOTS = (
    "便利店门口", "公交站旁", "菜市场后面", "小学围墙外", "河涌边", "天桥底", "祠堂前",
    "停车场入口", "三号楼梯口", "工地围挡外", "加油站对面", "巷子尽头", "篮球场边",
    "垃圾房旁", "变电箱旁边",
)  # fmt: skip
SINCE = (
    "今天早上", "昨晚十点多", "上周开始", "已经三天了", "每到下雨", "早晚高峰", "近半个月", "刚才",
)  # fmt: skip
PLEAS = (
    "影响出行，请尽快派人处理。", "附近老人小孩多，很不安全。", "打过一次电话没有人来。",
    "希望能彻底解决，谢谢。", "请安排人员到现场看看。", "街坊都有意见。",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """One report's words and place, and the item that a person would choose for it."""

    text: str
    address: str
    lon: float
    lat: float
    item: str


def samples(count: int, seed: int = 440113) -> list[Sample]:
    """So many different reports, with positions inside the district's grids."""
    import numpy as np
    import shapely

    from huying.catalogue.versions import snapshot
    from huying.places.locating import index

    draw = random.Random(seed)  # noqa: S311 - the same reports each time, nothing secret
    items = [item for item in snapshot(datetime.now(UTC)).active if item.example]
    outlines = index().outlines
    places = shapely.get_coordinates(shapely.point_on_surface(outlines))
    chosen = places[np.array([draw.randrange(len(places)) for _ in range(count)])]
    made = []
    for lon, lat in chosen.tolist():
        item = draw.choice(items)
        street, spot = draw.choice(STREETS), draw.choice(SPOTS)
        number = draw.randint(1, 480)
        text = f"{draw.choice(SINCE)}，{street}{number}号{spot}：{item.example}{draw.choice(PLEAS)}"
        address = f"{street}{number}号{spot}"
        made.append(Sample(text, address, round(lon, 6), round(lat, 6), item.code))
    return made


def body(sample: Sample, *, item: bool) -> dict[str, Any]:
    """The report as the interface takes it; without an item one is suggested from the words."""
    report: dict[str, Any] = {
        "text": sample.text,
        "address": sample.address,
        "position": {"lon": sample.lon, "lat": sample.lat, "datum": "wgs84", "accuracy_m": 15},
    }
    return report | ({"item": sample.item} if item else {})


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
